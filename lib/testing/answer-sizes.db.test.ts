import { expect, test } from "vitest";
import { documentPath } from "@/lib/http/api-methods";
import { createWorld, type World } from "./api/world";
import { ownTestDatabase } from "./database";

// It fills every table, so it is a database of its own, and the routes are loaded once it is there.
const database = await ownTestDatabase();
const { call, exampleOf, name, routes } = await import("./api/walk");

type Column = { name: string; type: string; isKey: boolean; leadsTo: string | null };

/** The columns of a table: which ones make a row the only one of its kind, and where they lead to. */
const columnsOf = (table: string) =>
  database.query<Column>(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
       exists (select 1 from pg_index i where i.indrelid = a.attrelid and i.indisunique and a.attnum = any(i.indkey)) as "isKey",
       (select c.confrelid::regclass::text from pg_constraint c where c.conrelid = a.attrelid and c.contype = 'f' and c.conkey = array[a.attnum] limit 1) as "leadsTo"
     from pg_attribute a where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''`,
    [table],
  );

/** Below the ids of all that was made before, so that what the copies were made of stays the newest. */
const olderId = "overlay(gen_random_uuid()::text placing '0001' from 1 for 4)::uuid";
/** Above them, where a list begins with the oldest. */
const laterId = "overlay(gen_random_uuid()::text placing 'ffff' from 1 for 4)::uuid";

/**
 * Makes copies of a row that differ in what must differ: of the one that belongs to most of what is asked for. Of a table
 * whose rows cannot be many, none.
 */
async function copy(
  table: string,
  times: number,
  things: string[],
  where: string,
  values: unknown[],
  own: Record<string, string> = {},
) {
  const columns = await columnsOf(table);
  const value = ({ name, type, isKey, leadsTo }: Column) => {
    if (own[name]) return own[name];
    if (!isKey || leadsTo) return `t."${name}"`;
    if (type === "uuid") return name === "project_id" ? `t."${name}"` : olderId;
    if (/^(integer|bigint|smallint)$/.test(type))
      return `n + (select coalesce(max("${name}"), 0) from ${table} of_all)::${type}`;
    return /^(text|citext|character)/.test(type) ? `t."${name}" || ' ' || gen_random_uuid()` : `t."${name}"`;
  };
  const names = columns.map(({ name }) => `"${name}"`).join(", ");
  await database
    .query(
      `insert into ${table} (${names}) select ${columns.map(value).join(", ")}
       from (
         select * from ${table} one where ${where}
         order by (select count(*) from jsonb_each_text(to_jsonb(one)) field where field.value = any($${values.length + 1}::text[])) desc, ctid limit 1
       ) t cross join generate_series(1, ${times}) n on conflict do nothing`,
      [...values, things],
    )
    .catch((error: { code?: string }) => {
      // A check or a rule of that table says how many there may be.
      if (!["23514", "23503", "23502", "22P02", "22001"].includes(error.code ?? "")) throw error;
    });
}

/** Many more of everything that a project has: of each tenant's table, of people, of what is said of one message. */
async function grow({ things }: World, times: number): Promise<void> {
  const project = [things.project];
  const asked = Object.values(things);
  const tables = await database.query<{ name: string }>(
    `select c.table_name as name from information_schema.columns c join pg_class t on t.oid = c.table_name::regclass
     where c.table_schema = 'public' and c.column_name = 'project_id' and t.relkind = 'r' order by 1`,
  );
  for (const { name } of tables) await copy(name, times, asked, "project_id = $1", project);
  await database.query(
    `with people as (insert into users (email, name) select 'p' || gen_random_uuid() || '@example.org', 'Person' from generate_series(1, ${times}) returning id)
     insert into project_members (project_id, user_id, role) select $1, id, 'viewer' from people`,
    project,
  );
  await database.query(
    `with made as (insert into credentials (id, owner_id, name, schema, body) select ${olderId}, c.owner_id, 'c' || gen_random_uuid(), c.schema, c.body
       from credentials c, generate_series(1, ${times}) where c.id = $2 returning id)
     insert into project_credentials (id, project_id, credential_id) select ${laterId}, $1, id from made`,
    [things.project, things.credential],
  );
  await copy("jobs", times, asked, "id = $1", [things.job]);
  await copy("job_states", times, asked, "message_id = $1", [things.message]);
  await copy("messages", times, asked, "id = $1", [things.message], { resent_from: "t.id" });
  await copy("runs", times, asked, "work_order_id = (select work_order_id from runs where id = $1)", [
    things.run,
  ]);
}

/** The document is as long as the API. */
const reading = routes.filter(({ method, path }) => method === "GET" && path !== documentPath);

type Answers = { sizes: Map<string, number>; statuses: Record<string, number> };

/** How every answer is to somebody in a browser, in bytes; OpenFn's own shapes, which tokens get beside, have no pages. */
async function answers(world: World): Promise<Answers> {
  const { sizes, statuses }: Answers = { sizes: new Map(), statuses: {} };
  for (const route of reading) {
    const example = exampleOf(route);
    const response = await call(world, route, {
      ...example,
      caller:
        example.caller === "owner" && route.handler.declaration.errorShape !== "openfn"
          ? "session"
          : example.caller,
    });
    statuses[name(route)] = response.status;
    const type = response.headers.get("content-type") ?? "";
    // Read to the end: a search goes on, and the next one of the same person has to wait for it.
    const bytes = type === "text/event-stream" ? 0 : (await response.arrayBuffer()).byteLength;
    if (type.startsWith("application/json")) sizes.set(name(route), bytes);
  }
  return { sizes, statuses };
}

/** What grows all the same, and why. */
const known: Record<string, string> = {
  "GET /api/credentials": "OpenFn's own list, which has no pages",
  "GET /api/workflows": "OpenFn's own list, which has no pages",
  "GET /api/projects/[project]/credentials":
    "a credential has the keychains that fall back to it, whose limit is 200",
  "GET /api/provision/[id]": "a whole project, as OpenFn's command line pulls it",
  "GET /api/projects/[project]/library/[entry]": "one entry with the jobs of its project that are of it",
  "GET /api/projects/[project]/runs/[id]": "one run with every step",
  "GET /api/projects/[project]/workflows/[id]/tests/[test]": "one test, whose limit is 500 jobs",
  "GET /api/projects/[project]/workflows/[id]": "one workflow, whose limit is 200 jobs",
  "GET /api/projects/[project]/workflows/[id]/counts": "the jobs of one workflow, whose limit is 200",
  "GET /api/projects/[project]/workflows": "a row has all jobs of its workflow, whose limit is 200",
};
/** Of everything else, whatever there is. */
const mostBytes = 100_000;

test("no answer grows with what a project has: whether there are two hundred of everything or five", async () => {
  const world = await createWorld();
  await grow(world, 220);
  const few = await answers(world);
  await grow(world, 280);
  const many = await answers(world);
  // An error in the place of either would say nothing of the sizes.
  expect(many.statuses).toEqual(few.statuses);
  const grown = [...many.sizes].filter(([route, size]) => size > (few.sizes.get(route) ?? 0) * 1.1 + 1_000);
  expect(grown.map(([route]) => route).sort()).toEqual(Object.keys(known).sort());
  expect([...many.sizes].filter(([route, size]) => size > mostBytes && !known[route])).toEqual([]);
}, 240_000);
