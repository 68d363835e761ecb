"use client";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Textarea } from "@/components/ui/textarea";
import { useApi } from "@/components/use-api";
import type { ProjectSettings } from "@/lib/domain/project/get";

type Props = {
  project: ProjectSettings;
  canUpdate: boolean;
  /** The installation's, used where the project says nothing. */
  defaults: { maxBodyBytes: number; concurrency: number };
};

const bytesPerMegabyte = 1_000_000;
const numberOrNull = (text: string, factor = 1) =>
  text.trim() === "" ? null : Math.round(Number(text) * factor);

export function LimitsSection({ project, canUpdate, defaults }: Props) {
  const [concurrency, setConcurrency] = useState(String(project.concurrency ?? ""));
  const [megabytes, setMegabytes] = useState(
    project.maxBodyBytes === null ? "" : String(project.maxBodyBytes / bytesPerMegabyte),
  );
  const [hosts, setHosts] = useState((project.egressAllow ?? []).join("\n"));
  const save = useApi({
    send: () => {
      const listed = hosts.split(/[\s,]+/).filter(Boolean);
      return api("PATCH /api/projects/[project]", {
        params: { project: project.id },
        body: {
          concurrency: numberOrNull(concurrency),
          maxBodyBytes: numberOrNull(megabytes, bytesPerMegabyte),
          egressAllow: listed.length > 0 ? listed : null,
          basedOn: project.updatedAt,
        },
      });
    },
    message: "Saved.",
    hasForm: true,
  });
  const hostProblem = Object.entries(save.problems).find(([path]) => path.startsWith("egressAllow"))?.[1];
  const isShownAbove = hostProblem || save.problems.concurrency || save.problems.maxBodyBytes;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  return (
    <Section title="Limits">
      <form onSubmit={submit}>
        <fieldset disabled={!canUpdate} className="grid gap-4">
          <legend className="sr-only">Limits of this project</legend>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field
              label="Steps at once"
              hint={`Empty: ${defaults.concurrency}.`}
              error={save.problems.concurrency}
            >
              <Input
                type="number"
                min={1}
                max={1000}
                inputMode="numeric"
                value={concurrency}
                onChange={(event) => setConcurrency(event.target.value)}
              />
            </Field>
            <Field
              label="Largest message, MB"
              hint={`Empty: ${defaults.maxBodyBytes / bytesPerMegabyte}, which is also the most.`}
              error={save.problems.maxBodyBytes}
            >
              <Input
                type="number"
                min={0.001}
                step="any"
                max={defaults.maxBodyBytes / bytesPerMegabyte}
                inputMode="decimal"
                value={megabytes}
                onChange={(event) => setMegabytes(event.target.value)}
              />
            </Field>
          </div>
          <Field
            label="Hosts that jobs may reach"
            hint="One a line, such as api.example.org or api.example.org:8443. Empty: any public address."
            error={hostProblem}
          >
            <Textarea
              value={hosts}
              onChange={(event) => setHosts(event.target.value)}
              spellCheck={false}
              className="font-mono text-xs"
            />
          </Field>
          <FormError>{isShownAbove ? null : save.error?.message}</FormError>
          {canUpdate ? (
            <Button type="submit" className="justify-self-start" disabled={save.isPending}>
              Save
            </Button>
          ) : null}
        </fieldset>
      </form>
    </Section>
  );
}
