import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { keyset, rowByRow } from "@/db/keyset";
import { iso, isoOrNull, rows } from "@/db/rows";
import { notices } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { can, requirePermission } from "@/lib/domain/permissions";
import { channelTypes, noticeKinds, noticeStates } from "@/lib/words";

export const noticeFilter = pageInput.extend({
  state: z
    .enum([...noticeStates, "unsent"])
    .exactOptional()
    .meta({ description: "`unsent`: could not be sent, or may not have arrived." }),
});

export const noticeItem = z.strictObject({
  id: z.string(),
  kind: z.enum(noticeKinds),
  state: z.enum(noticeStates),
  subject: z.string().nullable().meta({ description: "Null while it has not been made." }),
  to: z.strictObject({
    person: z.string().nullable().meta({ description: "A mailbox." }),
    channel: z.strictObject({ id: z.string(), name: z.string(), type: z.enum(channelTypes) }).nullable(),
  }),
  error: z.string().nullable(),
  attempts: z.number(),
  createdAt: z.string(),
  nextAt: z.string().nullable().meta({ description: "When it is tried; null when it is over." }),
  sentAt: z.string().nullable(),
});
export type NoticeItem = z.infer<typeof noticeItem>;

type Row = Omit<NoticeItem, "to"> & {
  email: string | null;
  channelId: string | null;
  channelName: string | null;
  channelType: (typeof channelTypes)[number] | null;
};

/** What people and channels of a project were told, newest first: owner and admins see all, the others their own. */
export async function listNotices(
  ctx: Context,
  input: z.input<typeof noticeFilter> = {},
): Promise<Page<NoticeItem>> {
  requirePermission(ctx, "notice.read");
  const { cursor, limit, state } = noticeFilter.parse(input);
  const conditions: SQL[] = [sql`true`];
  if (state === "unsent") conditions.push(sql`${notices.state} in ('failed', 'uncertain')`);
  else if (state) conditions.push(sql`${notices.state} = ${state}`);
  if (!can(ctx.role, "notice_of_others.read"))
    conditions.push(sql`${notices.userId} = ${actorUserId(ctx.actor)}`);
  const page = keyset([[notices.projectId, ctx.project.id]], notices.id, { before: cursor });
  const found = await rows<Row>(
    ctx.db,
    sql`/* checked: by the page within */ select n.*, u.email, c.name as "channelName", c.type as "channelType"
      from (
        select id, kind, state, subject, error, attempts, created_at as "createdAt", sent_at as "sentAt", user_id,
          channel_id as "channelId", case when state = 'waiting' then next_at end as "nextAt"
        from notices where ${page.where} and ${rowByRow(sql.join(conditions, sql` and `))}
        order by ${page.newestFirst} limit ${limit + 1}
      ) n left join users u on u.id = n.user_id left join notice_channels c on c.id = n."channelId"
      order by n.id desc`,
  );
  const { items, nextCursor } = toPage(found, limit);
  return { items: items.map(shown), nextCursor };
}

const shown = ({ email, channelId, channelName, channelType, ...row }: Row): NoticeItem => ({
  id: row.id,
  kind: row.kind,
  state: row.state,
  subject: row.subject,
  to: {
    person: email,
    channel:
      channelId && channelName && channelType
        ? { id: channelId, name: channelName, type: channelType }
        : null,
  },
  error: row.error,
  attempts: row.attempts,
  createdAt: iso(row.createdAt),
  nextAt: isoOrNull(row.nextAt),
  sentAt: isoOrNull(row.sentAt),
});
