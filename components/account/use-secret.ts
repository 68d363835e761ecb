"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/components/api";
import {
  bodyOf,
  type CredentialField,
  type FieldValues,
  fieldsOf,
  initialValues,
  valuesOf,
} from "./credential-schema";

type Body = Record<string, unknown>;

/** What the form holds: JSON as text, or the values of an adaptor's fields and what the secret held besides. */
type Draft = { kind: "json"; text: string } | { kind: "form"; values: FieldValues; before: Body };

export type ReadSecret = { body: Body } | { problems: Record<string, string> };

const example = JSON.stringify({ baseUrl: "https://api.example.org", username: "", password: "" }, null, 2);
const jsonOf = (body: Body) => JSON.stringify(body, null, 2);

/** The secret while it is written, as JSON or by an adaptor's form. `draft` is null while a stored one stays closed. */
export function useSecret(existing: { schema: string } | undefined, madeFor = "raw") {
  const [schema, setSchema] = useState(existing?.schema ?? madeFor);
  const [draft, setDraft] = useState<Draft | null>(existing ? null : { kind: "json", text: example });
  const { data } = useQuery({
    queryKey: ["credential-schemas"],
    queryFn: ({ signal }) => api("GET /api/account/credential-schemas", { signal }),
    staleTime: 60_000,
  });
  const schemas = data?.items ?? [];
  const fieldsFor = (name: string): CredentialField[] =>
    fieldsOf(schemas.find((one) => one.name === name)?.schema);
  const fields = fieldsFor(schema);

  /** Says whether the form can show it; JSON does when it cannot. */
  const show = (body: Body, by = fields): boolean => {
    const values = by.length > 0 ? valuesOf(by, body) : null;
    setDraft(values ? { kind: "form", values, before: body } : { kind: "json", text: jsonOf(body) });
    return values !== null;
  };
  const read = (): ReadSecret => {
    if (!draft) return { body: {} };
    return draft.kind === "form" ? bodyOf(fields, draft.values, draft.before) : parseObject(draft.text);
  };
  /** Another adaptor, or none. What was typed stays as far as it can be read. */
  const choose = (name: string) => {
    setSchema(name);
    if (!draft) return;
    const isUntouched = draft.kind === "json" && draft.text === example;
    const chosen = fieldsFor(name);
    const typed = isUntouched ? { body: {} } : read();
    if (name === "raw") {
      const body = "body" in typed ? typed.body : {};
      setDraft({ kind: "json", text: Object.keys(body).length > 0 ? jsonOf(body) : example });
    } else if ("body" in typed && Object.keys(typed.body).length > 0) show(typed.body, chosen);
    else if (chosen.length > 0) setDraft({ kind: "form", values: initialValues(chosen), before: {} });
  };
  return { schema, schemas, fields, draft, setDraft, choose, show, read };
}

/** Reads a JSON object that somebody typed. */
export function parseObject(text: string): ReadSecret {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return { body: { ...body } };
    return { problems: { body: 'Write a JSON object, such as {"apiKey": "…"}.' } };
  } catch (error) {
    const reason = error instanceof Error ? error.message : "check it";
    return { problems: { body: `This is not valid JSON: ${reason}.` } };
  }
}
