import { sql } from "drizzle-orm";
import { z } from "zod";
import { rows } from "@/db/rows";
import { actorUserId, type Context, type UserContext } from "@/lib/domain/context";
import { named } from "@/lib/domain/fields";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { forbidden } from "@/lib/refusal";
import { type Role, roles } from "@/lib/words";
import { mayBeTold } from "./recipients";
import { hearsByRole, type NoticeRule, noticeRule, type StoredRule, shownRule } from "./types";

/** The columns of a rule `r`; `ruleId` is null where there is none. */
const ruleColumns =
  sql.raw(`r.id as "ruleId", r.workflow_ids as "workflowIds", r.statuses, r.at_once as "atOnce", r.digest,
  r.time_zone as "timeZone", r.next_digest_at as "nextDigestAt", r.last_digest_at as "lastDigestAt", r.last_digest_said as "lastDigestSaid"`);

type RuleRow = StoredRule & { ruleId: string | null };

/** Of a row with the columns of a rule, and of more, which is left. */
function split<T extends RuleRow>(row: T) {
  const { ruleId, workflowIds, statuses, atOnce, digest, timeZone, ...rest } = row;
  const { nextDigestAt, lastDigestAt, lastDigestSaid, ...others } = rest;
  const stored = {
    workflowIds,
    statuses,
    atOnce,
    digest,
    timeZone,
    nextDigestAt,
    lastDigestAt,
    lastDigestSaid,
  };
  return { stored: ruleId === null ? undefined : stored, others };
}

/** What the caller hears of the project. Throws `forbidden` for who is no person. */
export async function getMyRule(ctx: Context): Promise<NoticeRule> {
  requirePermission(ctx, "project.read");
  const userId = actorUserId(ctx.actor);
  if (!userId) throw forbidden("Only a collaborator hears of a project.");
  const [row] = await rows<RuleRow & { zone: string | null }>(
    ctx.db,
    sql`select u.time_zone as zone, ${ruleColumns} from users u
        left join notice_rules r on r.project_id = ${ctx.project.id} and r.user_id = u.id where u.id = ${userId}`,
  );
  const { stored } = row ? split(row) : { stored: undefined };
  return shownRule(stored, { hearsAtOnce: hearsByRole(ctx.role), timeZone: row?.zone ?? "UTC" });
}

export const ownRule = z
  .strictObject({ ...named.shape, role: z.enum(roles), rule: noticeRule })
  .meta({ id: "OwnNoticeRule" });
export type OwnRule = z.infer<typeof ownRule>;

/** What the caller hears of each of their projects; `id` and `name` are the project's. Without those that are on their way out. */
export async function listMyRules(
  ctx: UserContext,
  input: z.input<typeof pageInput> = {},
): Promise<Page<OwnRule>> {
  const { cursor, limit } = pageInput.parse(input);
  const found = await rows<RuleRow & { id: string; name: string; role: Role; zone: string | null }>(
    ctx.db,
    sql`/* checked: the caller's own */ select p.id, p.name, m.role, u.time_zone as zone, ${ruleColumns}
        from project_members m join projects p on p.id = m.project_id join users u on u.id = m.user_id
        left join notice_rules r on r.project_id = m.project_id and r.user_id = m.user_id
        where m.user_id = ${ctx.actor.userId} and p.deletion_scheduled_at is null
          ${cursor ? sql`and (p.name, p.id) > (select name, id from projects where id = ${cursor})` : sql``}
        order by p.name, p.id limit ${limit + 1}`,
  );
  return toPage(
    found.map((row) => {
      const { stored, others } = split(row);
      const { zone, ...project } = others;
      const of = { hearsAtOnce: hearsByRole(project.role), timeZone: zone ?? "UTC" };
      return { ...project, rule: shownRule(stored, of) };
    }),
    limit,
  );
}

export const memberRule = z
  .strictObject({
    id: z.uuid(),
    email: z.string(),
    name: z.string().nullable(),
    role: z.enum(roles),
    isReachable: z.boolean().meta({
      description:
        "False: their account is on its way out, or they lack the second factor that the project asks for.",
    }),
    rule: noticeRule,
  })
  .meta({ id: "MemberNoticeRule" });
export type MemberRule = z.infer<typeof memberRule>;

/** What each collaborator hears of the project; `id` is the user's. Only they change it. */
export async function listMemberRules(
  ctx: Context,
  input: z.input<typeof pageInput> = {},
): Promise<Page<MemberRule>> {
  requirePermission(ctx, "notice_rule.read");
  const { cursor, limit } = pageInput.parse(input);
  type Row = RuleRow & Omit<MemberRule, "rule"> & { zone: string | null };
  const found = await rows<Row>(
    ctx.db,
    sql`select u.id, u.email, u.name, m.role, u.time_zone as zone, ${sql.raw(mayBeTold)} as "isReachable", ${ruleColumns}
        from projects p join project_members m on m.project_id = p.id join users u on u.id = m.user_id
        left join notice_rules r on r.project_id = m.project_id and r.user_id = m.user_id
        where p.id = ${ctx.project.id} ${cursor ? sql`and u.id > ${cursor}` : sql``}
        order by u.id limit ${limit + 1}`,
  );
  return toPage(
    found.map((row) => {
      const { stored, others } = split(row);
      const { zone, ...member } = others;
      const of = { hearsAtOnce: hearsByRole(member.role), timeZone: zone ?? "UTC" };
      return { ...member, rule: shownRule(stored, of) };
    }),
    limit,
  );
}

export const channelRule = z
  .strictObject({ ...named.shape, isOn: z.boolean(), rule: noticeRule })
  .meta({ id: "ChannelNoticeRule" });
export type ChannelRule = z.infer<typeof channelRule>;

/** What goes to each of the project's channels; `id` and `name` are the channel's. */
export async function listChannelRules(
  ctx: Context,
  input: z.input<typeof pageInput> = {},
): Promise<Page<ChannelRule>> {
  requirePermission(ctx, "notice_rule.read");
  const { cursor, limit } = pageInput.parse(input);
  const found = await rows<RuleRow & Omit<ChannelRule, "rule">>(
    ctx.db,
    sql`select c.id, c.name, c.disabled_at is null as "isOn", ${ruleColumns} from notice_channels c
        left join notice_rules r on r.channel_id = c.id and r.project_id = c.project_id
        where c.project_id = ${ctx.project.id} ${cursor ? sql`and c.id > ${cursor}` : sql``}
        order by c.project_id, c.id limit ${limit + 1}`,
  );
  return toPage(
    found.map((row) => {
      const { stored, others } = split(row);
      return { ...others, rule: shownRule(stored, { hearsAtOnce: true, timeZone: null }) };
    }),
    limit,
  );
}
