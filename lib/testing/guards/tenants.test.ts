import { getTableColumns, getTableName, isTable } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { expect, test } from "vitest";
import * as schema from "@/db/schema";
import { sources, templates } from "./sources";

/**
 * Every statement over a tenant's table says of which project (`project_id`, or `projectId` with Drizzle). One that is about
 * all tenants, or whose rows were checked before, says so where it stands: `all tenants: why` or `checked: why`.
 */
const tables = Object.entries(schema).flatMap(([name, value]) =>
  isTable(value) ? [{ name, table: value as PgTable }] : [],
);
/** Without a project of their own, but a tenant's all the same. */
const parts = ["log_lines", "step_attempts", "run_steps", "trigger_auth_methods"];
/** A person's, who may bind it to a project. */
const persons = ["api_tokens"];
const tenants = tables.filter(
  ({ table }) =>
    ("projectId" in getTableColumns(table) || parts.includes(getTableName(table))) &&
    !persons.includes(getTableName(table)),
);

/**
 * A condition on the project, or a row that is written with it: that it is among what is selected says nothing.
 * `ofProject` is a keyset of it (db/keyset.ts).
 */
const sqlNamesProject = new RegExp(
  [
    String.raw`project_id\s*(=|<|>|is\b|in\b)`,
    String.raw`=\s*(any\()?[\w.]*project_id`,
    String.raw`insert into \w+( as \w+)? \([^)]*project_id`,
    String.raw`\$\{(ofProject\.)?where\b`,
  ].join("|"),
  "i",
);
/** `memberRow`, `isIt`, `isOf` and `isMine` are conditions that name it. */
const chainNamesProject =
  /eq\(\s*\w+\.(projectId|project_id)\b|eq\(projects\.id|memberRow\(|isIt\(|isOf\(|isMine\(|ofProject\.where/;
const excused = /(all tenants|checked): \S+/;
const sqlNames = tenants.map(({ table }) => getTableName(table)).join("|");
const inSql = new RegExp(`\\b(from|join|update|into)\\s+(only\\s+)?(public\\.)?(${sqlNames})\\b`, "i");
const names = tenants.map(({ name }) => name).join("|");
const inBuilder = new RegExp(
  `\\.(from|update|delete|innerJoin|leftJoin|leftJoinLateral)\\(\\s*(${names})\\s*[,)]`,
);

/** Statements in strings and templates, as `file:line`, that touch a tenant's table and name no project. */
function offendersIn(text: string): string[] {
  const texts = [...templates(text), ...strings(text)].filter(
    (one) => inSql.test(one.text) && !sqlNamesProject.test(one.text) && !excused.test(one.text),
  );
  const chains = statements(text).filter(
    (one) => inBuilder.test(one.text) && !chainNamesProject.test(one.text) && !excused.test(one.text),
  );
  return [...texts, ...chains].map((one) => `${one.at}: ${one.text.trim().split("\n")[0]?.slice(0, 80)}`);
}

const lineOf = (text: string, index: number) => text.slice(0, index).split("\n").length;

const strings = (text: string) =>
  [...text.matchAll(/"((?:[^"\\\n]|\\.)*)"/g)].map((match) => ({
    at: lineOf(text, match.index),
    text: match[1] ?? "",
  }));

/** Text from one statement's end to the next; a comment above belongs to what follows it. */
function statements(text: string): { at: number; text: string }[] {
  let at = 0;
  return text.split(/;\s*\n/).map((part) => {
    const start = at;
    at += part.length + 2;
    return { at: lineOf(text, start), text: part };
  });
}

test("the guard sees what it is for", () => {
  expect(offendersIn('q("select 1 from steps where id = $1")')).toHaveLength(1);
  expect(offendersIn("sql`select * from steps s join runs r on true`")).toHaveLength(1);
  expect(offendersIn("db.select().from(runs).where(eq(runs.id, id));\n")).toHaveLength(1);
  expect(offendersIn("sql`select project_id from steps where id = 1`")).toHaveLength(1);
  expect(offendersIn('sql`select s.project_id as "projectId" from steps s where id = 1`')).toHaveLength(1);
  expect(offendersIn("db.select({ of: runs.projectId }).from(runs).where(eq(runs.id, id));\n")).toHaveLength(
    1,
  );
  expect(offendersIn("sql`select * from steps where project_id = 1`")).toEqual([]);
  expect(offendersIn("db.select().from(runs).where(and(eq(runs.projectId, p), eq(runs.id, id)));\n")).toEqual(
    [],
  );
});

test("every statement over a tenant's table names the project", () => {
  const offenders = sources(["lib", "db", "inngest", "app"])
    .filter(({ file }) => !file.startsWith("lib/bench") && !file.startsWith("db/schema"))
    .flatMap(({ file, text }) => offendersIn(text).map((where) => `${file}:${where}`));
  expect(offenders).toEqual([]);
});
