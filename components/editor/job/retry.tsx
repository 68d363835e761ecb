"use client";
import { useState } from "react";
import { EditorField } from "@/components/editor/editor-field";
import { useEditorStore } from "@/components/editor/store";
import { Choice } from "@/components/ui/choice";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { setJob } from "@/lib/editor/edits";
import type { DraftJob } from "@/lib/editor/graph";
import { retryBounds, retryWords } from "@/lib/workflow/retry";

type Policy = NonNullable<DraftJob["retry"]>;

const usual: Policy = { attempts: 3, delaySeconds: 10, maxDelaySeconds: 3_600, errorTypes: null };

/** Whether the job is tried again by itself, how often, and after what. */
export function JobRetry({ job: { id, retry } }: { job: DraftJob }) {
  const store = useEditorStore();
  const set = (policy: Policy | null, field: string) =>
    store.edit(setJob(id, { retry: policy }), `job:${id}:retry:${field}`);
  return (
    <div className="grid grid-cols-1 gap-3">
      <Choice
        label="Try it again by itself when it fails"
        isChecked={retry !== null}
        onChange={(isOn) => set(isOn ? usual : null, "on")}
      />
      {retry ? (
        <>
          <div className="grid gap-3 sm:grid-cols-3">
            <Amount
              label="Attempts, with the first"
              value={retry.attempts}
              bounds={retryBounds.attempts}
              onChange={(attempts) => set({ ...retry, attempts }, "attempts")}
            />
            <Amount
              label="First pause, in seconds"
              value={retry.delaySeconds}
              bounds={retryBounds.delaySeconds}
              onChange={(delaySeconds) => set({ ...retry, delaySeconds }, "delay")}
            />
            <Amount
              label="Longest pause, in seconds"
              value={retry.maxDelaySeconds}
              bounds={retryBounds.maxDelaySeconds}
              onChange={(maxDelaySeconds) => set({ ...retry, maxDelaySeconds }, "most")}
            />
          </div>
          <EditorField
            itemId={id}
            field="retry"
            label="After these types of errors"
            hint={`Empty: after whatever makes it fail. So: ${retryWords(retry)}.`}
          >
            <ErrorTypes
              value={retry.errorTypes}
              onChange={(errorTypes) => set({ ...retry, errorTypes }, "types")}
            />
          </EditorField>
        </>
      ) : null}
    </div>
  );
}

type AmountProps = {
  label: string;
  value: number;
  bounds: readonly [number, number];
  onChange(value: number): void;
};

/** A whole number; what is none, or out of bounds, is not handed on. */
function Amount({ label, value, bounds: [least, most], onChange }: AmountProps) {
  const [text, setText] = useState(String(value));
  const read = (typed: string): number | null => {
    const number = Number(typed);
    return /^\d{1,6}$/.test(typed.trim()) && number >= least && number <= most ? number : null;
  };
  // Undone, or changed elsewhere.
  if (read(text) !== null && read(text) !== value) setText(String(value));
  const problem =
    read(text) === null ? `Write a number from ${least} to ${most.toLocaleString("en")}.` : null;
  return (
    <Field label={label} error={problem}>
      <Input
        inputMode="numeric"
        value={text}
        autoComplete="off"
        onChange={({ target }) => {
          setText(target.value);
          const number = read(target.value);
          if (number !== null) onChange(number);
        }}
      />
    </Field>
  );
}

const typesOf = (text: string): string[] | null => {
  const types = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((type) => type.slice(0, 100));
  return types.length === 0 ? null : types;
};

type TypesProps = { value: string[] | null; onChange(types: string[] | null): void };

function ErrorTypes({ value, onChange }: TypesProps) {
  const [text, setText] = useState(value?.join(", ") ?? "");
  if (JSON.stringify(typesOf(text)) !== JSON.stringify(value)) setText(value?.join(", ") ?? "");
  return (
    <Input
      value={text}
      autoComplete="off"
      spellCheck={false}
      placeholder="TimeoutError, HTTPError"
      className="font-mono"
      onChange={({ target }) => {
        setText(target.value);
        onChange(typesOf(target.value));
      }}
    />
  );
}
