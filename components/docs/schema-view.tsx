import type { ReactNode } from "react";
import type { JsonSchema } from "@/lib/http/openapi-types";
import { nameOf } from "./example";
import { Prose } from "./prose";

/** The type of a field, as short as it can be said; named schemas are links. */
export function TypeText({ schema }: { schema: JsonSchema }): ReactNode {
  if (schema.$ref) {
    const name = nameOf(schema.$ref);
    return (
      <a href={`#schema-${name}`} className="text-accent underline-offset-2 hover:underline">
        {name}
      </a>
    );
  }
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives)
    return alternatives.map((one, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: alternatives have no other name and never move.
      <span key={index}>
        {index > 0 ? " or " : ""}
        <TypeText schema={one} />
      </span>
    ));
  if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(" · ");
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.type === "array")
    return (
      <>
        list of <TypeText schema={itemOf(schema)} />
      </>
    );
  if (schema.type === "object") return schema.properties ? "object" : "object with any keys";
  return [schema.format ?? kindOf(schema), limitsOf(schema)].filter(Boolean).join(", ");
}

const kindOf = ({ type }: { type?: string | string[] }): string =>
  type === undefined ? "any JSON" : [type].flat().join(" or ");

const itemOf = ({ items }: JsonSchema): JsonSchema =>
  items && typeof items === "object" && !Array.isArray(items) ? items : {};

function limitsOf({ minimum, maximum, minLength, maxLength }: JsonSchema): string {
  const [low, high, unit] =
    minLength === undefined && maxLength === undefined
      ? [minimum, maximum, ""]
      : [minLength, maxLength, " characters"];
  if (low !== undefined && high !== undefined) return `${low} to ${high}${unit}`;
  if (high !== undefined) return `at most ${high}${unit}`;
  return low === undefined ? "" : `at least ${low}${unit}`;
}

/** The fields of an object, or what a schema is where it is none. Named schemas are said where they stand. */
export function SchemaView({ schema }: { schema: JsonSchema }) {
  const inner = fieldsIn(schema);
  if (!inner)
    return (
      <p className="font-mono text-xs">
        <TypeText schema={schema} />
      </p>
    );
  return <Fields schema={inner} />;
}

export type FieldProps = {
  name: string;
  schema: JsonSchema;
  isRequired: boolean;
  description?: string | undefined;
};

/** One field or parameter, with the fields that it holds. */
export function FieldLine({ name, schema, isRequired, description = schema.description }: FieldProps) {
  const inner = fieldsIn(schema);
  return (
    <li className="py-1.5">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <code className="font-mono font-medium text-xs">{name}</code>
        <span className="min-w-0 break-words font-mono text-muted-foreground text-xs">
          <TypeText schema={schema} />
        </span>
        {isRequired ? null : <span className="text-2xs text-muted-foreground">optional</span>}
        {schema.default === undefined ? null : (
          <span className="text-2xs text-muted-foreground">default {JSON.stringify(schema.default)}</span>
        )}
      </p>
      {description ? (
        <p className="max-w-prose text-muted-foreground text-xs">
          <Prose text={description} />
        </p>
      ) : null}
      {inner ? <Fields schema={inner} /> : null}
    </li>
  );
}

function Fields({ schema }: { schema: JsonSchema }) {
  const { properties = {}, required = [] } = schema;
  return (
    <ul className="mt-1 divide-y divide-border/60 border-l pl-3">
      {Object.entries(properties).map(([name, one]) => (
        <FieldLine
          key={name}
          name={name}
          schema={typeof one === "object" ? one : {}}
          isRequired={required.includes(name)}
        />
      ))}
    </ul>
  );
}

/** The object whose fields are worth listing in place: the schema's own, of its items, or of its only alternative but null. */
function fieldsIn(schema: JsonSchema): JsonSchema | null {
  if (schema.$ref) return null;
  if (schema.type === "array") return fieldsIn(itemOf(schema));
  const alternatives = (schema.anyOf ?? schema.oneOf)?.filter((one) => one.type !== "null");
  if (alternatives) return alternatives.length === 1 && alternatives[0] ? fieldsIn(alternatives[0]) : null;
  return schema.properties && Object.keys(schema.properties).length > 0 ? schema : null;
}

/** The alternatives of a body that may have several shapes; null where it has one. */
export const shapesOf = (schema: JsonSchema): JsonSchema[] | null => {
  const shapes = (schema.anyOf ?? schema.oneOf)?.filter((one) => one.type === "object");
  return shapes && shapes.length > 1 ? shapes : null;
};
