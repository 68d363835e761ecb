"use client";
import { useId } from "react";
import { Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Label } from "@/components/ui/label";
import { Switch } from "@/components/ui/switch";
import { useApi } from "@/components/use-api";
import type { ProjectSettings } from "@/lib/domain/project/get";

type Props = {
  project: ProjectSettings;
  canUpdate: boolean;
  /** Whom it shuts out, or would; null for who may not know. */
  without: number | null;
};

/** Who is let in: everybody who is a member, or only those with a second factor. */
export function SignInSection({ project, canUpdate, without }: Props) {
  const id = useId();
  const { requireSecondFactor } = project;
  const toggle = useApi({
    send: (on: boolean) =>
      api("PATCH /api/projects/[project]", {
        params: { project: project.id },
        body: { requireSecondFactor: on },
      }),
    message: requireSecondFactor ? "Everybody is let in." : "A second factor is needed now.",
  });
  return (
    <Section id="sign-in" title="Sign-in">
      <div className="flex items-start gap-3">
        <Switch
          id={id}
          aria-describedby={`${id}-hint`}
          className="mt-0.5"
          checked={requireSecondFactor}
          onCheckedChange={(on) => toggle.mutate(on)}
          disabled={!canUpdate || toggle.isPending}
        />
        <div className="grid gap-0.5">
          <Label htmlFor={id}>Let in only who has a second factor</Label>
          <p id={`${id}-hint`} className="text-muted-foreground text-xs">
            {without ? `${without} of the collaborators ${without === 1 ? "has" : "have"} none. ` : null}
            Who has none sees a page that says so, and nothing else; API tokens included.
          </p>
        </div>
      </div>
    </Section>
  );
}
