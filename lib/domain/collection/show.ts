import { maskFor } from "@/lib/domain/mask/mask";
import { type ItemAccess, isRun } from "./items";
import type { StoredItem } from "./list-items";

/** Items as somebody may see them, and whether they are all that is there. */
export type Shown = { isMasked: boolean; item(one: StoredItem): StoredItem };

const asIs: Shown = { isMasked: false, item: (one) => one };

/**
 * How items are shown. It is not kept what a job made them of, so for whom something is masked in the project neither their
 * keys nor their values can be read; runs read them as they are.
 */
export async function shownTo(access: ItemAccess): Promise<Shown> {
  const mask = isRun(access) ? null : await maskFor(access);
  if (!mask) return asIs;
  const { whole } = mask;
  return {
    isMasked: true,
    item: (one) => ({ ...one, key: whole.text(one.key), value: whole.text(one.value) }),
  };
}

/** Whether asking by a key would tell whoever may see none whether it is there. */
export const isGuess = ({ isMasked }: Shown, key: string | undefined): boolean =>
  isMasked && key !== undefined && !/^\*+$/.test(key);

/** Whether somebody sees none of the project's keys and values. */
export const isMaskedFor = async (access: ItemAccess): Promise<boolean> => (await shownTo(access)).isMasked;
