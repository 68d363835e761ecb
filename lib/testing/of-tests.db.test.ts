import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { carryOutBulk } from "@/lib/domain/bulk/carry-out";
import { bulkKinds, type MessageSource } from "@/lib/words";
import { arbitrary } from "./api/arbitrary";
import { call, document, exampleOf, name, operationOf, realDeep, routes } from "./api/walk";
import { createWorld, stands, type World } from "./api/world";
import { testDatabase } from "./database";

const database = testDatabase();

/** What may be said of a message that is a draft's: its tests, and what was looked at, refused and put on record. */
const aside = ["test_runs", "deliveries", "person_items", "reveals"];

/** The tables of all that can begin with a message. */
async function followers(): Promise<{ table: string; column: string }[]> {
  const found = await database.query<{ table: string; column: string }>(
    `select table_name as "table", column_name as "column" from information_schema.columns
     where table_schema = 'public' and column_name ~ '(^|_)message_id$|^resent_from$' order by 1`,
  );
  return found.filter(({ table }) => !aside.includes(table));
}

/** Another message like the world's own, which has gone nowhere yet. */
async function newMessage({ things }: World, source: MessageSource): Promise<string> {
  const [row] = await database.query<{ id: string }>(
    `insert into messages (project_id, source, method, path, query, headers, content_type, format, body, view, reading, size, preview, matches)
     select project_id, $2, method, path, query, headers, content_type, format, body, view, reading, size, preview, case $2 when 'test' then -1 else 0 end
     from messages where id = $1 returning id`,
    [things.message, source],
  );
  return row?.id ?? "";
}

const named = [
  { workflowId: "@workflow" },
  { jobId: "@job" },
  { messageId: "@message" },
  { messageId: "@message", jobId: "@job" },
  { format: "text" },
  { body: '{"form":"visit"}' },
];

/** Bodies that name the message wherever one can be named: the example, every kind of bulk act, and some by chance. */
function bodiesOf(route: (typeof routes)[number]): unknown[] {
  const schema = operationOf(route)?.requestBody?.content["application/json"]?.schema;
  if (!schema) return [undefined];
  const kind = {
    named: document.components.schemas,
    markers: ["@message", "@message", "@workflow", "@trigger", "@job", "@second"],
    isHostile: false,
  };
  const acts = bulkKinds.flatMap((kind) =>
    [{ ids: ["@message"] }, {}, { filter: { state: "test" } }, { filter: { state: "unmatched" } }].flatMap(
      (of) =>
        [{}, { workflowId: "@workflow" }, { jobId: "@job" }].map((more) => ({
          ...{ name: "all", kind, of: { target: "messages", ...of } },
          ...more,
        })),
    ),
  );
  return [
    exampleOf(route).body,
    ...(route.path.endsWith("/bulk-acts") ? acts : []),
    ...(route.path.includes("/messages/") || route.path.endsWith("/runs") ? [{}, ...named] : []),
    ...fc.sample(arbitrary(schema, kind), { seed: 20_261_126, numRuns: 4 }),
  ];
}

/** Nothing that was called has taken away what a message could begin. */
async function isWhole(world: World): Promise<boolean> {
  const { workflow, project } = world.things;
  const found = await database.query(
    `select 1 from workflows w join projects p on p.id = w.project_id where w.id = $1 and p.id = $2
       and w.deleted_at is null and w.lock_version = 1 and w.paused_at is null and p.paused_at is null and p.runs_per_month is null`,
    [workflow, project],
  );
  return found.length === 1 && (await stands(world));
}

/** Acts are carried out as the engine would. */
async function carryOut({ things }: World): Promise<void> {
  const host = { db: database.db, announce: () => {} };
  const acts = await database.query<{ id: string; turn: number }>(
    "select id, turn from bulk_acts where project_id = $1 and state = 'running'",
    [things.project],
  );
  for (const { id, turn } of acts)
    await carryOutBulk(host, { actId: id, projectId: things.project ?? "", turn }, 1_000);
  await database.query("delete from bulk_acts where project_id = $1", [things.project]);
}

const changing = routes.filter(({ method }) => method !== "GET");

/** Calls routes with a message of its own each time; says by route what began with one. */
async function whatBegins(source: MessageSource, called = changing): Promise<string[]> {
  const tables = await followers();
  const looking = tables
    .map(
      ({ table, column }) =>
        `select '${table}' as name where exists (select 1 from ${table} where ${column} = $1)`,
    )
    .join(" union all ");
  const begun = new Set<string>();
  let world = await createWorld();
  for (const route of called) {
    for (const body of bodiesOf(route)) {
      if (!(await isWhole(world))) world = await createWorld();
      const message = await newMessage(world, source);
      const there = { ...world, things: { ...world.things, message, newId: randomUUID() } };
      await call(there, route, { ...exampleOf(route), body: realDeep(there, body) });
      await carryOut(there);
      for (const found of await database.query<{ name: string }>(looking, [message]))
        begun.add(`${name(route)}: ${found.name}`);
    }
  }
  return [...begun].sort();
}

test("no verb there is takes what came to a draft's test URL into what is live", async () => {
  expect(changing.length).toBeGreaterThan(100);
  expect(await whatBegins("test")).toEqual([]);
}, 240_000);

test("the same calls begin something with any other message: by hand, again, as a copy and in bulk", async () => {
  const ways = {
    "POST /api/projects/[project]/bulk-acts": "work_orders",
    "POST /api/projects/[project]/messages/[id]/read-as": "messages",
    "POST /api/projects/[project]/messages/[id]/rerun": "work_orders",
    "POST /api/projects/[project]/messages/[id]/resend": "messages",
    "POST /api/projects/[project]/workflows/[id]/runs": "work_orders",
  };
  const called = changing.filter((route) => name(route) in ways);
  expect(await whatBegins("inbox", called)).toEqual(
    expect.arrayContaining(Object.entries(ways).map(([route, table]) => `${route}: ${table}`)),
  );
}, 120_000);
