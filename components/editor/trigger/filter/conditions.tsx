"use client";
import { Pencil, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Textarea } from "@/components/ui/textarea";
import { Form } from "@/components/unsaved/form";
import type { ExactJson } from "@/lib/exact-json";
import { type Condition, isPresence } from "@/lib/workflow/filter/conditions";
import { Pieces } from "./pieces";
import { readTyped } from "./typed";
import {
  conditionText,
  conditionWords,
  type KindOfValue,
  kindOf,
  kindsOfValue,
  pathText,
  typedOf,
} from "./words";

type Props = {
  id: string;
  label: string;
  /** What is so without any condition. */
  none: string;
  hint?: string | undefined;
  problem: string | null;
  conditions: readonly Condition[];
  onChange: (conditions: Condition[]) => void;
};

/** The conditions of one filter as sentences, each of which can be changed and taken away. */
export function ConditionList({ id, label, none, hint, problem, conditions, onChange }: Props) {
  return (
    <section id={id} tabIndex={-1} aria-label={label} className="grid gap-1.5">
      <h3 className="font-medium text-[13px]">{label}</h3>
      {conditions.length === 0 ? (
        <p className="text-muted-foreground text-sm">{none}</p>
      ) : (
        <ul className="rounded-lg border bg-card">
          {conditions.map((condition, at) => (
            <Line
              key={conditionText({ ...condition, wanted: 0 }) + String(at)}
              condition={condition}
              onChange={(wanted) =>
                onChange(conditions.map((one, other) => (other === at ? { ...one, wanted } : one)))
              }
              onRemove={() => onChange(conditions.filter((_, other) => other !== at))}
            />
          ))}
        </ul>
      )}
      {hint ? <p className="text-muted-foreground text-xs">{hint}</p> : null}
      {problem ? (
        <p role="alert" data-status="failed" className="text-(--status) text-xs">
          {problem}
        </p>
      ) : null}
    </section>
  );
}

type LineProps = { condition: Condition; onChange: (wanted: ExactJson) => void; onRemove: () => void };

function Line({ condition, onChange, onRemove }: LineProps) {
  const [isOpen, setOpen] = useState(false);
  const text = conditionText(condition);
  return (
    <li className="grid gap-2 border-b px-3 py-1.5 last:border-b-0">
      <div className="flex items-start gap-1">
        <p className="min-w-0 flex-1 py-1 text-sm [overflow-wrap:anywhere]">
          <Pieces pieces={conditionWords(condition)} />
        </p>
        {isPresence(condition.wanted) ? null : (
          <Button
            variant="ghost"
            size="icon-sm"
            aria-expanded={isOpen}
            aria-label={`Change the value: ${text}`}
            title="Change the value"
            onClick={() => setOpen(!isOpen)}
          >
            <Pencil aria-hidden />
          </Button>
        )}
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={`Remove: ${text}`}
          title="Remove"
          onClick={onRemove}
        >
          <X aria-hidden />
        </Button>
      </div>
      {isOpen ? (
        <ValueForm
          condition={condition}
          onDone={(wanted) => {
            setOpen(false);
            onChange(wanted);
          }}
        />
      ) : null}
    </li>
  );
}

const kindNames: Record<KindOfValue, string> = {
  text: "Text",
  number: "Number",
  yes: "Yes (true)",
  no: "No (false)",
  nothing: "Nothing (null)",
  json: "JSON",
};

function ValueForm({ condition, onDone }: { condition: Condition; onDone: (wanted: ExactJson) => void }) {
  const [kind, setKind] = useState(kindOf(condition.wanted));
  const [typed, setTyped] = useState(typedOf(condition.wanted));
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const read = readTyped(kind, typed);
    if ("problem" in read) setProblem(read.problem);
    else onDone(read.value);
  };
  const hasText = kind === "text" || kind === "number" || kind === "json";
  const props = {
    value: typed,
    autoComplete: "off",
    onChange: (event: { target: { value: string } }) => setTyped(event.target.value),
  };
  return (
    <Form
      saved={false}
      onSubmit={submit}
      className="grid gap-2 pb-1.5 sm:grid-cols-[9rem_1fr_auto] sm:items-start"
    >
      <Field label={`Kind of value of ${pathText(condition.path)}`} hideLabel>
        <Select
          value={kind}
          onValueChange={(one) => setKind(kindsOfValue.find((known) => known === one) ?? "text")}
        >
          <SelectTrigger>
            <SelectValue />
          </SelectTrigger>
          <SelectContent>
            {kindsOfValue.map((one) => (
              <SelectItem key={one} value={one}>
                {kindNames[one]}
              </SelectItem>
            ))}
          </SelectContent>
        </Select>
      </Field>
      {hasText ? (
        <Field label={`Value of ${pathText(condition.path)}`} hideLabel error={problem}>
          {kind === "json" ? (
            <Textarea {...props} rows={3} className="font-mono" />
          ) : (
            <Input {...props} inputMode={kind === "number" ? "decimal" : "text"} />
          )}
        </Field>
      ) : (
        <span />
      )}
      <Button type="submit" variant="outline">
        Use it
      </Button>
    </Form>
  );
}
