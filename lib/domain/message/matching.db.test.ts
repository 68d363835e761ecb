import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectRefusal } from "@/lib/testing/fixtures";
import { getMessageMatching, maxTriggers } from "./matching";

const database = testDatabase();
let clinic: Clinic;
beforeEach(async () => {
  clinic = await createClinic();
});
const matching = (id: string) => getMessageMatching(clinic.ctx, id);
const visitIn = async (id: string) => {
  const { triggers } = await matching(id);
  return triggers.find(({ triggerId }) => triggerId === clinic.triggers.visit);
};

const setFilter = (inclusion: unknown, exclusion: unknown = null) =>
  database.query(
    "update triggers set inclusion = $2::text::jsonb, exclusion = $3::text::jsonb where id = $1",
    [
      clinic.triggers.visit,
      typeof inclusion === "string" ? inclusion : JSON.stringify(inclusion),
      exclusion === null ? null : JSON.stringify(exclusion),
    ],
  );

/** More workflows, each with a filter on inbox messages. */
const addFilters = (count: number, inclusion: string) =>
  database.query(
    `with made as (select gen_random_uuid() as workflow_id, gen_random_uuid() as snapshot_id, n from generate_series(1, $2::int) n),
     w as (insert into workflows (id, project_id, name) select workflow_id, $1, 'Other ' || n from made returning id),
     s as (insert into snapshots (id, project_id, workflow_id, lock_version, graph)
       select snapshot_id, $1, workflow_id, 1, '{}' from made where exists (select from w) returning id)
     insert into triggers (id, project_id, workflow_id, type, inclusion)
     select gen_random_uuid(), $1, workflow_id, 'message_filter', $3::text::jsonb from made where exists (select from s)`,
    [clinic.project.id, count, inclusion],
  );

describe("why a trigger did not take a message", () => {
  test("names the first path of the filter that is not as wanted, and what came instead", async () => {
    const id = await clinic.receive({ form: "referral" });
    expect(await matching(id)).toMatchObject({
      address: "inbox",
      triggers: [
        {
          triggerId: clinic.triggers.visit,
          type: "message_filter",
          workflowId: clinic.workflows.visit,
          workflowName: "Visit",
          outcome: "inclusion",
          started: false,
          paused: false,
          condition: { path: ["form"], why: "different", wanted: '"visit"', came: '"referral"' },
        },
        { triggerId: clinic.triggers.hook, type: "webhook", outcome: "other_address", condition: null },
      ],
      more: 0,
    });
    await setFilter({ form: "referral", patient: { id: "P-1" } });
    expect(await visitIn(id)).toMatchObject({
      condition: { path: ["patient"], why: "missing", wanted: '{"id":"P-1"}', came: null },
    });
  });

  test.each<[name: string, body: unknown, filter: unknown, condition: object]>([
    [
      "a list without the item",
      { tags: ["a"] },
      { tags: ["b"] },
      { path: ["tags"], why: "no_item", wanted: '"b"' },
    ],
    [
      "numbers by all their digits",
      '{"n":12345678901234567891}',
      '{"n":12345678901234567890}',
      { path: ["n"], wanted: "12345678901234567890", came: "12345678901234567891" },
    ],
    ["what is no object", "[1]", { form: "visit" }, { path: [], why: "different", came: "[1]" }],
    ["a cleaned copy", '{"form":"a\\u0000"}', { form: "b" }, { path: ["form"], came: '"a\ufffd"' }],
  ])("%s", async (_, body, filter, condition) => {
    const id = await clinic.receive(body);
    await setFilter(filter);
    expect(await visitIn(id)).toMatchObject({ outcome: "inclusion", condition });
  });

  test("compares what a body means: forms by their view, compressed ones inflated, text as text", async () => {
    const form = await clinic.receive("form=referral&n=1", {
      contentType: "application/x-www-form-urlencoded",
    });
    expect(await visitIn(form)).toMatchObject({ condition: { path: ["form"], came: '"referral"' } });
    const zipped = await clinic.receive(gzipSync('{"form":"zipped"}'), { encoding: "gzip" });
    expect(await visitIn(zipped)).toMatchObject({ condition: { path: ["form"], came: '"zipped"' } });
    const text = await clinic.receive("form: visit", { contentType: "text/plain" });
    expect(await visitIn(text)).toMatchObject({
      condition: { path: [], why: "different", came: '"form: visit"' },
    });
  });

  test("says that the exclusion is contained", async () => {
    await setFilter({ form: "visit" }, { test: true });
    const id = await clinic.receive({ form: "visit", test: true });
    expect(await visitIn(id)).toMatchObject({
      outcome: "exclusion",
      condition: { path: [], why: "contained", wanted: '{"test":true}', came: null },
    });
  });

  test("says that a trigger is disabled, or that its workflow is paused and takes it all the same", async () => {
    const id = await clinic.receive({ form: "visit" });
    expect(await visitIn(id)).toMatchObject({ outcome: "matches", started: true, paused: false });
    await database.query("update workflows set paused_at = now() where id = $1", [clinic.workflows.visit]);
    expect(await visitIn(id)).toMatchObject({ outcome: "matches", started: true, paused: true });
    await database.query("update triggers set enabled = false where id = $1", [clinic.triggers.visit]);
    expect(await visitIn(id)).toMatchObject({ outcome: "disabled", started: true, condition: null });
  });

  test("a message to a trigger's own URL is not for filters", async () => {
    const id = await clinic.receive({ form: "visit" }, { to: clinic.triggers.hook });
    expect(await matching(id)).toMatchObject({
      address: "webhook",
      triggers: [
        { triggerId: clinic.triggers.visit, outcome: "other_address", started: false },
        { triggerId: clinic.triggers.hook, outcome: "matches", started: true },
      ],
    });
  });

  test("compares with the filters as they are now", async () => {
    const id = await clinic.receive({ form: "referral" });
    await setFilter({ form: "referral" });
    expect(await visitIn(id)).toMatchObject({ outcome: "matches", started: false });
  });
});

describe("it is bounded", () => {
  test("in triggers: the others are counted", async () => {
    await addFilters(maxTriggers, '{"form":"none"}');
    const { triggers, more } = await matching(await clinic.receive({ form: "x" }));
    expect(triggers).toHaveLength(maxTriggers);
    expect(triggers.every(({ type, outcome }) => type === "message_filter" && outcome !== "matches")).toBe(
      true,
    );
    expect(more).toBe(2);
  });

  test("in values and paths, which are cut", async () => {
    const levels = 60;
    const nested = (leaf: string) => `${'{"k":'.repeat(levels)}${leaf}${"}".repeat(levels)}`;
    await setFilter(nested('"wanted"'));
    const id = await clinic.receive(nested(JSON.stringify("x".repeat(10_000))));
    const { condition } = (await visitIn(id)) ?? {};
    expect(condition?.path).toHaveLength(21);
    expect(condition?.path.at(-1)).toBe("…");
    expect(condition?.came).toHaveLength(201);
    expect(condition?.wanted).toBe('"wanted"');
  });

  test("in what is compared: of a very long message it is said that it does not match, and not where", async () => {
    const id = await clinic.receive({ form: "referral", text: "x".repeat(1_000_001) });
    expect(await visitIn(id)).toMatchObject({
      outcome: "inclusion",
      condition: { path: [], why: "unknown", wanted: '{"form":"visit"}', came: null },
    });
  });
});

test("says the same as matching does, for messages and filters of all kinds", async () => {
  const bodies = [
    '{"form":"visit"}',
    '{"form":"visit","n":1}',
    "[]",
    '["visit"]',
    '"visit"',
    "null",
    '{"form":["visit"]}',
  ];
  const filters = [
    "{}",
    '{"form":"visit"}',
    "[]",
    '"visit"',
    '{"n":1.0}',
    '{"form":[]}',
    '{"form":["visit"]}',
  ];
  for (const filter of filters) {
    await setFilter(filter);
    for (const body of bodies) {
      const found = await visitIn(await clinic.receive(body));
      expect(found?.outcome === "matches", `${body} @> ${filter}`).toBe(found?.started);
      expect(found?.condition === null, `${body} @> ${filter}`).toBe(found?.started);
    }
  }
});

test("is for who may read messages of the project, and nobody else", async () => {
  const id = await clinic.receive({ form: "referral" });
  expect((await getMessageMatching(clinic.as("viewer"), id)).triggers).toHaveLength(2);
  const other = await createClinic();
  await expectRefusal(getMessageMatching(other.ctx, id), "not_found");
  await expectRefusal(matching(randomUUID()), "not_found");
});
