import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { contextFor, createTestProject, createTestUser } from "@/lib/testing/fixtures";
import { type JobStateResult, messageStates } from "@/lib/words";
import type { MessageFilter } from "./filter";
import { listMessages } from "./list";

const database = testDatabase();

type Stored = {
  id: string;
  at: number;
  text: string;
  states: { job: string; result: JobStateResult }[];
  isWaiting: boolean;
  isUnmatched: boolean;
};

const minute = 60_000;
const begin = Date.UTC(2026, 0, 10);
const jobs = { referral: randomUUID(), payment: randomUUID(), rare: randomUUID() };
const workflowId = randomUUID();

/** A time-ordered id, as the inbox makes one. */
const idAt = (at: number) =>
  `${at
    .toString(16)
    .padStart(12, "0")
    .replace(/(.{8})(.{4})/, "$1-$2")}-7${randomUUID().slice(15)}`;

async function store(project: string, at: number, facts: Partial<Stored> = {}): Promise<Stored> {
  const message: Stored = {
    id: idAt(at),
    at,
    text: JSON.stringify({ n: at }),
    states: [],
    isWaiting: false,
    isUnmatched: false,
    ...facts,
  };
  const bytes = Buffer.from(message.text);
  await database.query(
    `insert into messages (id, project_id, source, method, path, query, headers, format, body, size, preview, matches, received_at)
     values ($1, $2, 'inbox', 'POST', '{}', '{}', '{}', 'json', $3, $4, left($5, 100), $6, to_timestamp($7::float8 / 1000))`,
    [message.id, project, bytes, bytes.length, message.text, message.isUnmatched ? 0 : 1, at],
  );
  if (!message.isUnmatched)
    await database.query(
      `with o as (
         insert into work_orders (project_id, workflow_id, snapshot_id, message_id, state) values ($1, $2, $2, $3, $4) returning id
       )
       insert into runs (project_id, workflow_id, work_order_id, snapshot_id, message_id, state) select $1, $2, id, $2, $3, $4 from o`,
      [project, workflowId, message.id, message.isWaiting ? "pending" : "success"],
    );
  for (const [i, { job, result }] of message.states.entries())
    await database.query(
      `insert into job_states (message_id, job_id, project_id, workflow_id, job_name, result, created_at) values ($1, $2, $3, $4, 'a job', $5, now() + $6 * interval '1 s')`,
      [message.id, job, project, workflowId, result, i],
    );
  return message;
}

type Input = Parameters<typeof listMessages>[1];

/** Every page of a list, by following its cursor. */
async function pagesOf(ctx: Context, input: Input): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | null = null;
  do {
    const page = await listMessages(ctx, { ...input, ...(cursor ? { cursor } : {}) });
    pages.push(page.items.map((row) => row.id));
    cursor = page.nextCursor;
    if (pages.length > 500) throw new Error("The list never ends.");
  } while (cursor);
  return pages;
}

describe("every filter", () => {
  let ctx: Context;
  let all: Stored[] = [];

  /** Messages that differ in everything a filter asks for; a stranger has some that share job ids and moments. */
  beforeAll(async () => {
    const [owner, stranger] = [await createTestUser(), await createTestUser()];
    const project = await createTestProject({ owner });
    const other = await createTestProject({ owner: stranger });
    ctx = contextFor(owner, project);
    const results = ["success", "failure", "in_progress"] as const;
    const stored: Stored[] = [];
    for (let i = 0; i < 48; i++) {
      const states: Stored["states"] = [];
      const result = results[i % 3] ?? "success";
      if (i % 4 !== 0) states.push({ job: jobs.referral, result });
      // The same result twice: one message, and it must be listed once.
      if (i % 5 === 1) states.push({ job: jobs.payment, result: i % 2 ? result : "failure" });
      const isUnmatched = i % 4 === 0 && i % 8 !== 0;
      const facts = {
        states,
        isUnmatched,
        isWaiting: i % 8 === 0,
        text: JSON.stringify({ name: i % 7 === 0 ? "Amina" : "bello", i }),
      };
      stored.push(await store(project.id, begin + Math.floor(i / 2) * minute, facts));
      if (i % 6 === 0) await store(other.id, begin + i * minute, { ...facts, states });
    }
    all = stored.sort((a, b) => (a.id < b.id ? 1 : -1));
  });

  /** What the filter means, without SQL. */
  function expected({ state, job, text, from, to }: MessageFilter): string[] {
    return all
      .filter((m) => {
        if (from && m.at < Date.parse(from)) return false;
        if (to && m.at >= Date.parse(to)) return false;
        if (text && !m.text.toLowerCase().includes(text.toLowerCase())) return false;
        if (state === "waiting") return m.isWaiting;
        if (state === "unmatched") return m.isUnmatched;
        if (state || job)
          return m.states.some((s) => (!state || s.result === state) && (!job || s.job === job));
        return true;
      })
      .map((m) => m.id);
  }

  const at = (minutes: number) => new Date(begin + minutes * minute).toISOString();
  const ranges: [string, Pick<MessageFilter, "from" | "to">][] = [
    ["always", {}],
    ["from a moment", { from: at(10) }],
    ["to a moment", { to: at(10) }],
    ["a range", { from: at(5), to: at(15) }],
    ["an empty range", { from: at(15), to: at(5) }],
  ];
  const asked = ranges.flatMap(([when, range]) =>
    [undefined, ...messageStates].flatMap((state) =>
      [undefined, "referral", "payment", "rare"].flatMap((job) =>
        [undefined, "AMINA"].map((text) => ({ when, range, state, job, text })),
      ),
    ),
  );

  test.each(
    asked.map((a) => [
      `${a.state ?? "any"} · ${a.job ?? "any job"} · ${a.text ?? "any text"} · ${a.when}`,
      a,
    ]),
  )("%s", async (_, { range, state, job, text }) => {
    const filter: MessageFilter = {
      ...range,
      ...(state ? { state } : {}),
      ...(job ? { job: jobs[job as keyof typeof jobs] } : {}),
      ...(text ? { text } : {}),
    };
    const wanted = expected(filter);
    const pages = await pagesOf(ctx, { ...filter, limit: 7 });
    expect(pages.flat()).toEqual(wanted);
    expect(pages.slice(0, -1).every((page) => page.length === 7)).toBe(true);
  });

  test.each([1, 47, 48, 49, 100])("in pages of %i", async (limit) => {
    const pages = await pagesOf(ctx, { limit });
    expect(pages.flat()).toEqual(all.map((m) => m.id));
    expect(pages).toHaveLength(Math.ceil(48 / limit));
  });

  test("pages of 0, of 101 and unknown words are refused", async () => {
    for (const input of [{ limit: 0 }, { limit: 101 }, { cursor: "first" }, { job: "x" }, { from: "May" }])
      await expect(listMessages(ctx, input)).rejects.toThrow();
    await expect(listMessages(ctx, { state: "lost" } as unknown as Input)).rejects.toThrow();
  });
});

test("each row once and none left out, while new ones arrive", async () => {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  const ctx = contextFor(owner, project);
  const before = [];
  for (let i = 0; i < 25; i++) before.push((await store(project.id, begin + i)).id);
  const seen: string[] = [];
  let cursor: string | null = null;
  let late = begin + 1000;
  do {
    const page = await listMessages(ctx, { limit: 4, ...(cursor ? { cursor } : {}) });
    seen.push(...page.items.map((row) => row.id));
    cursor = page.nextCursor;
    await store(project.id, late++);
  } while (cursor);
  expect(seen).toEqual(before.reverse());
});

describe("text", () => {
  let clinic: Clinic;
  beforeEach(async () => {
    clinic = await createClinic();
  });
  const found = async (text: string) => (await pagesOf(clinic.ctx, { text })).flat();

  test("looks through a bounded number of messages a call, and its cursor goes on", async () => {
    const { ctx, project } = clinic;
    const hit = await store(project.id, begin, { text: '{"name":"Needle"}', isUnmatched: true });
    await database.query(
      `insert into messages (id, project_id, source, method, path, query, headers, format, body, size, preview)
       select (lpad(to_hex($2::bigint + n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid, $1, 'inbox', 'POST', '{}', '{}', '{}', 'text', 'hay', 3, 'hay'
       from generate_series(1, 2500) n`,
      [project.id, begin],
    );
    const first = await listMessages(ctx, { text: "needle" });
    expect(first.items).toEqual([]);
    expect(first.nextCursor).not.toBeNull();
    const second = await listMessages(ctx, { text: "needle", cursor: first.nextCursor ?? "" });
    expect(second.items.map((row) => row.id)).toEqual([hit.id]);
    expect(second.nextCursor).toBeNull();
    const hay = await pagesOf(ctx, { text: "hay", limit: 100 });
    expect(new Set(hay.flat()).size).toBe(2500);
    expect(hay.flat()).toHaveLength(2500);
  });

  test("reads a bounded number of bytes a call, however few messages they are, and its cursor goes on", async () => {
    const { ctx, project } = clinic;
    const hit = await store(project.id, begin, { text: '{"name":"Needle"}', isUnmatched: true });
    const large = JSON.stringify({ hay: "x".repeat(9_000_000) });
    for (let n = 1; n <= 3; n++) await store(project.id, begin + n, { text: large, isUnmatched: true });
    const first = await listMessages(ctx, { text: "needle" });
    expect(first.items).toEqual([]);
    expect(first.nextCursor).not.toBeNull();
    expect((await pagesOf(ctx, { text: "needle" })).flat()).toEqual([hit.id]);
  });

  test("means what is written: %, _ and \\ are characters", async () => {
    const percent = await clinic.receive({ note: "50 % off" });
    const low = await clinic.receive({ note: "snake_case" });
    const back = await clinic.receive({ note: "C:\\temp" });
    await clinic.receive({ note: "plain" });
    expect(await found("50 %")).toEqual([percent]);
    expect(await found("%")).toEqual([percent]);
    expect(await found("e_c")).toEqual([low]);
    expect(await found("_")).toEqual([low]);
    expect(await found("\\")).toEqual([back]);
    expect(await found("p%n")).toEqual([]);
  });

  test("finds a message by the beginning of its id", async () => {
    const id = await clinic.receive({ note: "plain" });
    await clinic.receive({ note: "another" });
    expect(await found(id)).toEqual([id]);
    expect(await found(id.slice(0, 30).toUpperCase())).toEqual([id]);
  });

  test("reads forms and XML by their meaning, and passes over what is no text", async () => {
    const form = await clinic.receive("name=%C3%89lodie&x=1", {
      contentType: "application/x-www-form-urlencoded",
    });
    const xml = await clinic.receive("<visit><name>Élodie</name></visit>", {
      contentType: "application/xml",
    });
    await clinic.receive(new Uint8Array([0xff, 0xfe, 0]), { contentType: "application/octet-stream" });
    await clinic.receive("", { contentType: "text/plain" });
    expect(await found("LODIE")).toEqual([xml, form]);
  });

  test("that nothing can hold finds nothing", async () => {
    await clinic.receive({ note: "plain" });
    expect(await found("a\u0000b")).toEqual([]);
    expect(await found("\ud800")).toEqual([]);
  });
});

describe("what a row says", () => {
  let clinic: Clinic;
  beforeEach(async () => {
    clinic = await createClinic();
  });
  const first = async (filter: Input = {}) => (await listMessages(clinic.ctx, filter)).items[0];
  const ids = async (filter: Input) => (await listMessages(clinic.ctx, filter)).items.map((row) => row.id);

  test("unmatched: kept, and no longer so once it is processed by hand", async () => {
    const id = await clinic.receive({ form: "other" });
    expect(await first()).toMatchObject({ id, unmatched: true, waiting: [], jobStates: [], source: "inbox" });
    expect(await ids({ state: "unmatched" })).toEqual([id]);
    const { rerunMessage } = await import("@/lib/domain/run/rerun");
    await rerunMessage(clinic.ctx, { messageId: id, jobId: clinic.jobs.payment });
    expect(await ids({ state: "unmatched" })).toEqual([]);
    expect(await ids({ state: "waiting" })).toEqual([id]);
    expect((await first())?.unmatched).toBe(false);
  });

  test("waiting: until a job of the workflow has started", async () => {
    const id = await clinic.receive({ form: "visit" });
    const waiting = [{ workflowId: clinic.workflows.visit, workflowName: "Visit", state: "pending" }];
    expect(await first()).toMatchObject({ id, unmatched: false, waiting, jobStates: [] });
    expect(await ids({ state: "waiting" })).toEqual([id]);
    await clinic.execute(id);
    expect(await first()).toMatchObject({ id, waiting: [] });
    expect(await ids({ state: "waiting" })).toEqual([]);
  });

  test("one state a job, in the order in which they started, and whether it runs again", async () => {
    const id = await clinic.receive({ form: "visit" });
    await clinic.execute(id, ({ job }) =>
      job.name === "Payment" ? { reason: "fail", error: { type: "JobError", message: "no" } } : {},
    );
    const states = (await first())?.jobStates.map((s) => [s.jobName, s.result, s.errorType, s.running]);
    expect(states).toEqual([
      ["Referral", "success", null, false],
      ["Payment", "failure", "JobError", false],
      ["Notify", "success", null, false],
    ]);
    await database.query("update job_states set running_steps = 1 where message_id = $1 and job_id = $2", [
      id,
      clinic.jobs.payment,
    ]);
    expect((await first())?.jobStates.map((s) => s.running)).toEqual([false, true, false]);
    expect(await ids({ state: "failure", job: clinic.jobs.payment })).toEqual([id]);
    expect(await ids({ state: "failure", job: clinic.jobs.referral })).toEqual([]);
  });
});

test("a stranger sees nothing of it, whatever ids they name", async () => {
  const clinic = await createClinic();
  const stranger = await createClinic();
  const id = await clinic.receive({ form: "visit", name: "Amina" });
  await clinic.execute(id);
  const mine = await stranger.receive({ form: "other" });
  for (const filter of [
    { job: clinic.jobs.payment },
    { job: clinic.jobs.payment, state: "success" as const },
    { text: "Amina" },
    { text: id },
  ])
    expect((await listMessages(stranger.ctx, filter)).items).toEqual([]);
  expect((await listMessages(stranger.ctx, {})).items.map((row) => row.id)).toEqual([mine]);
  const after = await clinic.receive({ form: "other" });
  const page = await listMessages(stranger.ctx, { cursor: after });
  expect(page.items.map((row) => row.id)).toEqual([mine]);
});
