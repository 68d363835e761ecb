import { expect, test } from "vitest";
import { sources, templates } from "./sources";

/**
 * A row of `stored_states` may lack what its message said (lib/state/repeated.ts): whoever reads a state reads `dataclips`, where it is
 * whole. These name the table because they write it, or ask of it what is no text.
 */
const excused: Record<string, string> = {
  "lib/execution/postgres/complete-steps.ts": "stores what steps return",
  "lib/domain/dataclip/keep.ts": "stores what people bring, and counts",
  "lib/domain/credential/rotate-key.ts": "seals again",
  "lib/domain/key/prove.ts": "asks which keys sealed them",
  "lib/domain/retention/wipe.ts": "wipes",
  "lib/domain/retention/delete-orders.ts": "deletes",
  "lib/domain/retention/weight.ts": "asks which refer to a message",
  "lib/domain/person/wipers/runs.ts": "wipes",
  "lib/domain/purge/project.ts": "deletes",
};

const byTable = /\b(stored_states|storedStates)\b/;
/** Of the row, and not where it is written, let go of, or asked whether it is there. */
const readsText = (text: string): boolean =>
  /\bstored_states\b/.test(text) &&
  /(?<!\$\{)\b(body|text_before|text_after)\b(?!\s*(=|is (not )?null\b))/i.test(
    text.replace(/insert into stored_states[\s\S]*?\)/gi, "insert"),
  );
const readsColumn = /\bstoredStates\.(body|textBefore|textAfter)\b/;

test("the guard sees what it is for", () => {
  expect(readsText("select d.body from stored_states d")).toBe(true);
  expect(readsText("select id, text_after from stored_states where id = $1")).toBe(true);
  expect(readsText("update stored_states set body = null where id = $1")).toBe(false);
  expect(readsText("select 1 from stored_states where body is not null")).toBe(false);
  expect(readsText("select body from dataclips")).toBe(false);
  expect(readsColumn.test("db.select({ text: storedStates.body })")).toBe(true);
});

test("nobody takes what is left of a state for the state", () => {
  const all = sources(["lib", "db", "inngest", "app"]).filter(
    ({ file }) =>
      !file.startsWith("lib/bench") &&
      !file.startsWith("db/schema") &&
      !file.startsWith("lib/state/repeated"),
  );
  const naming = all
    .filter(({ text }) => byTable.test(text.replace(/\/\*\*[\s\S]*?\*\//g, "")))
    .map(({ file }) => file);
  expect(naming.filter((file) => !(file in excused))).toEqual([]);
  expect(Object.keys(excused).filter((file) => !naming.includes(file))).toEqual([]);
  const readers = all
    .filter(({ file }) => file !== "lib/execution/postgres/complete-steps.ts")
    .filter(({ text }) => readsColumn.test(text) || templates(text).some((one) => readsText(one.text)))
    .map(({ file }) => file);
  expect(readers).toEqual([]);
});
