"use client";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { formatBytes, formatCount } from "@/components/ui/format";
import { Input } from "@/components/ui/input";
import { RadioGroup, RadioItem } from "@/components/ui/radio";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { RetentionPreview } from "@/lib/domain/retention/preview";
import type { RetentionSetting } from "@/lib/domain/retention/settings";
import { type Persistence, persistences } from "@/lib/words";
import type { Retention } from "@/lib/workflow/types";

type Props = { projectId: string; setting: RetentionSetting; canUpdate: boolean };

const parts = [
  { key: "messages", label: "Messages", says: "Path, query, headers and body; the row stays." },
  { key: "dataclips", label: "Outputs and inputs", says: "What steps returned, and inputs without a name." },
  { key: "logs", label: "Logs", says: "Lines, and what errors say beyond their types." },
] as const;
const kinds = ["success", "failure"] as const;

const persistenceWords: Record<Persistence, string> = {
  retain_all: "Keep everything, for the days below.",
  retain_with_errors: "Keep what failed. What succeeded is wiped once its runs have ended.",
  erase_all: "Keep nothing. Outputs are never stored, and messages are wiped once their runs have ended.",
};

const daysOrNull = (text: string) => (text.trim() === "" ? null : Number(text));

/** For how long what is kept, what that would take away, and the saving of it. */
export function RetentionSection({ projectId, setting, canUpdate }: Props) {
  const [days, setDays] = useState(() => daysIn(setting.retention));
  const [persistence, setPersistence] = useState<Persistence>(setting.persistence);
  const [preview, setPreview] = useState<RetentionPreview | null>(null);
  const asked = { retention: retentionFrom(days), persistence };
  const params = { project: projectId };
  const look = useApi({
    send: () => api("POST /api/projects/[project]/retention/preview", { params, body: asked }),
    done: setPreview,
    hasForm: true,
    isRefreshed: false,
  });
  const save = useApi({
    send: () =>
      api("PUT /api/projects/[project]/retention", {
        params,
        body: { ...asked, basedOn: setting.updatedAt },
      }),
    message: "Saved.",
    done: () => setPreview(null),
    hasForm: true,
  });
  const change = (key: string, value: string) => {
    setDays((before) => ({ ...before, [key]: value }));
    setPreview(null);
  };
  const problems = { ...look.problems, ...save.problems };
  const errorOf = (key: string) => problems[`retention.${key}`];
  const isShownAbove = Object.keys(days).some((key) => errorOf(key));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    look.mutate(undefined);
  };
  const fieldOf = (key: string, label: React.ReactNode) => (
    <Field key={key} label={label} error={errorOf(key)}>
      <Input
        type="number"
        min={1}
        max={3650}
        inputMode="numeric"
        value={days[key] ?? ""}
        onChange={(event) => change(key, event.target.value)}
      />
    </Field>
  );
  return (
    <Section
      id="retention"
      title="Retention"
      description="For how many days what is kept. Empty: as long as the history, and without a history for ever. Saved inputs stay."
    >
      <Form onSubmit={submit} saved={save.isSuccess}>
        <fieldset disabled={!canUpdate} className="grid gap-5">
          <legend className="sr-only">Retention of this project</legend>
          <RadioGroup
            aria-label="What is kept at all"
            value={persistence}
            disabled={!canUpdate}
            onValueChange={(value) => {
              setPersistence(persistences.find((one) => one === value) ?? persistence);
              setPreview(null);
            }}
          >
            {persistences.map((one) => (
              <RadioItem key={one} value={one}>
                {persistenceWords[one]}
              </RadioItem>
            ))}
          </RadioGroup>
          {parts.map(({ key, label, says }) => (
            <div key={key} className="grid gap-2">
              <p>
                <span className="font-semibold">{label}</span>{" "}
                <span className="text-muted-foreground text-xs">{says}</span>
              </p>
              <div className="grid grid-cols-2 gap-4">
                {kinds.map((kind) =>
                  fieldOf(
                    `${key}.${kind}`,
                    kind === "success" ? (
                      <>
                        <span className="sr-only">{label}, days of </span>Successes
                      </>
                    ) : (
                      <>
                        <span className="sr-only">{label}, days of </span>Everything else
                      </>
                    ),
                  ),
                )}
              </div>
            </div>
          ))}
          <div className="grid gap-2">
            <p>
              <span className="font-semibold">History</span>{" "}
              <span className="text-muted-foreground text-xs">
                Work orders with their runs, and their messages: gone as a whole.
              </span>
            </p>
            <div className="grid grid-cols-2 gap-4">{fieldOf("history", "Days since anything was done")}</div>
          </div>
          {setting.firstRunAt ? (
            <p className="text-muted-foreground text-xs">
              What is saved begins to count on <AbsoluteTime value={setting.firstRunAt} />. Until then nothing
              goes.
            </p>
          ) : null}
          <FormError>{isShownAbove ? null : (save.error ?? look.error)?.message}</FormError>
          {preview ? (
            <Preview preview={preview}>
              <Button type="button" onClick={() => save.mutate(undefined)} disabled={save.isPending}>
                Save
              </Button>
              <Button type="button" variant="outline" onClick={() => setPreview(null)}>
                Not yet
              </Button>
            </Preview>
          ) : canUpdate ? (
            <Button type="submit" className="justify-self-start" disabled={look.isPending}>
              {look.isPending ? "Counting …" : "See what would go"}
            </Button>
          ) : null}
        </fieldset>
      </Form>
    </Section>
  );
}

/** What would go at once, and the buttons that follow from it. */
function Preview({ preview, children }: { preview: RetentionPreview; children: React.ReactNode }) {
  const { messages, states, logs, history } = preview;
  const more = (isMore: boolean) => (isMore ? "more than " : "");
  const lines = [
    messages.count > 0
      ? `what ${more(messages.isMore)}${formatCount(messages.count, "message")} said (${formatBytes(messages.bytes)})`
      : null,
    states.count > 0
      ? `${more(states.isMore)}${formatCount(states.count, "output")} (${formatBytes(states.bytes)})`
      : null,
    logs.lines > 0 ? `${more(logs.isMore)}${formatCount(logs.lines, "line")} of logs` : null,
    history.workOrders > 0
      ? `${more(history.isMore)}${formatCount(history.workOrders, "work order")} with everything of them`
      : null,
  ].filter((line) => line !== null);
  return (
    <div role="status" className="grid gap-2 rounded-md border bg-muted/40 p-3">
      {lines.length === 0 ? (
        <p>Nothing would go at once. Later each thing goes when its days are over.</p>
      ) : (
        <>
          <p>At once this would take away, for good:</p>
          <ul className="list-disc pl-5">
            {lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
          <p className="text-muted-foreground text-xs">
            The first of it would go on <AbsoluteTime value={preview.firstRunAt} />. What is in use then stays
            until it is not: what has not ended, what a bulk act has still to do, and what the clock's next
            run begins with.
          </p>
        </>
      )}
      <div className="flex flex-wrap gap-2">{children}</div>
    </div>
  );
}

/** The days as texts, by the path of their field. */
function daysIn(retention: Retention): Record<string, string> {
  const text = (days: number | null) => (days === null ? "" : String(days));
  return {
    ...Object.fromEntries(
      parts.flatMap(({ key }) => kinds.map((kind) => [`${key}.${kind}`, text(retention[key][kind])])),
    ),
    history: text(retention.history),
  };
}

function retentionFrom(days: Record<string, string>): Retention {
  const of = (key: string) => daysOrNull(days[key] ?? "");
  const pair = (key: string) => ({ success: of(`${key}.success`), failure: of(`${key}.failure`) });
  return {
    messages: pair("messages"),
    dataclips: pair("dataclips"),
    logs: pair("logs"),
    history: of("history"),
  };
}
