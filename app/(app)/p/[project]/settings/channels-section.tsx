"use client";
import Link from "next/link";
import { Nothing, Section } from "@/components/account/section";
import type { WorkflowNames } from "@/components/notices/words";
import type { ChannelSummary } from "@/lib/domain/notice/channel/types";
import type { ChannelRule } from "@/lib/domain/notice/rules/list";
import { ChannelDialog } from "./channel-dialog";
import { ChannelRow } from "./channel-row";

type Props = {
  projectId: string;
  channels: ChannelSummary[];
  rules: ChannelRule[];
  workflows: WorkflowNames;
  canManage: boolean;
};

/** For owner and admins: where notices go besides people's mailboxes. */
export function ChannelsSection({ projectId, channels, rules, workflows, canManage }: Props) {
  return (
    <Section
      title="Notices"
      description={
        <>
          Webhooks, and channels of Slack or what takes the same, that are told besides people.{" "}
          <Link href={`/p/${projectId}/notices`} className="underline underline-offset-2">
            What was told, and what could not be sent
          </Link>
          .
        </>
      }
      flush
      action={canManage ? <ChannelDialog projectId={projectId} /> : null}
    >
      {channels.length === 0 ? <Nothing>No channel yet: people are told by mail alone.</Nothing> : null}
      <ul aria-label="Channels">
        {channels.map((channel) => (
          <ChannelRow
            key={channel.id}
            projectId={projectId}
            channel={channel}
            rule={rules.find(({ id }) => id === channel.id)}
            workflows={workflows}
            canManage={canManage}
          />
        ))}
      </ul>
    </Section>
  );
}
