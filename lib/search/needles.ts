import type { Term } from "./terms";

/** Letters that stand for themselves in every way of writing a text; of no other can it be told from bytes what they say. */
const plainLetters = /[!#$%&'()*+,\-.0-9:<=>?@A-Z[\]^_a-z{|}~]+/g;

/**
 * What the bytes of a text must have somewhere, in small letters, when all terms are in it: of each term one of several. A
 * term of which nothing can be said, because it has no such letter, is left out.
 */
export function needlesOf(terms: readonly Term[]): string[][] {
  return terms.flatMap(({ spellings }) => {
    const needles = spellings.map(longestPlain);
    return needles.every((needle) => needle !== undefined) ? [needles] : [];
  });
}

const longestPlain = (text: string): string | undefined =>
  text.match(plainLetters)?.reduce((longest, one) => (one.length > longest.length ? one : longest));
