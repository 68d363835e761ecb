"use client";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { Textarea } from "@/components/ui/textarea";
import type { CredentialField, FieldValues } from "./credential-schema";

type Props = {
  fields: CredentialField[];
  values: FieldValues;
  problems: Record<string, string>;
  onChange: (values: FieldValues) => void;
};

/** The controls of a credential whose adaptor says what it holds. */
export function CredentialFields({ fields, values, problems, onChange }: Props) {
  return fields.map((field) => (
    <Field
      key={field.name}
      label={field.required ? field.label : `${field.label} (optional)`}
      hint={field.description}
      error={problems[field.name]}
    >
      <Control
        field={field}
        value={values[field.name] ?? ""}
        onChange={(value) => onChange({ ...values, [field.name]: value })}
      />
    </Field>
  ));
}

type ControlProps = { field: CredentialField; value: string; onChange: (value: string) => void };

function Control({ field, value, onChange }: ControlProps) {
  if (field.kind === "boolean")
    return (
      <Switch checked={value === "true"} onCheckedChange={(isOn) => onChange(isOn ? "true" : "false")} />
    );
  if (field.kind === "choice") return <Choice field={field} value={value} onChange={onChange} />;
  if (field.kind === "json")
    return (
      <Textarea
        value={value}
        onChange={(event) => onChange(event.target.value)}
        spellCheck={false}
        autoComplete="off"
        placeholder="{ }"
        className="font-mono text-xs"
      />
    );
  return (
    <Input
      // "new-password" keeps the browser from filling in the reader's own sign-in.
      type={field.kind === "secret" ? "password" : "text"}
      autoComplete={field.kind === "secret" ? "new-password" : "off"}
      inputMode={field.kind === "integer" ? "numeric" : field.kind === "number" ? "decimal" : undefined}
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      aria-required={field.required}
      placeholder={field.placeholder}
    />
  );
}

const none = "none";

function Choice({ field, value, onChange }: ControlProps) {
  return (
    <Select value={value} onValueChange={(chosen) => onChange(chosen === none ? "" : chosen)}>
      <SelectTrigger aria-required={field.required}>
        <SelectValue placeholder="Choose" />
      </SelectTrigger>
      <SelectContent>
        {field.required ? null : <SelectItem value={none}>Leave it out</SelectItem>}
        {field.choices.map((choice, place) => (
          <SelectItem key={String(choice)} value={String(place)}>
            {String(choice)}
          </SelectItem>
        ))}
      </SelectContent>
    </Select>
  );
}
