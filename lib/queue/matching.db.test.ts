import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { statement } from "@/db/statement";
import { testDatabase } from "@/lib/testing/database";
import { matched, noRequest } from "./fragments";

const database = testDatabase();

type Filter = { inclusion: string | null; exclusion: string | null };

/** A project whose workflows begin with these filters, each JSON text. */
async function projectWith(filters: Filter[]): Promise<string> {
  const id = randomUUID();
  await database.query("insert into projects (id, name) values ($1, 'matching')", [id]);
  await database.query(
    `with made as (
       select gen_random_uuid() as workflow_id, gen_random_uuid() as snapshot_id, f->>'inclusion' as inclusion, f->>'exclusion' as exclusion
       from jsonb_array_elements($2::jsonb) f
     ),
     w as (insert into workflows (id, project_id, name) select workflow_id, $1, workflow_id::text from made returning id),
     s as (insert into snapshots (id, project_id, workflow_id, lock_version, graph)
       select snapshot_id, $1, workflow_id, 1, '{}' from made where exists (select from w))
     insert into triggers (id, project_id, workflow_id, type, inclusion, exclusion)
     select gen_random_uuid(), $1, workflow_id, 'message_filter', inclusion::jsonb, exclusion::jsonb from made`,
    [id, JSON.stringify(filters)],
  );
  await database.query(
    "update workflows w set snapshot_id = s.id from snapshots s where s.workflow_id = w.id and w.project_id = $1",
    [id],
  );
  return id;
}

const matching = statement<{ projectId: string; content: string }>(
  (p) => `with arriving as (
    select null::uuid as message_id, ${noRequest}, ${p.projectId}::uuid as project_id, null::uuid as trigger_id, null::uuid as workflow_id, null::uuid as snapshot_id,
      null::text as order_path, false as is_paused
  ), ${matched(`(${p.content}::text)::jsonb`)} select trigger_id as id from matched order by 1`,
);
const idsMatching = async (projectId: string, content: string): Promise<string[]> =>
  (await database.query<{ id: string }>(matching.text, matching.values({ projectId, content }))).map(
    ({ id }) => id,
  );

/** What PostgreSQL's own containment says, every filter read in full; `{}` is in everything. */
const idsContaining = async (projectId: string, content: string): Promise<string[]> =>
  (
    await database.query<{ id: string }>(
      `select id from triggers where project_id = $1
         and (coalesce(inclusion, '{}') = '{}' or $2::jsonb @> inclusion)
         and not coalesce(exclusion = '{}' or $2::jsonb @> exclusion, false) order by 1`,
      [projectId, content],
    )
  ).map(({ id }) => id);

/** JSON as text, so that one number has all its spellings. */
const key = fc
  .constantFrom("a", "b", "é", "\u{1f600}", "", "a.b", "long".repeat(60))
  .map((k) => JSON.stringify(k));
const scalar = fc.oneof(
  fc.constantFrom(
    "1",
    "1.0",
    "1e0",
    "10e-1",
    "-0",
    "0",
    "12345678901234567890",
    "1.50",
    "1.5",
    "true",
    "false",
    "null",
  ),
  fc.constantFrom("", "a", "A", "é", "x".repeat(300)).map((text) => JSON.stringify(text)),
);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join()}]`),
    fc
      .array(fc.tuple(key, tie("value")), { maxLength: 4 })
      .map((pairs) => `{${pairs.map(([k, v]) => `${k}:${v}`).join()}}`),
  ),
}));
/** Most messages hold most of some filter, or a filter would hardly ever match. */
const object = fc
  .array(fc.tuple(key, value), { minLength: 1, maxLength: 4 })
  .map((pairs) => `{${pairs.map(([k, v]) => `${k}:${v}`).join()}}`);

test("a probe changes no answer: what matches is what contains the whole filter", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ inclusion: fc.option(fc.oneof(object, value)), exclusion: fc.option(value) }), {
        minLength: 8,
        maxLength: 12,
      }),
      fc.array(fc.oneof(object, value), { maxLength: 4 }),
      async (filters, others) => {
        const projectId = await projectWith(filters);
        const merged = filters.map(({ inclusion }) => inclusion ?? "{}");
        const [first = "{}", second = "{}"] = merged;
        const both =
          first.startsWith("{") && second.startsWith("{")
            ? `{${[first.slice(1, -1), second.slice(1, -1)].filter(Boolean).join()}}`
            : `[${first},${second}]`;
        for (const content of [...merged, ...others, both])
          expect(await idsMatching(projectId, content), content).toEqual(
            await idsContaining(projectId, content),
          );
      },
    ),
    { numRuns: 60 },
  );
});

test("a filter contains its probe, which is small", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 40, maxLength: 40 }), async (filters) => {
      const [row] = await database.query<{ kept: boolean; bytes: number }>(
        `select bool_and(coalesce(f::jsonb @> filter_probe(f::jsonb), true)) as kept,
           coalesce(max(octet_length(filter_probe(f::jsonb)::text)), 0)::int as bytes
         from unnest($1::text[]) f`,
        [filters],
      );
      expect(row?.kept).toBe(true);
      expect(row?.bytes).toBeLessThan(1_000);
    }),
    { numRuns: 50 },
  );
});

test.each([
  [
    { form: "referral", size: 1 },
    { form: "referral", size: 1 },
  ],
  [
    { a: { b: { c: "deep" } }, list: [1, 2] },
    { a: { b: { c: "deep" } }, list: [] },
  ],
  [{ long: "x".repeat(300), e: {} }, { e: {} }],
  [{ long: "x".repeat(300) }, null],
  [["a"], null],
  ["a", null],
  [{}, null],
])("the probe of %j is %j", async (filter, probe) => {
  const [row] = await database.query<{ probe: unknown }>("select filter_probe($1::jsonb) as probe", [
    JSON.stringify(filter),
  ]);
  expect(row?.probe).toEqual(probe);
});

test.each([
  [{ a: 1 }, 0],
  [{ a: [1, 2, { b: [3] }] }, 4],
  [[[]], 1],
  ["a", 1],
])("%j names %i list items", async (filter, items) => {
  const [row] = await database.query<{ items: number }>("select filter_items($1::jsonb) as items", [
    JSON.stringify(filter),
  ]);
  expect(row?.items).toBe(items);
});

type Plan = { "Shared Hit Blocks": number; "Shared Read Blocks": number };

test("long filters are not read for messages that their probes keep out", async () => {
  const fields = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, () => [randomUUID(), randomUUID()]));
  const filtersOf = (count: number) =>
    Array.from({ length: 200 }, (_, i) => JSON.stringify({ form: `form-${i}`, fields: fields(count) }));
  const projectOf = (filters: string[]) =>
    projectWith(
      filters.map((inclusion, i) =>
        i % 2 ? { inclusion, exclusion: null } : { inclusion: '{"form":"other"}', exclusion: inclusion },
      ),
    );
  // Hard to compress, so that each is kept apart from its row in several blocks.
  const filters = filtersOf(200);
  const projectId = await projectOf(filters);
  // What is read beside filters is the planner's, and the same for a project whose filters lie in their rows.
  const short = filtersOf(0);
  const twinId = await projectOf(short);
  await database.query("vacuum analyze triggers", []);
  const blocksOf = async (text: string, values: unknown[]): Promise<number> => {
    const [row] = await database.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(
      `explain (analyze, buffers, format json) ${text}`,
      values,
    );
    const plan = row?.["QUERY PLAN"][0].Plan;
    return (plan?.["Shared Hit Blocks"] ?? 0) + (plan?.["Shared Read Blocks"] ?? 0);
  };
  const blocksFor = (id: string, content: string) =>
    blocksOf(matching.text, matching.values({ projectId: id, content }));
  const everything = await blocksOf(
    "select '{}'::jsonb @> inclusion, '{}'::jsonb @> exclusion from triggers where project_id = $1",
    [projectId],
  );
  const [unheard, other] = ['{"form":"unheard of"}', '{"form":"other"}'];
  for (const [own = "", its = ""] of [
    [unheard, unheard],
    [other, other],
    [filters[1], short[1]],
  ]) {
    const filterBlocks = (await blocksFor(projectId, own)) - (await blocksFor(twinId, its));
    expect(filterBlocks).toBeLessThan(everything / 10);
  }
  expect(await idsMatching(projectId, filters[1] ?? "")).toHaveLength(1);
  expect(await idsMatching(projectId, other)).toHaveLength(100);
});

test("what a message means is read once for all filters, and not at all where there are none", async () => {
  const name = `reading_${randomUUID().replaceAll("-", "")}`;
  await database.query(`create sequence ${name}`);
  // It says that it is immutable, as reading is, so that whoever plans may do it as often as it seems good.
  await database.query(
    `create function ${name}(text) returns jsonb language plpgsql immutable as $$ begin perform nextval('${name}'); return $1::jsonb; end $$`,
  );
  const counting = statement<{ projectId: string; content: string }>(
    (p) => `with arriving as (
      select gen_random_uuid() as message_id, ${noRequest}, ${p.projectId}::uuid as project_id, null::uuid as trigger_id,
        null::uuid as workflow_id, null::uuid as snapshot_id, null::text as order_path, false as is_paused, ${p.content}::text as content
    ), ${matched(`${name}(content)`)} select count(*)::int as count from matched`,
  );
  const read = async (filters: Filter[]) => {
    const values = counting.values({ projectId: await projectWith(filters), content: '{"a":1}' });
    const [found] = await database.query<{ count: number }>(counting.text, values);
    const [after] = await database.query<{ times: number }>(
      `select setval('${name}', nextval('${name}'), false)::int - 1 as times`,
    );
    await database.query(`select setval('${name}', 1, false)`);
    return [found?.count, after?.times];
  };
  const filters = Array.from({ length: 40 }, (_, n) => ({
    inclusion: `{"a":${n}}`,
    exclusion: `{"b":${n}}`,
  }));
  expect(await read(filters)).toEqual([1, 1]);
  expect(await read([])).toEqual([0, 0]);
  await database.query(`drop function ${name}(text)`);
  await database.query(`drop sequence ${name}`);
});
