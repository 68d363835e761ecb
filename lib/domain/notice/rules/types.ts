import { z } from "zod";
import { isoOrNull } from "@/db/rows";
import { moment } from "@/lib/domain/fields";
import { limits } from "@/lib/limits";
import { type DigestWord, digestWords, type Role, type ToldStatus, toldStatuses } from "@/lib/words";
import { isTimeZone } from "@/lib/workflow/time-zone";

/** A name of the IANA database. */
export const timeZoneInput = z
  .string()
  .max(100)
  .refine(isTimeZone, "This is not a time zone. Write a name such as Africa/Nairobi.");

/** What somebody hears of a project, as it applies, whether it was chosen or is what nobody has changed. */
export const noticeRule = z
  .strictObject({
    workflowIds: z.array(z.uuid()).nullable().meta({ description: "Of which workflows; null: of all." }),
    statuses: z.array(z.enum(toldStatuses)).nullable().meta({ description: "Of which ends; null: of all." }),
    atOnce: z.boolean().meta({ description: "Told when an issue begins, grows tenfold or returns." }),
    digest: z.enum(digestWords),
    timeZone: z
      .string()
      .meta({ description: "By which its digests go: a person's own, or the channel rule's." }),
    isChosen: z.boolean().meta({ description: "False: nobody has changed it." }),
    nextDigestAt: moment.nullable(),
    lastDigest: z.strictObject({ at: moment, said: z.boolean() }).nullable().meta({
      description: "The last one that was due; not `said`: nothing had happened, so it was not sent.",
    }),
  })
  .meta({ id: "NoticeRule" });
export type NoticeRule = z.infer<typeof noticeRule>;

/** What is left out stays as it is. */
export const ruleChange = z.strictObject({
  workflowIds: z
    .array(z.uuid())
    .min(1, "Choose at least one workflow, or all.")
    .max(limits.workflows)
    .nullable()
    .optional(),
  statuses: z
    .array(z.enum(toldStatuses))
    .min(1, "Choose at least one, or all.")
    .max(toldStatuses.length)
    .nullable()
    .optional(),
  atOnce: z.boolean().optional(),
  digest: z.enum(digestWords).optional(),
});

/** The same of a channel, which has no person whose zone it could go by. */
export const channelRuleChange = ruleChange.extend({
  timeZone: timeZoneInput.nullable().optional().meta({ description: "Null: UTC." }),
});
export type RuleChange = z.infer<typeof channelRuleChange>;

/** A row of `notice_rules`, as far as it says something. */
export type StoredRule = {
  workflowIds: string[] | null;
  statuses: ToldStatus[] | null;
  atOnce: boolean;
  digest: DigestWord;
  timeZone: string | null;
  nextDigestAt: Date | string | null;
  lastDigestAt: Date | string | null;
  lastDigestSaid: boolean | null;
};

/** What applies without a row: the owner, admins and channels hear at once, the others of nothing. */
export const unchosen = (hearsAtOnce: boolean): StoredRule => ({
  workflowIds: null,
  statuses: null,
  atOnce: hearsAtOnce,
  digest: "never",
  timeZone: null,
  nextDigestAt: null,
  lastDigestAt: null,
  lastDigestSaid: null,
});

export const hearsByRole = (role: Role): boolean => role === "owner" || role === "admin";

/** A rule as it is answered; `zone` is that of the person, or null for a channel's, which has its own. */
export function shownRule(
  row: StoredRule | undefined,
  of: { hearsAtOnce: boolean; timeZone: string | null },
): NoticeRule {
  const rule = row ?? unchosen(of.hearsAtOnce);
  const at = isoOrNull(rule.lastDigestAt);
  return {
    workflowIds: rule.workflowIds,
    statuses: rule.statuses,
    atOnce: rule.atOnce,
    digest: rule.digest,
    timeZone: of.timeZone ?? rule.timeZone ?? "UTC",
    isChosen: row !== undefined,
    nextDigestAt: isoOrNull(rule.nextDigestAt),
    lastDigest: at === null ? null : { at, said: rule.lastDigestSaid === true },
  };
}
