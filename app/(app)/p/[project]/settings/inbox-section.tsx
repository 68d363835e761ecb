"use client";
import { SecretOnce } from "@/components/account/secret-once";
import { Section } from "@/components/account/section";
import { sendJson } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Field } from "@/components/ui/field";
import { Switch } from "@/components/ui/switch";
import { useApi } from "@/components/use-api";
import type { ProjectSettings } from "@/lib/domain/project/get";

type Props = { project: ProjectSettings; inboxUrl: string; canUpdate: boolean };

/** The project's own inbox URL: where it is, whether it takes anything, and a new one. */
export function InboxSection({ project, inboxUrl, canUpdate }: Props) {
  const toggle = useApi({
    send: (inboxEnabled: boolean) => sendJson(`/api/projects/${project.id}`, { inboxEnabled }, "PATCH"),
    message: project.inboxEnabled ? "The inbox is closed." : "The inbox is open.",
  });
  const rotate = useApi({
    send: () => sendJson(`/api/projects/${project.id}/rotate-inbox`, {}),
    message: "The project has a new inbox URL.",
  });
  return (
    <Section
      title="Inbox URL"
      description="Every message sent here is kept, and goes to the workflows whose filter it matches."
    >
      <div className="grid gap-4">
        <SecretOnce label="Inbox URL" value={inboxUrl} />
        <div className="flex flex-wrap items-center justify-between gap-3">
          <Field
            label="Take messages"
            hint="While it is closed, senders are answered 403 and nothing is kept."
            className="grid-cols-[auto_1fr] items-center gap-x-3 [&>p]:col-span-2 [&>label]:order-2"
          >
            <Switch
              checked={project.inboxEnabled}
              onCheckedChange={(on) => toggle.mutate(on)}
              disabled={!canUpdate || toggle.isPending}
            />
          </Field>
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
