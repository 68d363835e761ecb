/** A whole number below `below`, the same ones for the same seed. */
export type Dice = (below: number) => number;

export function dice(seed: number): Dice {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One of the items. Throws when there is none. */
export const pick = <T>(roll: Dice, items: readonly T[]): T => {
  const item = items[roll(items.length)];
  if (item === undefined) throw new Error("There is nothing to pick.");
  return item;
};
