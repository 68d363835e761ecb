import type { ExactJson } from "@/lib/exact-json";
import { stringifyExact } from "@/lib/exact-json";
import { shortJson } from "@/lib/short-json";
import {
  type Condition,
  isAnything,
  isPresence,
  isScalar,
  type Step,
} from "@/lib/workflow/filter/conditions";

/** A piece of a sentence; code is what messages hold. */
export type Piece = string | { code: string };

const maxShown = 120;

/** A place in a message as jobs would write it: `patient.id`, `visits[].type`, `["first name"]`. */
export function pathText(path: readonly Step[]): string {
  const isName = (key: string) => /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key);
  return path
    .map((step, at) =>
      step === null ? "[]" : isName(step) ? `${at === 0 ? "" : "."}${step}` : `[${JSON.stringify(step)}]`,
    )
    .join("");
}

/** What a condition asks of a message, without a full stop. */
export function conditionWords(condition: Condition): Piece[] {
  const { path, wanted } = condition;
  const value = { code: shortJson(wanted, maxShown) };
  const place = { code: pathText(path) };
  if (isAnything(condition)) return ["it is any message at all"];
  if (path.length === 0) return ["the message is ", value];
  const last = path.at(-1);
  if (last === null) {
    const list = path.length === 1 ? "the message" : { code: pathText(path.slice(0, -1)) };
    return isScalar(wanted)
      ? [list, " is a list with the item ", value]
      : [list, " is a list with an item that has ", value];
  }
  if (isPresence(wanted)) {
    const kind = Array.isArray(wanted) ? "a list" : "an object";
    return [place, ` is there, as ${kind}${inItem(path)}`];
  }
  return [place, isScalar(wanted) ? " is " : " has ", value, inItem(path)].filter((piece) => piece !== "");
}

const inItem = (path: readonly Step[]): string => (path.includes(null) ? ", in an item" : "");

/** The same as one text. */
export const conditionText = (condition: Condition): string =>
  conditionWords(condition)
    .map((piece) => (typeof piece === "string" ? piece : piece.code))
    .join("");

/** How a value is typed: a text as it is, anything else as JSON. */
export const kindsOfValue = ["text", "number", "yes", "no", "nothing", "json"] as const;
export type KindOfValue = (typeof kindsOfValue)[number];

export function kindOf(value: ExactJson): KindOfValue {
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (value === null) return "nothing";
  return isScalar(value) ? "number" : "json";
}

/** What stands in the field of a value. */
export const typedOf = (value: ExactJson): string =>
  typeof value === "string" ? value : stringifyExact(value);
