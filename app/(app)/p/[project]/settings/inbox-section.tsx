"use client";
import { useId, useState } from "react";
import { SecretOnce } from "@/components/account/secret-once";
import { Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Label } from "@/components/ui/label";
import { Switch } from "@/components/ui/switch";
import { useApi } from "@/components/use-api";
import type { ProjectSettings } from "@/lib/domain/project/get";

type Props = { project: ProjectSettings; inboxUrl: string; canUpdate: boolean };

/** The project's own inbox URL: where it is, whether it takes anything, and a new one. */
export function InboxSection({ project, inboxUrl, canUpdate }: Props) {
  const switchId = useId();
  const [isClosing, setClosing] = useState(false);
  const toggle = useApi({
    send: (inboxEnabled: boolean) =>
      api("PATCH /api/projects/[project]", { params: { project: project.id }, body: { inboxEnabled } }),
    message: project.inboxEnabled ? "The inbox is closed." : "The inbox is open.",
  });
  const rotate = useApi({
    send: () => api("POST /api/projects/[project]/rotate-inbox", { params: { project: project.id } }),
    message: "The project has a new inbox URL.",
  });
  return (
    <Section
      id="inbox"
      title="Inbox"
      description="Every message sent here is kept, and goes to the workflows whose filter it matches."
    >
      <div className="grid gap-4">
        <SecretOnce label="Inbox URL" value={inboxUrl} />
        <div className="flex flex-wrap items-center justify-between gap-3">
          <div className="flex min-w-0 flex-1 basis-64 items-start gap-3">
            <Switch
              id={switchId}
              aria-describedby={`${switchId}-hint`}
              className="mt-0.5"
              checked={project.inboxEnabled}
              onCheckedChange={(on) => (on ? toggle.mutate(true) : setClosing(true))}
              disabled={!canUpdate || toggle.isPending}
            />
            <Confirm
              open={isClosing}
              onOpenChange={setClosing}
              title="Close the inbox?"
              description="Every sender is answered 403 at once. What they send meanwhile is kept for a day under Inbox, Refused: accept it there once the inbox is open."
              action="Close the inbox"
              cancel="Keep it open"
              destructive
              onConfirm={() => toggle.mutate(false)}
            />
            <div className="grid gap-0.5">
              <Label htmlFor={switchId}>Take messages</Label>
              <p id={`${switchId}-hint`} className="text-muted-foreground text-xs">
                While it is closed, senders are answered 403. What they send is kept for a day under Inbox,
                Refused.
              </p>
            </div>
          </div>
          {canUpdate ? (
            <Confirm
              trigger={
                <Button variant="outline" disabled={rotate.isPending}>
                  New inbox URL
                </Button>
              }
              title="Give the inbox a new URL?"
              description="The old one answers 404 at once. Every sender must be told the new one."
              action="Make a new URL"
              destructive
              onConfirm={() => rotate.mutate(undefined)}
            />
          ) : null}
        </div>
      </div>
    </Section>
  );
}
