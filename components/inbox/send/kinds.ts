import { fieldsOf } from "@/components/receipt/query-text";
import { type ExactJson, ExactNumber, stringifyExact } from "@/lib/exact-json";

/** In what a message is written. */
export const kinds = ["json", "form", "xml", "other"] as const;
export type Kind = (typeof kinds)[number];

export const kindInfo: Record<Kind, { label: string; contentType: string }> = {
  json: { label: "JSON", contentType: "application/json" },
  form: { label: "Form", contentType: "application/x-www-form-urlencoded" },
  xml: { label: "XML", contentType: "application/xml" },
  other: { label: "Pasted", contentType: "text/plain" },
};

type Fields = { [key: string]: ExactJson };

/** The same record in each of them; what is pasted begins empty. */
export function sampleIn(kind: Kind, record: Fields): string {
  if (kind === "json") return stringifyExact(record, 2);
  if (kind === "form")
    return new URLSearchParams(
      Object.entries(record).flatMap(([name, value]) => fieldsOf(name, value)),
    ).toString();
  return kind === "xml" ? `<message>\n${elementsOf(record, "  ")}</message>\n` : "";
}

function elementsOf(record: Fields, indent: string): string {
  return Object.entries(record)
    .flatMap(([key, value]) =>
      Array.isArray(value) ? value.map((one) => [key, one] as const) : [[key, value] as const],
    )
    .map(([key, value]) => elementOf(nameOf(key), value, indent))
    .join("");
}

function elementOf(name: string, value: ExactJson, indent: string): string {
  if (typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber))
    return `${indent}<${name}>\n${elementsOf(value, `${indent}  `)}${indent}</${name}>\n`;
  return `${indent}<${name}>${escaped(Array.isArray(value) ? stringifyExact(value) : String(value))}</${name}>\n`;
}

/** What XML takes for the name of an element. */
const nameOf = (key: string): string => (/^[A-Za-z_][\w.-]*$/.test(key) ? key : "field");

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Why it is not what it says to be; null when it is, or nobody can tell before it is sent. */
export function problemOf(kind: Kind, body: string): string | null {
  if (kind !== "json") return null;
  try {
    JSON.parse(body);
    return null;
  } catch (error) {
    return `This is not valid JSON: ${error instanceof Error ? error.message : "it does not parse."}`;
  }
}
