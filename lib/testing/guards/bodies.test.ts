import { expect, test } from "vitest";
import { sources, templates } from "./sources";

/**
 * Bodies of messages may lie apart (lib/payloads), and then the column is empty: whoever reads it reads `payload` beside it and asks
 * `withBodies`. A statement that need not says so where it stands: `body here: why`.
 */
const excused = /\bpayload\b|body here: \S+/;
/** By the table's name, or by an alias that a fragment is given. */
const ofMessages = /\b(from|join|update)\s+messages\b/i;
const byAlias = /\$\{(?!state\b)\w+\}\.body\b(?!\.)/;
/** Of several tables, it is the messages' by its alias. What is written is not read. */
const byName = /\b(m|messages)\.body\b/;
const bare = /(?<!["'\w.])(?<!\bas )body(?!\w)/;
const written = /insert into \w+( as \w+)? \([^)]*\)/gi;
const readsBody = (text: string): boolean =>
  byName.test(text) || (!/\bdataclips\b/.test(text) && bare.test(text.replace(written, "")));

const strings = (text: string) =>
  [...text.matchAll(/"((?:[^"\\\n]|\\.)*)"/g)].map(({ index, 1: one = "" }) => ({
    at: text.slice(0, index).split("\n").length,
    text: one,
  }));

function offendersIn(text: string): number[] {
  const statements = [...templates(text), ...strings(text)]
    .filter((one) => byAlias.test(one.text) || (ofMessages.test(one.text) && readsBody(one.text)))
    .filter((one) => !excused.test(one.text));
  const chains = [
    ...[...text.matchAll(/\bmessages\.body\b/g)].filter(
      ({ index }) => !/\bmessages\.payload\b/.test(text.slice(index, index + 200)),
    ),
    ...[...text.matchAll(/\.select\(\)\s*\.from\(messages\)/g)].filter(
      () => !/\bwithBod(y|ies)\(/.test(text),
    ),
  ];
  return [
    ...statements.map(({ at }) => at),
    ...chains.map(({ index }) => text.slice(0, index).split("\n").length),
  ];
}

test("the guard sees what it is for", () => {
  expect(offendersIn("sql`select id, body from messages where id = 1`")).toHaveLength(1);
  expect(offendersIn('query("select m.body from steps s join messages m on true")')).toHaveLength(1);
  expect(offendersIn(`sql\`length($${"{m}"}.body)\``)).toHaveLength(1);
  expect(offendersIn("db.select({ body: messages.body }).from(messages)")).toHaveLength(1);
  expect(offendersIn("db.select().from(messages).where(it)")).toHaveLength(1);
  expect(offendersIn("sql`select id, body, payload from messages where id = 1`")).toEqual([]);
  expect(offendersIn("db.select({ body: messages.body, payload: messages.payload })")).toEqual([]);
  expect(offendersIn("sql`select id from messages where id = 1`")).toEqual([]);
});

test("nobody takes a body for whole without asking where it lies", () => {
  const offenders = sources(["lib", "db", "inngest", "app"])
    .filter(({ file }) => !file.startsWith("lib/bench") && !file.startsWith("db/schema"))
    .flatMap(({ file, text }) => offendersIn(text).map((line) => `${file}:${line}`));
  expect(offenders).toEqual([]);
});
