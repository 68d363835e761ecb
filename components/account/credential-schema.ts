/** One field of a credential's form, read from an adaptor's `configuration-schema.json`. */
export type CredentialField = {
  name: string;
  label: string;
  description: string | undefined;
  /** `json` is for objects and lists; `choice` takes one of `choices`. */
  kind: "text" | "secret" | "number" | "integer" | "boolean" | "choice" | "json";
  choices: unknown[];
  required: boolean;
  placeholder: string | undefined;
  initial: string;
};

/** What the controls hold, by field name: texts, `true` or `false`, and a choice's place in `choices`. */
export type FieldValues = Record<string, string>;

type Body = Record<string, unknown>;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value.trim() ? value : undefined;

/** Returns the fields of a schema in its order; none when it is no schema of an object. */
export function fieldsOf(schema: unknown): CredentialField[] {
  if (!isObject(schema) || !isObject(schema.properties)) return [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties).flatMap(([name, property]) =>
    isObject(property) ? [fieldOf(name, property, required.includes(name))] : [],
  );
}

function fieldOf(name: string, property: Body, required: boolean): CredentialField {
  const choices = Array.isArray(property.enum) ? property.enum : [];
  const examples = Array.isArray(property.examples) ? property.examples : [];
  const kind = choices.length > 0 ? "choice" : kindOf(property);
  const label = textOf(property.title) ?? name;
  const description = textOf(property.description);
  const [example] = examples;
  const isPlain = kind === "text" || kind === "number" || kind === "integer";
  const placeholder = isPlain && ["string", "number"].includes(typeof example) ? String(example) : undefined;
  const field = { name, label, description: description === label ? undefined : description };
  const made = { ...field, kind, choices, required, placeholder };
  return { ...made, initial: shown({ ...made, initial: "" }, property.default) ?? "" };
}

function kindOf(property: Body): CredentialField["kind"] {
  const types = typesOf(property);
  if (types.includes("string")) {
    const isSecret = property.writeOnly === true || property.format === "password";
    return isSecret ? "secret" : "text";
  }
  if (types.includes("integer")) return "integer";
  if (types.includes("number")) return "number";
  if (types.includes("boolean")) return "boolean";
  return types.length > 0 ? "json" : "text";
}

/** `type` may be one, a list, or spread over `anyOf` and `oneOf`. */
function typesOf(property: Body): string[] {
  const types = [property.type].flat().filter((type) => typeof type === "string");
  const others = [property.anyOf, property.oneOf].flat().filter(isObject);
  return [...types, ...others.flatMap(typesOf)].filter((type) => type !== "null");
}

/** A value as the field's control holds it; undefined when the control cannot. */
function shown(field: CredentialField, value: unknown): string | undefined {
  if (value === undefined || value === null) return field.kind === "boolean" ? "false" : "";
  const isScalar = ["string", "number", "boolean"].includes(typeof value);
  switch (field.kind) {
    case "choice": {
      const place = field.choices.indexOf(value);
      return place < 0 ? undefined : String(place);
    }
    case "boolean":
      return String(value) === "true" || String(value) === "false" ? String(value) : undefined;
    case "number":
    case "integer":
      return isScalar && isNumber(field.kind, String(value)) ? String(value) : undefined;
    case "json":
      return JSON.stringify(value, null, 2);
    default:
      return isScalar ? String(value) : undefined;
  }
}

const isNumber = (kind: CredentialField["kind"], text: string): boolean =>
  text.trim() !== "" && (kind === "integer" ? Number.isInteger(Number(text)) : Number.isFinite(Number(text)));

/** What an empty form holds. */
export const initialValues = (fields: CredentialField[]): FieldValues =>
  Object.fromEntries(fields.map((field) => [field.name, field.initial]));

/** Returns a credential as the form shows it; null when a value fits no control, and only JSON can show it. */
export function valuesOf(fields: CredentialField[], body: Body): FieldValues | null {
  const values: FieldValues = {};
  for (const field of fields) {
    const value = shown(field, body[field.name]);
    if (value === undefined) return null;
    values[field.name] = value;
  }
  return values;
}

/**
 * Returns the credential that the form holds, or its problems by field. What `before` holds besides the fields is kept;
 * an empty field is left out.
 */
export function bodyOf(
  fields: CredentialField[],
  values: FieldValues,
  before: Body = {},
): { body: Body } | { problems: Record<string, string> } {
  const names = new Set(fields.map((field) => field.name));
  const body: Body = Object.fromEntries(Object.entries(before).filter(([name]) => !names.has(name)));
  const problems: Record<string, string> = {};
  for (const field of fields) {
    const read = readField(field, values[field.name] ?? "");
    if ("problem" in read) problems[field.name] = read.problem;
    else if (read.value !== undefined) body[field.name] = read.value;
  }
  return Object.keys(problems).length > 0 ? { problems } : { body };
}

function readField(field: CredentialField, text: string): { value: unknown } | { problem: string } {
  if (field.kind === "boolean") return { value: text === "true" };
  if (text.trim() === "")
    return field.required ? { problem: `Fill in ${field.label}.` } : { value: undefined };
  if (field.kind === "choice") return { value: field.choices[Number(text)] };
  if (field.kind === "number" || field.kind === "integer")
    return isNumber(field.kind, text)
      ? { value: Number(text) }
      : { problem: field.kind === "integer" ? "Write a whole number." : "Write a number." };
  if (field.kind !== "json") return { value: text };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { problem: "This is not valid JSON." };
  }
}
