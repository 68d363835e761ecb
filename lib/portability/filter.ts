import { type Node, visit } from "yaml";
import { type ExactJson, exactNumber, parseExact, stringifyExact } from "@/lib/exact-json";
import type { MapReader } from "./reader";

/** A filter is written as YAML, or as a JSON text as platform v1's criteria were. */
export function readFilter(trigger: MapReader, field: "inclusion" | "exclusion"): ExactJson | null {
  const value = trigger.raw(field);
  if (typeof value === "string") return readText(trigger, field, value);
  const node = trigger.node(field);
  if (!node) return asJson(value);
  const changed = keepExact(node);
  if (changed)
    trigger.problem(
      `${field} of ${trigger.key} holds ${changed}, which would be compared as another number. Write its digits as JSON does, or a text.`,
      field,
    );
  return asJson(trigger.dataOf(node));
}

function readText(trigger: MapReader, field: string, text: string): ExactJson | null {
  try {
    return parseExact(text);
  } catch {
    trigger.problem(
      `${field} of ${trigger.key} is not JSON. Write the part that a message must contain, as a map.`,
      field,
    );
    return null;
  }
}

/**
 * Numbers that JavaScript does not hold as they are written are kept so. Returns the first that it does not hold and that
 * JSON does not write so.
 */
function keepExact(root: Node): string | null {
  let found: string | null = null;
  visit(root, {
    Scalar(_, scalar) {
      if (typeof scalar.value !== "number") return;
      const written = (scalar.source ?? "").replace(/^\+/, "");
      if (jsonNumber.test(written)) scalar.value = exactNumber(written);
      else if (!isExact(scalar.value, written)) found ??= scalar.source ?? String(scalar.value);
    },
  });
  return found;
}

const jsonNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Fifteen significant digits are always kept. */
function isExact(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false;
  if (Number.isInteger(value) && Math.abs(value) > Number.MAX_SAFE_INTEGER)
    return /^-?\d+$/.test(source) && BigInt(source) === BigInt(value);
  const digits = source.replace(/e.*$/i, "").replace(/\D/g, "").replace(/^0+/, "");
  return Number.isInteger(value) || digits.length <= 15;
}

/** Data that came out of a YAML or JSON parser. */
const asJson = (value: unknown): ExactJson => parseExact(stringifyExact(value));
