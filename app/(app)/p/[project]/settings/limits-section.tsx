"use client";
import { useState } from "react";
import { Section } from "@/components/account/section";
import { api } from "@/components/api";
import { HostsField, hostsOf, hostsProblem } from "@/components/hosts-field";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useApi } from "@/components/use-api";
import type { ProjectSettings } from "@/lib/domain/project/get";
import { SettingForm } from "./setting-form";

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
  const [rate, setRate] = useState(String(project.ratePerMinute ?? ""));
  const [inboxRate, setInboxRate] = useState(String(project.inboxRatePerMinute ?? ""));
  const [hosts, setHosts] = useState((project.egressAllow ?? []).join("\n"));
  const save = useApi({
    send: () =>
      api("PATCH /api/projects/[project]", {
        params: { project: project.id },
        body: {
          concurrency: numberOrNull(concurrency),
          maxBodyBytes: numberOrNull(megabytes, bytesPerMegabyte),
          ratePerMinute: numberOrNull(rate),
          inboxRatePerMinute: numberOrNull(inboxRate),
          egressAllow: hostsOf(hosts),
          basedOn: project.updatedAt,
        },
      }),
    message: "Saved.",
    hasForm: true,
  });
  const hostProblem = hostsProblem(save.problems, "egressAllow");
  const fields = ["concurrency", "maxBodyBytes", "ratePerMinute", "inboxRatePerMinute"];
  const isShownAbove = hostProblem || fields.some((field) => save.problems[field]);
  return (
    <Section id="limits" title="Limits">
      <SettingForm
        legend="Limits of this project"
        canUpdate={canUpdate}
        save={save}
        error={isShownAbove ? null : save.error?.message}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label="Runs at once"
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
          <Rate
            label="Messages a minute, all URLs"
            value={rate}
            onChange={setRate}
            error={save.problems.ratePerMinute}
          />
          <Rate
            label="Messages a minute, inbox URL"
            value={inboxRate}
            onChange={setInboxRate}
            error={save.problems.inboxRatePerMinute}
          />
        </div>
        <HostsField
          label="Hosts that jobs may reach"
          empty="any public address"
          value={hosts}
          onChange={setHosts}
          error={hostProblem}
        />
      </SettingForm>
    </Section>
  );
}

type RateProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error: string[] | undefined;
};

function Rate({ label, value, onChange, error }: RateProps) {
  return (
    <Field label={label} hint="Empty: no limit. More are answered 429, and kept a day." error={error}>
      <Input
        type="number"
        min={1}
        max={1_000_000}
        inputMode="numeric"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}
