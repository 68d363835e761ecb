import { expect, test } from "vitest";
import { sources } from "./sources";

/** Files that speak SQL and write JSON text for something else than a column of jsonb, and for what. */
const others: Record<string, string> = {
  "lib/processes/admin.ts": "what a command prints",
  "lib/workflow/message-state.ts": "a job's input",
  "lib/live/notifier.ts": "the payload of a NOTIFY, made of ids",
  "lib/bench/bare.ts": "what the inbox is measured beside",
  "lib/bench/runs.ts": "an error message",
  "lib/domain/run/dry-run.ts": "a job's input",
  "lib/domain/person/contents.ts": "files of an archive",
  "lib/domain/person/export.ts": "a file of an archive",
  "lib/domain/person/certificate.ts": "what is signed",
  "lib/domain/project/update.ts": "compares settings",
  "lib/portability/parse.ts": "compares values",
  "lib/runner/client.ts": "which part of an answer it is",
};

const speaksSql = /\bjsonb\b|\bsql`|\.query[(<]|statement[(<]|queryOf\(|from "drizzle-orm|@\/db\/schema/;

test("what goes into jsonb goes through lib/sql-json.ts, which knows what jsonb refuses", () => {
  const written = sources(["app", "db", "inngest", "lib"])
    .filter(({ text }) => speaksSql.test(text) && text.includes("JSON.stringify("))
    .map(({ file }) => file);
  expect(written.filter((file) => file !== "lib/sql-json.ts" && !(file in others))).toEqual([]);
});

test("tables have the jsonb of db/columns.ts, not Drizzle's own", () => {
  const own = sources(["db", "lib", "inngest"])
    .filter(({ text }) => /import[^;]*\bjsonb?\b[^;]*from "drizzle-orm\/pg-core"/.test(text))
    .map(({ file }) => file);
  expect(own).toEqual([]);
});
