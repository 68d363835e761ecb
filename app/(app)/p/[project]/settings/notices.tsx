import type { Context } from "@/lib/domain/context";
import { getMyRule, listChannelRules, listMemberRules } from "@/lib/domain/notice/rules/list";
import { can, may } from "@/lib/domain/permissions";
import { listWorkflows, type WorkflowRow } from "@/lib/domain/workflow/list";
import { HearersSection } from "./hearers-section";
import { NoticesSection } from "./notices-section";

/** What the reader hears of the project and, for owner and admins, who hears what. */
export async function Notices({ ctx }: { ctx: Context }) {
  const mayRead = can(ctx.role, "notice_rule.read");
  const [rule, workflows, members, channels] = await Promise.all([
    getMyRule(ctx),
    allWorkflows(ctx),
    mayRead ? listMemberRules(ctx, { limit: 200 }) : null,
    mayRead ? listChannelRules(ctx, { limit: 200 }) : null,
  ]);
  const names = workflows.map(({ id, name }) => ({ id, name }));
  const projectId = ctx.project.id;
  return (
    <>
      <NoticesSection
        key={JSON.stringify(rule)}
        projectId={projectId}
        rule={rule}
        workflows={names}
        canChange={may(ctx, "notice_rule.own")}
      />
      {members && channels ? (
        <HearersSection
          projectId={projectId}
          members={members.items}
          channels={channels.items}
          isAll={members.nextCursor === null && channels.nextCursor === null}
          workflows={names}
          canManage={may(ctx, "notice_rule.manage")}
        />
      ) : null}
    </>
  );
}

/** Few enough to choose among: a project's are bounded. */
async function allWorkflows(ctx: Context): Promise<WorkflowRow[]> {
  const found: WorkflowRow[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await listWorkflows(ctx, { limit: 200, ...(cursor ? { cursor } : {}) });
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return found;
}
