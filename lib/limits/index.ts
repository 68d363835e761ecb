import { invalid, type Refusal } from "@/lib/refusal";
import { declared } from "./limits.mjs";

export type LimitName = keyof typeof declared;
type Limit = { value: number; unit: string; of: string; at: string; advice?: string };

const table: Record<LimitName, Limit> = declared;

/** The most of everything that people and senders bring, by name. What each bounds: limits.mjs. */
export const limits = Object.fromEntries(
  Object.entries(table).map(([name, { value }]) => [name, value]),
) as Record<LimitName, number>;

const grouped = (n: number) => n.toLocaleString("en-US");

/** Null where counting ended at the bound. */
type Size = number | null;

/** The sentence that refuses `size` of what a limit bounds, `whose` with an article or a name. */
export function tooMuch(name: LimitName, size: Size, whose: string): string {
  const { value, unit, advice } = table[name];
  const most = grouped(value);
  const much =
    size === null
      ? `has more than the ${most} ${unit} that are allowed`
      : `has ${grouped(size)} ${unit}; at most ${most} are allowed`;
  const sentence = `${whose} ${much}.`;
  return advice ? `${sentence} ${advice}` : sentence;
}

/** Throws `invalid` when more than a limit would be there and it is more than before: what is there may stay. */
export function refuseGrowth(name: LimitName, after: number, before: number, whose: string): void {
  if (after > limits[name] && after > before) throw tooMuchOf(name, after, whose);
}

export const tooMuchOf = (name: LimitName, size: Size, whose: string): Refusal =>
  invalid(tooMuch(name, size, whose), { limit: { name, max: limits[name], size } });

/** What zod says of a text or list that is longer than a limit. */
export const orSay = (name: LimitName, whose: string) => ({
  error: ({ input }: { input?: unknown }) =>
    tooMuch(name, typeof input === "string" || Array.isArray(input) ? input.length : null, whose),
});

/** How many bytes a text has as UTF-8. */
export const utf8Bytes = (text: string): number => new TextEncoder().encode(text).length;
