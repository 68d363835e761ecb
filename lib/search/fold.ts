/** Marks that stand after their letter, and what else has more than one way to be written. */
const composed = /\u0130|[\u0300-\u{10ffff}]/u;

/**
 * A text as it is compared: Unicode's small letters in their composed form, so that `É`, `é` and `e` with an accent of its
 * own are one. Letters stay letters: `e` is not `é`, and `ss` is not `ß`.
 */
export function fold(text: string): string {
  if (!composed.test(text)) return text.toLowerCase();
  // Turkish capital I with a dot grows when it is made small; sigma has two small letters.
  return text.normalize("NFC").toLowerCase().replaceAll("i\u0307", "i").replaceAll("ς", "σ");
}

/** A letter with its marks, or a Korean syllable: what folding never joins with its neighbours. */
const clusters = /[\u1100-\u115f][\u1160-\u11a7]*[\u11a8-\u11ff]*|[\s\S][\p{M}\u1160-\u11ff]*/gu;

/** A folded text, and where in the text each of its places was. */
export type Folded = { text: string; at: (place: number) => number };

/** The same, with the way back: places of the folded text as places of the original. */
export function foldWithPlaces(text: string): Folded {
  const folded = fold(text);
  if (!composed.test(text) || (folded.length === text.length && text.normalize("NFC") === text))
    return { text: folded, at: (place) => place };
  const places: number[] = [];
  let whole = "";
  for (const { 0: cluster, index } of text.matchAll(clusters)) {
    const one = fold(cluster);
    for (let unit = 0; unit < one.length; unit++) places.push(index);
    whole += one;
  }
  places.push(text.length);
  return { text: whole, at: (place) => places[place] ?? text.length };
}
