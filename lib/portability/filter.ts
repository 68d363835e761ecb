import { type Node, visit } from "yaml";
import type { Json } from "@/lib/workflow/types";
import type { MapReader } from "./reader";

/** A filter is written as YAML, or as a JSON text as platform v1's criteria were. */
export function readFilter(trigger: MapReader, field: "inclusion" | "exclusion"): Json | null {
  const value = trigger.raw(field);
  if (typeof value === "string") return readText(trigger, field, value);
  const node = trigger.node(field);
  const changed = node && changedNumber(node);
  if (changed)
    trigger.problem(
      `${field} of ${trigger.key} holds ${changed}, which would be compared as another number. Write fewer digits, or a text.`,
      field,
    );
  return asJson(value);
}

function readText(trigger: MapReader, field: string, text: string): Json | null {
  try {
    return asJson(JSON.parse(text));
  } catch {
    trigger.problem(
      `${field} of ${trigger.key} is not JSON. Write the part that a message must contain, as a map.`,
      field,
    );
    return null;
  }
}

/** The first number that JavaScript does not hold as it is written. */
function changedNumber(root: Node): string | null {
  let found: string | null = null;
  visit(root, {
    Scalar(_, scalar) {
      if (typeof scalar.value !== "number" || isExact(scalar.value, scalar.source ?? "")) return;
      found = scalar.source ?? String(scalar.value);
      return visit.BREAK;
    },
  });
  return found;
}

/** Fifteen significant digits are always kept. */
function isExact(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false;
  if (Number.isInteger(value) && Math.abs(value) > Number.MAX_SAFE_INTEGER)
    return /^[-+]?\d+$/.test(source) && BigInt(source) === BigInt(value);
  const digits = source.replace(/e.*$/i, "").replace(/\D/g, "").replace(/^0+/, "");
  return Number.isInteger(value) || digits.length <= 15;
}

/** Data that came out of a YAML or JSON parser. */
const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
