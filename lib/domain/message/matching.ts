import { z } from "zod";
import { queryOf } from "@/db/rows";
import { statement } from "@/db/statement";
import { matchableText } from "@/lib/body/stored";
import type { Context } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { heavyRead } from "@/lib/domain/heavy-read";
import { asksForMasked } from "@/lib/domain/mask/asks";
import { maskFor } from "@/lib/domain/mask/mask";
import { openVeil, type Veil } from "@/lib/domain/mask/veil";
import { requirePermission } from "@/lib/domain/permissions";
import { type ExactJson, parseExact } from "@/lib/exact-json";
import type { JsonPath } from "@/lib/json-path";
import { type Placed, withBody } from "@/lib/payloads/read";
import { contains } from "@/lib/queue/fragments";
import { conflict, notFound } from "@/lib/refusal";
import { shortJson, shortText } from "@/lib/short-json";
import { sqlJsonText } from "@/lib/sql-json";
import { type Wiped, wipedSentence } from "@/lib/state/wiped";
import { type MessageSource, matchingOutcomes } from "@/lib/words";
import { mismatchOf } from "@/lib/workflow/containment";

/** So many triggers are compared; of the rest it is said how many they are. */
export const maxTriggers = 50;
/** A longer message is compared by the database alone, which does not say where the two differ. */
const maxLocatedChars = 1_000_000;
const maxValueChars = 200;
const maxKeys = 20;

export const failedCondition = z
  .strictObject({
    path: z.array(z.string()).meta({
      description:
        "Keys from the message's root to where it is not as the filter wants it; empty for the message itself.",
    }),
    why: z.enum(["missing", "different", "no_item", "contained", "unknown"]).meta({
      description:
        "Nothing stands there; something else does; a list there has no item that is, or contains, what is wanted; what is excluded is contained; or message and filter are too large to say where they differ.",
    }),
    wanted: z
      .string()
      .nullable()
      .meta({ description: "JSON text of what the filter says there, cut when it is long." }),
    came: z
      .string()
      .nullable()
      .meta({ description: "JSON text of what stands there; null when nothing does." }),
  })
  .meta({ id: "FailedCondition" });
export type FailedCondition = z.infer<typeof failedCondition>;

export const triggerMatching = z
  .strictObject({
    triggerId: z.uuid(),
    type: z.enum(["message_filter", "webhook"]),
    workflowId: z.uuid(),
    workflowName: z.string(),
    outcome: z.enum(matchingOutcomes).meta({
      description:
        "`inclusion`, `exclusion`: that filter says no. `other_address`: it takes only what comes to another URL. `unsaved`: its workflow has no version that could run. `masked`: its filter asks for what is masked for your role, so it is not said.",
    }),
    started: z.boolean().meta({ description: "It has started a work order for this message." }),
    paused: z.boolean().meta({
      description: "Its workflow or project is paused: what it takes is kept, and its runs wait.",
    }),
    condition: failedCondition
      .nullable()
      .meta({ description: "The first that failed, of a filter that says no." }),
  })
  .meta({ id: "TriggerMatching" });
export type TriggerMatching = z.infer<typeof triggerMatching>;

export const messageMatching = z
  .strictObject({
    address: z.enum(["inbox", "webhook"]).meta({
      description: "Whose URL it came to: the project's, where filters decide, or that of a webhook trigger.",
    }),
    comparedAt: moment.meta({
      description: "Triggers and filters are those of now: they may have changed since it came.",
    }),
    triggers: z.array(triggerMatching),
    more: z.int().meta({ description: `Triggers beyond the first ${maxTriggers}, which were not compared.` }),
  })
  .meta({ id: "MessageMatching" });
export type MessageMatching = z.infer<typeof messageMatching>;

type Stored = Parameters<typeof matchableText>[0] & {
  triggerId: string | null;
  source: MessageSource;
} & Placed &
  Wiped;

/**
 * Why each of the project's triggers, as it is now, takes a message or does not: what the message means, as matching saw
 * it, compared with each filter. Those that take messages come first, then webhooks. Throws `not_found`, `conflict` for one that is wiped, and `limit` for a
 * large message while others are compared.
 */
export async function getMessageMatching(ctx: Context, id: string): Promise<MessageMatching> {
  requirePermission(ctx, "message.read");
  const [stored] = await queryOf(ctx.db)<Stored>(
    'select trigger_id as "triggerId", source, format, body, payload, reading, view::text as view, wiped_at as "wipedAt", wiped_for as "wipedFor", received_at as since from messages where project_id = $1 and id = $2',
    [ctx.project.id, id],
  );
  if (!stored) throw notFound("The message");
  await withBody(queryOf(ctx.db), ctx.project.id, stored);
  if (stored.wipedAt) throw conflict(`There is nothing to compare with. ${wipedSentence(stored)}`);
  if (stored.source === "test")
    throw conflict("It came to the test URL of a draft, so no live trigger was asked for it.");
  const content = sqlJsonText(await matchableText(stored));
  const read = () =>
    queryOf(ctx.db)<Row>(
      comparing.text,
      comparing.values({
        projectId: ctx.project.id,
        messageId: id,
        content: stored.triggerId ? null : content,
      }),
    );
  const isLong = content.length > maxLocatedChars;
  const found = isLong ? await heavyRead(ctx.project.id, read) : await read();
  const mask = await maskFor(ctx);
  const veil = mask ? await mask.veil({ messageId: id }) : openVeil;
  const hiding = veil.isOpen ? undefined : mask?.paths;
  const meaning = isLong || stored.triggerId !== null ? undefined : meaningOf(content, veil);
  return {
    address: stored.triggerId === null ? "inbox" : "webhook",
    comparedAt: new Date().toISOString(),
    triggers: found.map((row) =>
      hiding && asksForHidden(row, hiding)
        ? maskedMatch(row, stored.triggerId)
        : matchingOf(row, stored.triggerId, meaning, veil),
    ),
    more: (found[0]?.total ?? 0) - found.length,
  };
}

type Row = Omit<TriggerMatching, "outcome" | "condition"> & {
  total: number;
  enabled: boolean;
  unsaved: boolean;
  inclusion: string | null;
  exclusion: string | null;
  included: boolean;
  excluded: boolean;
};

/** What a message means, behind a veil. */
function meaningOf(content: string, veil: Veil): ExactJson | undefined {
  const shown = parseExact(veil.state(`{"data":${content}}`));
  return typeof shown === "object" && shown !== null && "data" in shown
    ? (shown.data as ExactJson)
    : undefined;
}

/** Whether a filter names what is masked: how it fared would say what stands there. */
const asksForHidden = ({ inclusion, exclusion }: Row, paths: readonly JsonPath[]): boolean =>
  [inclusion, exclusion].some((filter) => filter !== null && asksForMasked(parseExact(filter), paths));

/** What it has started is told anyway, by the work orders. */
function maskedMatch(row: Row, calledId: string | null): TriggerMatching {
  const { triggerId, type, workflowId, workflowName, started, paused } = row;
  const outcome = outcomeOf({ ...row, included: true, excluded: false }, calledId);
  return {
    ...{ triggerId, type, workflowId, workflowName, started, paused },
    outcome: outcome === "matches" ? "masked" : outcome,
    condition: null,
  };
}

function matchingOf(
  row: Row,
  calledId: string | null,
  meaning: ExactJson | undefined,
  veil: Veil,
): TriggerMatching {
  const { triggerId, type, workflowId, workflowName, started, paused } = row;
  const outcome = outcomeOf(row, calledId);
  return {
    ...{ triggerId, type, workflowId, workflowName, outcome, started, paused },
    condition:
      outcome === "inclusion"
        ? inclusionFailed(meaning, row.inclusion, veil)
        : outcome === "exclusion"
          ? { path: [], why: "contained", wanted: textOf(row.exclusion), came: null }
          : null,
  };
}

function outcomeOf(row: Row, calledId: string | null): TriggerMatching["outcome"] {
  if (calledId === null ? row.type === "webhook" : row.triggerId !== calledId) return "other_address";
  if (!row.enabled) return "disabled";
  if (row.unsaved) return "unsaved";
  if (row.type === "webhook") return "matches";
  if (!row.included) return "inclusion";
  return row.excluded ? "exclusion" : "matches";
}

const textOf = (filter: string | null): string | null =>
  filter === null ? null : shortJson(parseExact(filter), maxValueChars);

function inclusionFailed(meaning: ExactJson | undefined, filter: string | null, veil: Veil): FailedCondition {
  const mismatch = meaning === undefined || filter === null ? null : mismatchOf(meaning, parseExact(filter));
  if (!mismatch) return { path: [], why: "unknown", wanted: textOf(filter), came: null };
  const { path, why, wanted, came } = mismatch;
  const keys = path.slice(0, maxKeys).map((key) => shortText(veil.text(key), maxValueChars));
  return {
    path: path.length > maxKeys ? [...keys, "…"] : keys,
    why,
    wanted: shortJson(wanted, maxValueChars),
    came: came === undefined ? null : shortJson(came, maxValueChars),
  };
}

/** The database decides, by the expressions that matching uses; filters of those that are listed are read, no others. */
const comparing = statement<{ projectId: string; messageId: string; content: string | null }>(
  (p) => `
with listed as materialized (
  select t.id, w.name, w.snapshot_id is null as unsaved, coalesce(w.paused_at, project.paused_at) is not null as paused,
    row_number() over shown as nth, count(*) over ()::int as total
  from triggers t
  join workflows w on w.id = t.workflow_id and w.deleted_at is null
  join projects project on project.id = t.project_id
  where t.project_id = ${p.projectId} and t.type in ('message_filter', 'webhook')
  window shown as (order by t.type, not t.enabled, w.name, t.id)
  order by nth limit ${maxTriggers}
),
meaning as materialized (select (${p.content}::text)::jsonb as value)
select t.id as "triggerId", t.type, t.workflow_id as "workflowId", listed.name as "workflowName", t.enabled, listed.unsaved,
  listed.paused, listed.total, t.inclusion::text as inclusion, t.exclusion::text as exclusion,
  t.type = 'message_filter' and coalesce(${contains("inclusion")}, false) as included,
  t.type = 'message_filter' and coalesce(${contains("exclusion")}, false) as excluded,
  exists (select 1 from work_orders o where o.message_id = ${p.messageId}::uuid and o.project_id is not distinct from ${p.projectId}::uuid
    and o.trigger_id = t.id) as started
from listed join triggers t on t.id = listed.id cross join meaning
order by listed.nth`,
);
