import { type ExactJson, ExactNumber } from "@/lib/exact-json";
import {
  type Condition,
  conditionsAt,
  isSameCondition,
  isScalar,
  type Step,
  withCondition,
} from "@/lib/workflow/filter/conditions";

/** Where a value stands in a message: keys, and numbers of list items. */
export type Place = readonly (string | number)[];

/** What can be asked of a value by a click. */
export const asks = ["is", "there", "not"] as const;
export type Ask = (typeof asks)[number];

export type Offer = { conditions: Condition[] } | { why: string };

/** What stands for what a role does not see (lib/domain/mask). */
const maskMark = "•••";
const mostConditions = 20;

/** What a click on a value would ask for, or why it cannot. */
export function offerOf(ask: Ask, place: Place, value: ExactJson): Offer {
  if (holdsMasked(value)) return { why: "Something of it is masked for your role." };
  const path = stepsOf(place);
  if (place.length === 0 && value === null) return { why: "This message has no content to compare." };
  if (ask === "there") {
    if (isScalar(value))
      return {
        why: "A filter compares: it cannot ask whether a text, number, yes or no is there, whatever it is. Ask for what it is in.",
      };
    if (place.length === 0 && !Array.isArray(value)) return { why: "That is every message that has keys." };
    return { conditions: [{ path, wanted: Array.isArray(value) ? [] : {} }] };
  }
  const conditions = conditionsAt(path, value);
  return conditions.length > mostConditions
    ? { why: `There are more than ${mostConditions} values in it. Choose some of them.` }
    : { conditions };
}

/** A list's item stands for any of them. */
export const stepsOf = (place: Place): Step[] =>
  place.map((step) => (typeof step === "number" ? null : step));

function holdsMasked(value: ExactJson): boolean {
  if (typeof value === "string") return value.includes(maskMark);
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) return false;
  return Object.entries(value).some(([key, one]) => key.includes(maskMark) || holdsMasked(one));
}

/** Whether all that an offer asks for is asked for already. */
export const isAsked = (conditions: readonly Condition[], offer: Offer): boolean =>
  "conditions" in offer &&
  offer.conditions.length > 0 &&
  offer.conditions.every((wanted) => conditions.some((one) => isSameCondition(one, wanted)));

/** The conditions after a click: what it asks for is added, or taken away where all of it was there. */
export function afterClick(conditions: readonly Condition[], offer: Offer): Condition[] {
  if (!("conditions" in offer)) return [...conditions];
  if (isAsked(conditions, offer))
    return conditions.filter((one) => !offer.conditions.some((wanted) => isSameCondition(one, wanted)));
  return offer.conditions.reduce<Condition[]>(withCondition, [...conditions]);
}
