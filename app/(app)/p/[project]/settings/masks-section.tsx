"use client";
import { useId, useState } from "react";
import { Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Checkbox } from "@/components/ui/checkbox";
import { Field } from "@/components/ui/field";
import { Label } from "@/components/ui/label";
import { Textarea } from "@/components/ui/textarea";
import { useApi } from "@/components/use-api";
import { downloadRoles, maskableRoles } from "@/lib/words";
import type { Protection } from "@/lib/workflow/types";
import { SettingForm } from "./setting-form";

type Props = { projectId: string; protection: Protection; canUpdate: boolean };

/** What is masked, for which roles, who may reveal it, and who downloads nothing. */
export function MasksSection({ projectId, protection, canUpdate }: Props) {
  const [paths, setPaths] = useState(protection.masks.join("\n"));
  const [maskedRoles, setMasked] = useState(protection.maskedRoles);
  const [revealRoles, setReveal] = useState(protection.revealRoles);
  const [noDownloadRoles, setNoDownload] = useState(protection.noDownloadRoles);
  const save = useApi({
    send: () =>
      api("PUT /api/projects/[project]/protection", {
        params: { project: projectId },
        body: {
          masks: pathsOf(paths),
          maskedRoles,
          revealRoles: revealRoles.filter((role) => maskedRoles.includes(role)),
          noDownloadRoles,
        },
      }),
    message: "Saved. It holds from now on, for what came before too.",
    hasForm: true,
  });
  const pathProblem = Object.entries(save.problems).find(([field]) => field.startsWith("masks"))?.[1];
  return (
    <Section
      id="masks"
      title="Masks and downloads"
      description="What some roles see as ••• wherever it stands, and who downloads nothing. What is stored stays as it is."
    >
      <SettingForm
        legend="What is masked in this project"
        canUpdate={canUpdate}
        save={save}
        error={pathProblem ? null : save.error?.message}
      >
        <Field
          label="Masked paths, one a line"
          hint="Such as $.patient.name, $..phone or $.headers['x-user']. Each is tried on messages, on states and on their data. The same text is hidden in logs, errors, names and files too, from four characters on; a body without structure (text, CSV, HL7) is hidden whole."
          error={pathProblem}
        >
          <Textarea
            rows={4}
            spellCheck={false}
            className="font-mono text-[13px]"
            value={paths}
            onChange={(event) => setPaths(event.target.value)}
          />
        </Field>
        <Roles label="Masked for" roles={maskableRoles} chosen={maskedRoles} onChange={setMasked} />
        <Roles
          label="May reveal a message, saying why"
          roles={maskableRoles}
          chosen={revealRoles}
          usable={maskedRoles}
          onChange={setReveal}
        />
        <Roles
          label="Download nothing"
          roles={downloadRoles}
          chosen={noDownloadRoles}
          onChange={setNoDownload}
        />
        <p className="text-muted-foreground text-xs">
          Editors write jobs and filters. One for whom something is masked can still have a job send it
          elsewhere, change it so that it is not known any more, or see what a filter finds. Masks keep them
          from seeing it in passing, not from meaning to. What a job makes of a value, such as a part of a
          name, is not known to be that value.
        </p>
      </SettingForm>
    </Section>
  );
}

const pathsOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

type RolesProps<R extends string> = {
  label: string;
  roles: readonly R[];
  chosen: R[];
  /** Those that can be chosen; all of them without. */
  usable?: readonly R[];
  onChange: (roles: R[]) => void;
};

function Roles<R extends string>({ label, roles, chosen, usable = roles, onChange }: RolesProps<R>) {
  const id = useId();
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1.5 font-medium">{label}</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-1.5">
        {roles.map((role) => (
          <div key={role} className="flex items-center gap-2">
            <Checkbox
              id={`${id}-${role}`}
              checked={chosen.includes(role) && usable.includes(role)}
              disabled={!usable.includes(role)}
              onCheckedChange={(on) =>
                onChange(on === true ? [...chosen, role] : chosen.filter((one) => one !== role))
              }
            />
            <Label htmlFor={`${id}-${role}`} className="font-normal">
              {role}s
            </Label>
          </div>
        ))}
      </div>
    </fieldset>
  );
}
