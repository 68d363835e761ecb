import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { statement } from "@/db/statement";
import { setProtection } from "@/lib/domain/mask/set";
import { parseExact, stringifyExact } from "@/lib/exact-json";
import { matched, noRequest } from "@/lib/queue/fragments";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectRefusal } from "@/lib/testing/fixtures";
import { conditionsOf } from "@/lib/workflow/filter/conditions";
import { previewBounds, previewedMessages, previewFilter, toldConditions } from "./filter-preview";

const database = testDatabase();
let clinic: Clinic;
beforeEach(async () => {
  clinic = await createClinic();
});

const preview = (inclusion: string | null, exclusion: string | null = null, ctx = clinic.ctx) =>
  previewFilter(ctx, {
    inclusion: inclusion === null ? null : parseExact(inclusion),
    exclusion: exclusion === null ? null : parseExact(exclusion),
  });

describe("says how many messages match, and what stops the others", () => {
  test("by condition, with where nothing stands, and which nothing else stops", async () => {
    await clinic.receive({ form: "visit", patient: { id: 1 } });
    const wrongForm = await clinic.receive({ form: "referral", patient: { id: 1 } });
    await clinic.receive({ form: "referral", patient: {} });
    await clinic.receive({ patient: { id: 1 } });
    const excluded = await clinic.receive({ form: "visit", patient: { id: 1 }, test: true });
    const found = await preview('{"form":"visit","patient":{"id":1}}', '{"test":true}');
    expect(found).toMatchObject({
      masked: false,
      newest: 5,
      isCut: false,
      examined: 5,
      matching: 1,
      more: 0,
    });
    expect(found.stoppedBy).toEqual([
      { filter: "inclusion", path: ["form"], wanted: '"visit"', count: 3, alone: 2, absent: 1 },
      { filter: "inclusion", path: ["patient", "id"], wanted: "1", count: 1, alone: 0, absent: 1 },
      { filter: "exclusion", path: [], wanted: '{"test":true}', count: 1, alone: 1, absent: 0 },
    ]);
    expect(found.samples.filter(({ matches }) => matches)).toHaveLength(1);
    expect(found.samples[0]).toMatchObject({ messageId: excluded, matches: false, stops: 2 });
    expect(found.samples.find(({ messageId }) => messageId === wrongForm)).toMatchObject({
      matches: false,
      stops: 0,
      preview: expect.stringContaining("referral"),
    });
  });

  test("items of lists by the list that they are to be in", async () => {
    await clinic.receive({ tags: ["a"] });
    await clinic.receive({ tags: "a" });
    await clinic.receive({});
    expect((await preview('{"tags":["a"]}')).stoppedBy).toEqual([
      { filter: "inclusion", path: ["tags", null], wanted: '"a"', count: 2, alone: 2, absent: 1 },
    ]);
  });

  test("of whatever a body means: forms, compressed ones, texts, numbers with all their digits", async () => {
    await clinic.receive("form=visit&n=1", { contentType: "application/x-www-form-urlencoded" });
    await clinic.receive(gzipSync('{"form":"visit"}'), { encoding: "gzip" });
    await clinic.receive("visit", { contentType: "text/plain" });
    await clinic.receive('{"n":12345678901234567891}');
    expect((await preview('{"form":"visit"}')).matching).toBe(2);
    expect((await preview('"visit"')).matching).toBe(1);
    expect((await preview('{"n":12345678901234567891}')).matching).toBe(1);
    expect((await preview('{"n":12345678901234567890}')).matching).toBe(0);
  });

  test("without a filter everything matches, and an exclusion of anything stops everything", async () => {
    await clinic.receive({ form: "x" });
    await clinic.receive("[1]");
    expect(await preview(null)).toMatchObject({ examined: 2, matching: 2, stoppedBy: [] });
    expect(await preview("{}")).toMatchObject({ matching: 2, stoppedBy: [{ count: 0 }] });
    expect(await preview(null, "{}")).toMatchObject({ matching: 0, stoppedBy: [{ count: 2, alone: 2 }] });
  });

  test("of messages to the inbox alone; the others are counted apart", async () => {
    await clinic.receive({ form: "visit" });
    await clinic.receive({ form: "visit" }, { to: clinic.triggers.hook });
    const gone = await clinic.receive({ form: "visit" });
    await database.query(
      "update messages set wiped_at = now(), wiped_for = 'retention', body = '', preview = '' where id = $1",
      [gone],
    );
    expect(await preview('{"form":"visit"}')).toMatchObject({
      newest: 3,
      examined: 1,
      matching: 1,
      elsewhere: 1,
      wiped: 1,
    });
  });
});

/** Workflows that begin with these filters, in the clinic's project. */
async function withFilters(
  filters: { inclusion: string | null; exclusion: string | null }[],
): Promise<string[]> {
  const made = filters.map((filter) => ({ ...filter, id: randomUUID() }));
  await database.query(
    `with made as (
       select (f->>'id')::uuid as id, gen_random_uuid() as workflow_id, gen_random_uuid() as snapshot_id, f->>'inclusion' as inclusion,
         f->>'exclusion' as exclusion from jsonb_array_elements($2::jsonb) f
     ),
     w as (insert into workflows (id, project_id, name) select workflow_id, $1, workflow_id::text from made returning id),
     s as (insert into snapshots (id, project_id, workflow_id, lock_version, graph)
       select snapshot_id, $1, workflow_id, 1, '{}' from made where exists (select from w))
     insert into triggers (id, project_id, workflow_id, type, inclusion, exclusion)
     select id, $1, workflow_id, 'message_filter', inclusion::jsonb, exclusion::jsonb from made`,
    [clinic.project.id, JSON.stringify(made)],
  );
  await database.query(
    "update workflows w set snapshot_id = s.id from snapshots s where s.workflow_id = w.id and w.project_id = $1 and w.snapshot_id is null",
    [clinic.project.id],
  );
  return made.map(({ id }) => id);
}

const live = statement<{ projectId: string; content: string }>(
  (p) => `with arriving as (
    select null::uuid as message_id, ${noRequest}, ${p.projectId}::uuid as project_id, null::uuid as trigger_id, null::uuid as workflow_id, null::uuid as snapshot_id,
      null::text as order_path, false as is_paused
  ), ${matched(`(${p.content}::text)::jsonb`)} select trigger_id as id from matched`,
);

const key = fc.constantFrom("a", "b", "c", "é").map((k) => JSON.stringify(k));
const scalar = fc.constantFrom(
  "1",
  "1.0",
  "10e-1",
  "12345678901234567890",
  "true",
  "null",
  '""',
  '"a"',
  '"B"',
);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join()}]`),
    fc
      .array(fc.tuple(key, tie("value")), { maxLength: 3 })
      .map((pairs) => `{${pairs.map(([k, v]) => `${k}:${v}`).join()}}`),
  ),
}));
const filter = value.filter((text) => text !== "null");

test("never disagrees with what matching decides as a message comes, for whatever message and filter", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ inclusion: fc.option(filter), exclusion: fc.option(filter, { freq: 2 }) }), {
        minLength: 6,
        maxLength: 8,
      }),
      fc.array(value, { minLength: 2, maxLength: 4 }),
      async (filters, others) => {
        clinic = await createClinic();
        const ids = await withFilters(filters);
        const bodies = [...filters.flatMap(({ inclusion }) => inclusion ?? []), ...others];
        const taken: string[] = [];
        for (const body of bodies) {
          await clinic.receive(body);
          const found = await database.query<{ id: string }>(
            live.text,
            live.values({ projectId: clinic.project.id, content: body }),
          );
          taken.push(...found.map(({ id }) => id));
        }
        for (const [at, { inclusion, exclusion }] of filters.entries()) {
          const said = `${inclusion} without ${exclusion} among ${bodies.join(" ")}`;
          const found = await preview(inclusion, exclusion);
          expect([said, found.matching]).toEqual([said, taken.filter((id) => id === ids[at]).length]);
          expect(found.examined).toBe(bodies.length);
          const stopped = found.examined - found.matching;
          const most = Math.max(0, ...found.stoppedBy.map(({ count }) => count));
          expect(most).toBeLessThanOrEqual(found.stoppedBy.length === 0 ? 0 : found.examined);
          // Each that is stopped is stopped by one at least, and by one alone at most once.
          expect(found.stoppedBy.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(stopped);
          expect(found.stoppedBy.reduce((sum, { alone }) => sum + alone, 0)).toBeLessThanOrEqual(stopped);
        }
      },
    ),
    { numRuns: 12 },
  );
}, 120_000);

describe("it is bounded", () => {
  const fill = (count: number, body: string) =>
    database.query(
      `insert into messages (project_id, source, method, path, query, headers, format, body, size, preview)
       select $1, 'inbox', 'POST', '{}', '{}', '{}', 'json', convert_to($3, 'UTF8'), octet_length($3), '' from generate_series(1, $2::int)`,
      [clinic.project.id, count, body],
    );

  test("in messages: the newest thousand", async () => {
    await fill(previewedMessages + 50, '{"form":"visit"}');
    expect(await preview('{"form":"visit"}')).toMatchObject({
      newest: previewedMessages,
      examined: previewedMessages,
      matching: previewedMessages,
      isCut: false,
    });
  });

  test("in bytes: it says how many were examined", async () => {
    const bytes = previewBounds.bytes / 16;
    await fill(24, JSON.stringify({ form: "visit", text: "x".repeat(bytes) }));
    const found = await preview('{"form":"visit"}');
    expect(found.isCut).toBe(true);
    expect(found.examined).toBe(found.newest);
    expect(found.newest).toBeGreaterThan(0);
    expect(found.newest).toBeLessThanOrEqual(16);
    expect(found.matching).toBe(found.examined);
  });

  test("in conditions that are told apart: the others count all the same", async () => {
    const wanted = Object.fromEntries(Array.from({ length: toldConditions + 5 }, (_, n) => [`k${n}`, n]));
    await clinic.receive(wanted);
    await clinic.receive({ ...wanted, [`k${toldConditions + 4}`]: "another" });
    const found = await preview(JSON.stringify(wanted));
    expect(found).toMatchObject({ examined: 2, matching: 1, more: 5 });
    expect(found.stoppedBy).toHaveLength(toldConditions);
    expect(found.samples.find(({ matches }) => !matches)?.stops).toBeNull();
  });

  test("in the filter: one that could not be saved is not tried", async () => {
    const deep = `${'{"a":'.repeat(60)}1${"}".repeat(60)}`;
    await expectRefusal(preview(deep), "invalid");
    await expectRefusal(preview(JSON.stringify({ a: "x".repeat(70_000) })), "invalid");
    await expectRefusal(preview(JSON.stringify({ a: Array.from({ length: 60 }, (_, n) => n) })), "invalid");
    await expectRefusal(
      preview(null, JSON.stringify([Array.from({ length: 60 }, (_, n) => [n])])),
      "invalid",
    );
  });

  test("in how many one person asks for at once: others wait, or are told to", async () => {
    await fill(200, '{"form":"visit"}');
    const asked = await Promise.allSettled(Array.from({ length: 5 }, () => preview('{"form":"visit"}')));
    const refused = asked.filter((one) => one.status === "rejected");
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: "limit" });
    expect(asked.filter((one) => one.status === "fulfilled").length).toBeGreaterThanOrEqual(1);
    expect((await preview('{"form":"visit"}')).matching).toBe(200);
  });
});

describe("to whom something is masked", () => {
  const mask = (...masks: string[]) =>
    setProtection(clinic.ctx, {
      masks,
      maskedRoles: ["editor"],
      revealRoles: [],
      noDownloadRoles: [],
    });

  test("nothing is counted by what is masked, in whatever way a filter asks for it", async () => {
    await clinic.receive({ form: "visit", patient: { name: "Amina" }, codes: [5, 7] });
    await mask("$.patient.name", "$.codes[1]");
    const editor = clinic.as("editor");
    for (const [inclusion, exclusion] of [
      ['{"patient":{"name":"Amina"}}', null],
      [null, '{"patient":{"name":"Amina"}}'],
      ['{"codes":[7]}', null],
      ['{"form":"visit","patient":{"name":"Nobody"}}', null],
    ] as const) {
      const found = await preview(inclusion, exclusion, editor);
      expect(found).toMatchObject({ masked: true, examined: 0, matching: 0, samples: [] });
      expect(found.stoppedBy.every(({ count }) => count === 0)).toBe(true);
    }
    expect(await preview('{"patient":{"name":"Amina"}}')).toMatchObject({ masked: false, matching: 1 });
  });

  test("what is masked is not found where else it stands, nor shown in a sample", async () => {
    await clinic.receive({ form: "visit", patient: { name: "Amina Diallo" }, contact: "Amina Diallo" });
    await mask("$.patient.name");
    const editor = clinic.as("editor");
    expect(await preview('{"contact":"Amina Diallo"}', null, editor)).toMatchObject({
      examined: 1,
      matching: 0,
    });
    const found = await preview('{"form":"visit"}', null, editor);
    expect(found).toMatchObject({ masked: false, matching: 1 });
    expect(JSON.stringify(found)).not.toContain("Amina");
  });
});

test("is for who may write workflows, and reads that project alone", async () => {
  await clinic.receive({ form: "visit" });
  await expectRefusal(preview(null, null, clinic.as("viewer")), "forbidden");
  const other = await createClinic();
  expect(await preview(null, null, other.ctx)).toMatchObject({ newest: 0, examined: 0, samples: [] });
});

test("the conditions are told in the order in which the filter has them", async () => {
  const text = '{"b":1,"a":{"z":2,"y":[{"k":3},4]}}';
  const { stoppedBy } = await preview(text);
  expect(stoppedBy.map(({ path }) => path)).toEqual(conditionsOf(parseExact(text)).map(({ path }) => path));
  expect(stringifyExact(stoppedBy.map(({ wanted }) => wanted))).toBe('["1","2","3","4"]');
});
