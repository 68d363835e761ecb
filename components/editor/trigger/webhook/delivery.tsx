"use client";
import { useState } from "react";
import { useFieldProblem } from "@/components/editor/editor-field";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { deliveryWords } from "@/components/workflows/delivery-words";
import { fieldId } from "@/lib/editor/field-id";
import type { DraftTrigger } from "@/lib/editor/graph";
import { deliveryPath, headerNamePattern } from "@/lib/workflow/delivery-names";
import type { DeliveryRule } from "@/lib/workflow/types";
import { NumberInput } from "./number-input";

type Props = { trigger: DraftTrigger; onChange: (rule: DeliveryRule | null) => void };

type Typed = { header: string; path: string; hours: number | null };

const typedOf = (rule: DeliveryRule | null): Typed => ({
  header: rule?.header ?? "",
  path: rule?.path ?? "",
  hours: rule?.hours ?? null,
});

/** How a repeat of a message is known. What is no such rule yet stays in the fields, says so, and changes nothing. */
export function DeliveryFields({ trigger, onChange }: Props) {
  const given = JSON.stringify(trigger.deliveryId);
  const [draft, setDraft] = useState<{ typed: Typed; of: string } | null>(null);
  const typed = draft?.of === given ? draft.typed : typedOf(trigger.deliveryId);
  const read = readRule(typed);
  const problem = useFieldProblem(trigger.id, "deliveryId");
  const type = (change: Partial<Typed>) => {
    const next = { ...typed, ...change };
    const rule = readRule(next);
    setDraft({ typed: next, of: "rule" in rule ? JSON.stringify(rule.rule) : given });
    if ("rule" in rule) onChange(rule.rule);
  };
  const problems = "problems" in read ? read.problems : {};
  return (
    <fieldset id={fieldId(trigger.id, "deliveryId")} className="grid gap-3">
      <legend className="mb-1.5 font-medium text-[13px]">How senders name a delivery</legend>
      <p className="text-muted-foreground text-xs">
        A sender that repeats a message names it alike, and it is run once: by{" "}
        {deliveryWords("rule" in read && read.rule ? read.rule : {})}. The usual headers are Idempotency-Key,
        webhook-id and X-GitHub-Delivery.
      </p>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Header" error={problems.header}>
          <Input
            value={typed.header}
            onChange={({ target }) => type({ header: target.value })}
            maxLength={100}
            autoComplete="off"
            placeholder="X-Delivery"
            className="font-mono"
          />
        </Field>
        <Field label="Path of the body" error={problems.path}>
          <Input
            value={typed.path}
            onChange={({ target }) => type({ path: target.value })}
            maxLength={200}
            autoComplete="off"
            placeholder="data.event.id"
            className="font-mono"
          />
        </Field>
        <Field label="Hours for which a repeat is known" hint="Empty: 24.">
          <NumberInput value={typed.hours} least={1} most={720} onChange={(hours) => type({ hours })} />
        </Field>
      </div>
      {problem ? (
        <p role="alert" data-status="failed" className="text-(--status) text-xs">
          {problem}
        </p>
      ) : null}
    </fieldset>
  );
}

type Read = { rule: DeliveryRule | null } | { problems: { header?: string; path?: string } };

function readRule({ header, path, hours }: Typed): Read {
  const said = {
    ...(header.trim() ? { header: header.trim().toLowerCase() } : {}),
    ...(path.trim() ? { path: path.trim() } : {}),
    ...(hours === null ? {} : { hours }),
  };
  const problems = {
    ...(said.header === undefined || headerNamePattern.test(said.header)
      ? {}
      : { header: "Enter the name of a header, such as X-Signature." }),
    ...(said.path === undefined || deliveryPath.test(said.path)
      ? {}
      : { path: "Write data, and then keys of the body with dots between, such as data.event.id." }),
  };
  if (Object.keys(problems).length > 0) return { problems };
  return { rule: Object.keys(said).length > 0 ? said : null };
}
