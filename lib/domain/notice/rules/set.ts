import { isDeepStrictEqual } from "node:util";
import { and, eq, inArray, isNull } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { noticeChannels, noticeRules, projectMembers, users, workflows } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import type { Change } from "@/lib/domain/write";
import { write } from "@/lib/domain/write";
import { forbidden, invalid, notFound } from "@/lib/refusal";
import { nextDigest } from "./clock";
import {
  channelRuleChange,
  hearsByRole,
  type NoticeRule,
  type RuleChange,
  ruleChange,
  type StoredRule,
  shownRule,
  unchosen,
} from "./types";

/** Changes what the caller hears of the project. Throws `forbidden` for who is no person, `invalid` for workflows that are not the project's. */
export async function setMyRule(
  ctx: Context,
  input: z.input<typeof ruleChange>,
  now = new Date(),
): Promise<NoticeRule> {
  const userId = actorUserId(ctx.actor);
  if (!userId) throw forbidden("Only a collaborator hears of a project.");
  return write(ctx, "notice_rule.own", async (tx) => {
    const change = ruleChange.parse(input);
    // Whoever changes their zone meanwhile waits, and moves this rule's digest afterwards.
    const [user] = await tx
      .select({ timeZone: users.timeZone })
      .from(users)
      .where(eq(users.id, userId))
      .for("share");
    const [member] = await tx
      .select({ role: projectMembers.role })
      .from(projectMembers)
      .where(and(eq(projectMembers.projectId, ctx.project.id), eq(projectMembers.userId, userId)))
      .for("key share");
    if (!user || !member) throw notFound("The collaborator");
    return save(tx, ctx, change, {
      now,
      target: { userId },
      hearsAtOnce: hearsByRole(member.role),
      timeZone: user.timeZone ?? "UTC",
    });
  });
}

export const channelRuleInput = channelRuleChange.extend({ channelId: z.uuid() });

/** Changes what goes to a channel of the project. Throws `not_found` for one that is not, `invalid` as above. */
export async function setChannelRule(
  ctx: Context,
  input: z.input<typeof channelRuleInput>,
  now = new Date(),
): Promise<NoticeRule> {
  return write(ctx, "notice_rule.manage", async (tx) => {
    const { channelId, ...change } = channelRuleInput.parse(input);
    const [channel] = await tx
      .select({ id: noticeChannels.id })
      .from(noticeChannels)
      .where(and(eq(noticeChannels.id, channelId), eq(noticeChannels.projectId, ctx.project.id)))
      .for("key share");
    if (!channel) throw notFound("The channel");
    return save(tx, ctx, change, { now, target: { channelId }, hearsAtOnce: true, timeZone: null });
  });
}

type Target = { userId: string } | { channelId: string };
type Of = { target: Target; hearsAtOnce: boolean; timeZone: string | null; now: Date };

async function save(tx: Db, ctx: Context, change: RuleChange, of: Of): Promise<Change<NoticeRule>> {
  if (change.workflowIds) await requireWorkflows(tx, ctx, change.workflowIds);
  const { target } = of;
  // A row to lock, so that two who change at once see each other's.
  const made = await tx
    .insert(noticeRules)
    .values({ projectId: ctx.project.id, ...target, atOnce: of.hearsAtOnce })
    .onConflictDoNothing()
    .returning({ id: noticeRules.id });
  const [row] = await tx.select().from(noticeRules).where(isIt(ctx, target)).for("update");
  if (!row) throw notFound("The rule");
  const before: StoredRule = made.length > 0 ? unchosen(of.hearsAtOnce) : row;
  const chosen = {
    workflowIds: change.workflowIds === undefined ? before.workflowIds : unique(change.workflowIds),
    statuses: change.statuses === undefined ? before.statuses : unique(change.statuses),
    atOnce: change.atOnce ?? before.atOnce,
    digest: change.digest ?? before.digest,
    timeZone: change.timeZone === undefined ? before.timeZone : change.timeZone,
  };
  const isSameClock = chosen.digest === before.digest && chosen.timeZone === before.timeZone;
  const nextDigestAt =
    isSameClock && before.nextDigestAt
      ? before.nextDigestAt
      : nextDigest(chosen.digest, of.timeZone ?? chosen.timeZone, of.now);
  const after: StoredRule = { ...before, ...chosen, nextDigestAt };
  const { was, is } = difference(before, chosen);
  if (made.length === 0 && Object.keys(is).length === 0)
    return { result: shownRule(row, of), audit: null, changed: null };
  await tx
    .update(noticeRules)
    .set({
      ...chosen,
      nextDigestAt: nextDigestAt === null ? null : new Date(nextDigestAt),
      stoppedDigest: null,
      updatedAt: of.now,
    })
    .where(isIt(ctx, target));
  return {
    result: shownRule(after, of),
    audit: { event: "notice_rule.update", itemId: row.id, before: was, after: { ...target, ...is } },
    changed: null,
  };
}

/** The rule of somebody in the project. */
const isIt = (ctx: Context, target: Target) =>
  and(
    eq(noticeRules.projectId, ctx.project.id),
    "userId" in target ? eq(noticeRules.userId, target.userId) : eq(noticeRules.channelId, target.channelId),
  );

/** Throws `invalid` unless each is a workflow of the project that is there. */
async function requireWorkflows(tx: Db, ctx: Context, ids: string[]): Promise<void> {
  const found = await tx
    .select({ id: workflows.id })
    .from(workflows)
    .where(
      and(eq(workflows.projectId, ctx.project.id), inArray(workflows.id, ids), isNull(workflows.deletedAt)),
    );
  const known = new Set(found.map(({ id }) => id));
  if (ids.some((id) => !known.has(id.toLowerCase())))
    throw invalid("A workflow is not there any more. Reload the page and choose again.", {
      workflowIds: ["Choose workflows of this project."],
    });
}

const unique = <T>(list: T[] | null): T[] | null => list && [...new Set(list)];

type Chosen = Pick<StoredRule, "workflowIds" | "statuses" | "atOnce" | "digest" | "timeZone">;

/** Only what really changes, for the record. */
function difference(before: Chosen, after: Chosen) {
  const keys = (Object.keys(after) as (keyof Chosen)[]).filter(
    (key) => !isDeepStrictEqual(before[key], after[key]),
  );
  const only = (of: Chosen) => Object.fromEntries(keys.map((key) => [key, of[key]]));
  return { was: only(before), is: only(after) };
}
