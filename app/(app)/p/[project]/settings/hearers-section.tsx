"use client";
import { useState } from "react";
import { Row, Section } from "@/components/account/section";
import { api } from "@/components/api";
import { RuleForm } from "@/components/notices/rule-form";
import { ruleSummary, type WorkflowNames } from "@/components/notices/words";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import type { ChannelRule, MemberRule } from "@/lib/domain/notice/rules/list";

type Props = {
  projectId: string;
  members: MemberRule[];
  channels: ChannelRule[];
  /** Nobody is left out of the two. */
  isAll: boolean;
  workflows: WorkflowNames;
  canManage: boolean;
};

/** For owner and admins: who hears of failures, and through which channels. */
export function HearersSection({ projectId, members, channels, isAll, workflows, canManage }: Props) {
  const hears = [
    ...members.filter(({ isReachable, rule }) => isReachable && rule.atOnce),
    ...channels.filter(({ isOn, rule }) => isOn && rule.atOnce),
  ];
  return (
    <Section
      title="Who hears of failures"
      description={
        isAll && hears.length === 0
          ? "Nobody hears at once when runs of this project fail."
          : "Each collaborator chooses for themselves; owner and admins choose for channels."
      }
      flush
    >
      <ul aria-label="Who hears of failures">
        {channels.map((channel) => (
          <Row
            key={channel.id}
            actions={
              canManage ? (
                <ChannelDialog projectId={projectId} channel={channel} workflows={workflows} />
              ) : null
            }
          >
            <span className="truncate font-medium">{channel.name}</span>
            <span className="text-muted-foreground text-sm">
              {channel.isOn ? ruleSummary(channel.rule, workflows) : "Switched off."}
            </span>
          </Row>
        ))}
        {members.map(({ id, name, email, role, isReachable, rule }) => (
          <Row key={id}>
            <span className="truncate font-medium">
              {name ?? email} <span className="font-normal text-muted-foreground">· {role}</span>
            </span>
            <span className="text-muted-foreground text-sm">
              {isReachable
                ? ruleSummary(rule, workflows)
                : "Is told nothing: no second factor yet, or the account is on its way out."}
            </span>
          </Row>
        ))}
      </ul>
    </Section>
  );
}

type DialogProps = { projectId: string; channel: ChannelRule; workflows: WorkflowNames };

function ChannelDialog({ projectId, channel, workflows }: DialogProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant="outline" size="sm" aria-label={`Choose what goes to ${channel.name}`}>
          Change…
        </Button>
      </DialogTrigger>
      <DialogContent title={`What goes to ${channel.name}`}>
        <RuleForm
          rule={channel.rule}
          workflows={workflows}
          hasZone
          canChange
          send={(body) =>
            api("PATCH /api/projects/[project]/notice-rules/channels/[channel]", {
              params: { project: projectId, channel: channel.id },
              body,
            })
          }
          done={() => setOpen(false)}
          cancel={
            <DialogClose asChild>
              <Button variant="outline">Cancel</Button>
            </DialogClose>
          }
        />
      </DialogContent>
    </Dialog>
  );
}
