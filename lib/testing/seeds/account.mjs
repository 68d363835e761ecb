// @ts-check

/** @typedef {import("./matrix.mjs").Sentence} Sentence */
/** @typedef {{ id: string, says: string, tests: string[] }} Failed a sentence and those of its tests that did not pass */

/**
 * What a run of tests shows of documents. `passed` has "file > full name" of each test that passed.
 * @param {Record<string, Sentence[]>} documents
 * @param {string[]} passed
 * @returns {{ asked: number, shown: number, open: { id: string, issue: number }[], failed: Failed[] }}
 */
export function account(documents, passed) {
  /** @type {{ id: string, issue: number }[]} */
  const open = [];
  /** @type {Failed[]} */
  const failed = [];
  let asked = 0;
  for (const [name, sentences] of Object.entries(documents))
    for (const [index, [says, shown]] of sentences.entries()) {
      if (typeof shown === "string") continue;
      asked++;
      const id = `${name}-${index + 1}`;
      if (!Array.isArray(shown)) open.push({ id, issue: shown.open });
      else {
        const tests = shown.filter((one) => !passed.some((test) => isOf(test, one)));
        if (tests.length > 0) failed.push({ id, says, tests });
      }
    }
  return { asked, shown: asked - open.length - failed.length, open, failed };
}

/** @param {string} test @param {string} named */
function isOf(test, named) {
  const at = named.indexOf(" > ");
  return test.startsWith(named.slice(0, at + 3)) && test.includes(named.slice(at + 3), at + 3);
}
