import type { Context } from "@/lib/domain/context";
import { listChannels } from "@/lib/domain/notice/channel/list";
import { getMyRule, listChannelRules, listMemberRules } from "@/lib/domain/notice/rules/list";
import { can, may } from "@/lib/domain/permissions";
import { listWorkflows, type WorkflowRow } from "@/lib/domain/workflow/list";
import { ChannelsSection } from "./channels-section";
import { HearersSection } from "./hearers-section";
import { NoticesSection } from "./notices-section";

/** What the reader hears of the project and, for owner and admins, its channels and who hears what. */
export async function Notices({ ctx }: { ctx: Context }) {
  const mayRead = can(ctx.role, "notice_rule.read");
  const [rule, workflows, members, channels, states] = await Promise.all([
    getMyRule(ctx),
    allWorkflows(ctx),
    mayRead ? listMemberRules(ctx, { limit: 200 }) : null,
    mayRead ? listChannelRules(ctx, { limit: 200 }) : null,
    can(ctx.role, "notice_channel.read") ? listChannels(ctx) : null,
  ]);
  const names = workflows.map(({ id, name }) => ({ id, name }));
  const projectId = ctx.project.id;
  return (
    <div id="notices" className="grid scroll-mt-24 gap-6">
      {channels && states ? (
        <ChannelsSection
          projectId={projectId}
          channels={states}
          rules={channels.items}
          workflows={names}
          canManage={may(ctx, "notice_channel.manage")}
        />
      ) : null}
      <NoticesSection
        key={JSON.stringify(rule)}
        projectId={projectId}
        rule={rule}
        workflows={names}
        canChange={may(ctx, "notice_rule.own")}
      />
      {members && channels ? (
        <HearersSection
          members={members.items}
          channels={channels.items}
          isAll={members.nextCursor === null && channels.nextCursor === null}
          workflows={names}
        />
      ) : null}
    </div>
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
