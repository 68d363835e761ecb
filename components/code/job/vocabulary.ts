import type { AdaptorDetail } from "@/lib/domain/adaptor/get";
import { givenOperations } from "./given";
import type { Word } from "./word";

/** Every word that a job of one adaptor can use besides JavaScript's own. */
export type Vocabulary = {
  words: ReadonlyMap<string, Word>;
  /** The adaptor's name and what it exports; null while neither is known, and then nobody can say what is missing. */
  adaptor: { name: string; exports: readonly string[] } | null;
};

type Detail = Pick<AdaptorDetail, "name" | "version" | "isBuilt" | "documented" | "undocumented">;

/** `common` documents what adaptors hand on of it without saying a word themselves. */
export function vocabularyOf(detail: Detail | null, common: Detail | null): Vocabulary {
  const words = new Map(givenOperations.map((word) => [word.name, word]));
  if (!detail?.isBuilt) return { words, adaptor: null };
  const from = `${detail.name} ${detail.version}`;
  const ofCommon = new Map(common?.documented.map((operation) => [operation.name, operation]));
  for (const name of detail.undocumented) {
    const { description = "", params = [], examples = [] } = ofCommon.get(name) ?? {};
    words.set(name, { name, description, params, examples, from });
  }
  for (const operation of detail.documented) words.set(operation.name, { ...operation, from });
  const exports = [...detail.undocumented, ...detail.documented.map(({ name }) => name)];
  return { words, adaptor: { name: detail.name, exports } };
}
