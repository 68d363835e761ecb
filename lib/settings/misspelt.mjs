// @ts-check
import { slips } from "./nearest.mjs";
import { declared } from "./settings.mjs";

/** Shorter names have neighbours that mean something else: HOST and HOME. */
const minChars = 8;

/**
 * Sentences about variables that look like a setting written wrongly. They are to be shown, not refused: a variable
 * may be somebody else's.
 * @param {Record<string, string | undefined>} source
 * @returns {string[]}
 */
export function misspelt(source) {
  const known = declared.filter(([, { isInternal }]) => !isInternal).map(([name]) => name);
  const strange = Object.keys(source).filter((name) => source[name] && !known.some((one) => one === name));
  return strange.flatMap((name) => {
    const upper = name.toUpperCase();
    const meant = known.find(
      (one) => one.length >= minChars && slips(upper, one) <= (one.length < 12 ? 1 : 2),
    );
    return meant ? [`${name} is no setting of Waybill. If you mean ${meant}, rename it.`] : [];
  });
}
