import { withoutNul } from "@/lib/text";
import { fold } from "./fold";

/** One thing that is looked for: a word or a phrase, folded. */
export type Term = {
  text: string;
  /** The texts of which one is where the term is found. */
  spellings: readonly string[];
  /** The place of its first occurrence in a folded text, from `from` on. */
  find(folded: string, from?: number): { start: number; end: number } | undefined;
};

/** A phrase in quotes, in which a quote is written twice, or a word. A quote that nothing closes is a letter. */
const parts = /"((?:[^"]|"")+)"(?=\s|$)|\S+/g;

/**
 * What a search asks for, all of it: each word, and each phrase in quotes, in which any white space is like any other.
 * Every character stands for itself. A search without a word, such as two quotes, is looked for as it is.
 */
export function searchTerms(search: string): Term[] {
  const found = [...search.matchAll(parts)].map(([whole, phrase]) =>
    phrase === undefined ? whole : phrase.replaceAll('""', '"').trim(),
  );
  const texts = found.filter((text) => text !== "");
  const wanted = texts.length > 0 ? texts : [search.trim()];
  return [...new Set(wanted.map((text) => fold(withoutNul(text))))].flatMap((text) =>
    text === "" ? [] : [termOf(text)],
  );
}

/** What is looked for as it stands, spaces and quotes included. */
export const literalTerm = (text: string): Term => termOf(fold(withoutNul(text)));

/** A term that is found where one of `others` is, too. */
export function withOthers(term: Term, others: readonly string[]): Term {
  const all = [term, ...others.map(literalTerm)];
  return {
    text: term.text,
    spellings: all.flatMap(({ spellings }) => spellings),
    find(folded, from) {
      for (const one of all) {
        const found = one.find(folded, from);
        if (found) return found;
      }
      return undefined;
    },
  };
}

function termOf(text: string): Term {
  if (!/\s/.test(text)) {
    return {
      text,
      spellings: [text],
      find(folded, from = 0) {
        const start = folded.indexOf(text, from);
        return start < 0 ? undefined : { start, end: start + text.length };
      },
    };
  }
  const words = text.split(/\s+/).map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  const pattern = words.join("\\s+");
  return {
    text,
    spellings: [text],
    find(folded, from = 0) {
      const spaced = new RegExp(pattern, "g");
      spaced.lastIndex = from;
      const match = spaced.exec(folded);
      return match ? { start: match.index, end: match.index + match[0].length } : undefined;
    },
  };
}
