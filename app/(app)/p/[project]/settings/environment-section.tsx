"use client";
import { useState } from "react";
import { Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useApi } from "@/components/use-api";
import type { ProjectSettings } from "@/lib/domain/project/get";
import { SettingForm } from "./setting-form";

type Props = {
  project: ProjectSettings;
  canUpdate: boolean;
  /** Names of its credentials that are nothing in its environment. */
  missing: string[];
};

/** Which of a credential's environments the project's jobs get. */
export function EnvironmentSection({ project, canUpdate, missing }: Props) {
  const [env, setEnv] = useState(project.env ?? "");
  const save = useApi({
    send: () =>
      api("PATCH /api/projects/[project]", {
        params: { project: project.id },
        body: { env: env.trim() || null, basedOn: project.updatedAt },
      }),
    message: "Saved.",
    hasForm: true,
  });
  return (
    <Section
      id="environment"
      title="Environment"
      description="Jobs get what the project's credentials are in this environment. A credential that is nothing there fails the step; it is never used as it is in main."
    >
      <SettingForm
        legend="Environment"
        canUpdate={canUpdate}
        save={save}
        error={save.problems.env ? null : save.error?.message}
      >
        <Field
          label="Environment of this project"
          hint="Such as staging. Empty: main. It counts from the next step on."
          error={save.problems.env}
        >
          <Input
            value={env}
            onChange={(event) => setEnv(event.target.value)}
            spellCheck={false}
            autoComplete="off"
            maxLength={32}
            placeholder="main"
            className="max-w-64"
          />
        </Field>
        {missing.length > 0 ? (
          <p data-status="failed" className="text-(--status)">
            Nothing in {project.env}: {missing.join(", ")}. Steps that get one of these fail until its owner
            says what it is there.
          </p>
        ) : null}
      </SettingForm>
    </Section>
  );
}
