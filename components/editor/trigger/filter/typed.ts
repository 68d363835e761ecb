import { type ExactJson, parseExact } from "@/lib/exact-json";
import type { KindOfValue } from "./words";

/** What was typed for a value, or why it is none. */
export type Typed = { value: ExactJson } | { problem: string };

/** Reads what was typed for a value of a kind. No digit is lost. */
export function readTyped(kind: KindOfValue, typed: string): Typed {
  switch (kind) {
    case "text":
      return { value: typed };
    case "yes":
      return { value: true };
    case "no":
      return { value: false };
    case "nothing":
      return { value: null };
    case "number":
      return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(typed.trim())
        ? { value: parseExact(typed.trim()) }
        : { problem: "Type a number, such as 12 or 0.5." };
    case "json":
      return readJson(typed);
    default:
      return kind satisfies never;
  }
}

/** JSON in exact decimals. */
export function readJson(text: string): Typed {
  try {
    return { value: parseExact(text) };
  } catch {
    return { problem: 'This is not JSON. Texts stand in double quotes: {"form": "B"}.' };
  }
}
