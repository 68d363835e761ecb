import type { Sql } from "@/db/client";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { EgressPolicy } from "@/lib/net/egress-policy";
import { type PostOutcome, postOutbound } from "@/lib/net/post";
import type { ChannelType } from "@/lib/words";
import { channelFailed, channelTook } from "./channel/health";
import { signed } from "./channel/sign";
import { type ChannelTarget, openTarget } from "./channel/target";
import { type Claimed, markHanded } from "./claim";
import type { Content } from "./contents";
import type { Attempt, NoticeHost } from "./host";
import { slackOf } from "./render/slack";
import { payloadOf } from "./render/webhook";

type Channel = {
  projectId: string;
  project: string;
  type: ChannelType;
  target: string;
  isOff: boolean;
  isLeaving: boolean;
};

type Request = { type: ChannelType; target: ChannelTarget; policy: EgressPolicy; project: About };
type About = { id: string; name: string } | null;

/** Sends a notice to its channel, or to the operator's webhook. */
export async function requestNotice(host: NoticeHost, notice: Claimed, content: Content): Promise<Attempt> {
  if (notice.address) return toOperator(host, notice, notice.address, content);
  const channel = await channelOf(host.database, notice);
  if (!channel || channel.isLeaving)
    return { end: { state: "stopped", error: "The project or the channel is gone." } };
  if (channel.isOff) return { end: { state: "failed", error: "The channel is switched off." } };
  const { projectId, type } = channel;
  const channelId = notice.channelId ?? "";
  const target = opened(projectId, channelId, channel.target);
  if (!target) return again("The channel's address was sealed with a key that is not configured.");
  const project = { id: projectId, name: channel.project };
  const done = await request(host, notice, content, {
    type,
    target,
    policy: host.policy.of(projectId),
    project,
  });
  const failure = failureOf(done);
  if (failure === null) await channelTook(host.database, { projectId, channelId });
  else await channelFailed(host.database, { projectId, channelId }, failure, { isGone: isGone(done) });
  return endOf(type, done, failure);
}

function opened(projectId: string, channelId: string, sealed: string): ChannelTarget | null {
  try {
    return openTarget(projectId, channelId, sealed);
  } catch (error) {
    log.error("a notice channel cannot be opened", { channelId, error });
    return null;
  }
}

const again = (error: string): Attempt => ({ end: { state: "again", error } });

async function channelOf(sql: Sql, { channelId, projectId }: Claimed): Promise<Channel | undefined> {
  const [row] = await sql.query<Channel>(
    `select c.project_id as "projectId", p.name as project, c.type, c.target, c.disabled_at is not null as "isOff",
       p.deletion_scheduled_at is not null as "isLeaving"
     from notice_channels c join projects p on p.id = c.project_id where c.id = $1 and c.project_id = $2`,
    [channelId, projectId],
  );
  return row;
}

/** Its own servers are the operator's to name: no policy, and no redirect either. */
async function toOperator(
  host: NoticeHost,
  notice: Claimed,
  url: string,
  content: Content,
): Promise<Attempt> {
  const { host: at } = new URL(url);
  const type = at === "hooks.slack.com" ? "slack" : "webhook";
  const { OPERATOR_WEBHOOK_SECRET: secret } = env();
  const target = { url, ...(secret && { secret }) };
  const policy = new EgressPolicy({ allow: [new URL(url).hostname] });
  const done = await request(host, notice, content, { type, target, policy, project: null });
  return endOf(type, done, failureOf(done));
}

function request(
  { database }: NoticeHost,
  notice: Claimed,
  content: Content,
  { type, target, policy, project }: Request,
): Promise<PostOutcome> {
  const body = type === "slack" ? slackOf(content) : payloadOf({ ...notice, project }, content);
  const signature = type === "slack" ? {} : signed(target, { id: notice.id, body, now: Date.now() });
  return postOutbound(policy, {
    url: target.url,
    body,
    headers: { "content-type": "application/json", "user-agent": "Waybill", ...signature },
    // Slack knows no ids: what it may have shown is not shown again. A webhook is told the id, and may get it again.
    ...(type === "slack" && { onHand: () => markHanded(database, [notice]) }),
  });
}

/** Why it was not taken, in a sentence; null when it was. */
function failureOf(done: PostOutcome): string | null {
  if (done.outcome === "unreached") return `Nothing was sent: ${done.reason}.`;
  if (done.outcome === "unanswered") return "It was sent, and there was no answer within ten seconds.";
  const { status } = done;
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400)
    return `It answered ${status}, a redirect. Redirects are not followed: enter the address that it leads to.`;
  return `It answered ${status}.`;
}

/** Standard Webhooks: whoever answers so wants nothing any more. */
const isGone = (done: PostOutcome): boolean => done.outcome === "answered" && done.status === 410;

function endOf(type: ChannelType, done: PostOutcome, failure: string | null): Attempt {
  if (failure === null) return { end: { state: "sent" } };
  const isUncertain = type === "slack" && done.outcome === "unanswered";
  return { end: { state: isUncertain ? "uncertain" : "again", error: failure }, isAway: true };
}
