"use client";
import { useState } from "react";
import { api } from "@/components/api";
import { RuleForm } from "@/components/notices/rule-form";
import type { WorkflowNames } from "@/components/notices/words";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import type { ChannelRule } from "@/lib/domain/notice/rules/list";

type Props = { projectId: string; channel: ChannelRule; workflows: WorkflowNames };

/** What goes to a channel. */
export function ChannelRuleDialog({ projectId, channel, workflows }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant="outline" size="sm" aria-label={`Choose what goes to ${channel.name}`}>
          Choose…
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
