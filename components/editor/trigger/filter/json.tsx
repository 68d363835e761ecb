"use client";
import { useState } from "react";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/textarea";
import { type ExactJson, stringifyExact } from "@/lib/exact-json";
import { readJson } from "./typed";

type Props = {
  label: string;
  hint?: string;
  value: ExactJson | null;
  onChange: (value: ExactJson | null) => void;
};

/** A filter as JSON: what is typed counts as soon as it is JSON, and what is changed elsewhere stands here. */
export function FilterJson({ label, hint, value, onChange }: Props) {
  const text = value === null ? "" : stringifyExact(value, 2);
  const [typed, setTyped] = useState<{ text: string; of: string } | null>(null);
  const shown = typed?.of === text ? typed.text : text;
  const read = shown.trim() === "" ? { value: null } : readJson(shown);
  const type = (next: string) => {
    const found = next.trim() === "" ? { value: null } : readJson(next);
    if ("problem" in found) return setTyped({ text: next, of: text });
    setTyped({ text: next, of: found.value === null ? "" : stringifyExact(found.value, 2) });
    onChange(found.value);
  };
  return (
    <Field label={label} hint={hint} error={"problem" in read ? read.problem : null}>
      <Textarea
        value={shown}
        onChange={(event) => type(event.target.value)}
        rows={Math.min(16, Math.max(3, shown.split("\n").length))}
        spellCheck={false}
        autoComplete="off"
        className="font-mono text-[12.5px]"
      />
    </Field>
  );
}
