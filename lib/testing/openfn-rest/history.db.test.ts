import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { firstIdAt } from "@/lib/domain/id-range";
import { countedEntries } from "@/lib/domain/numbered/page";
import { createProjectToken } from "@/lib/domain/project-token/create";
import { createToken } from "@/lib/domain/token/create";
import {
  jobList,
  logLineList,
  oneJob,
  oneRun,
  oneWorkOrder,
  runList,
  workOrderList,
} from "@/lib/http/openfn-resources";
import { createWorld, type World } from "@/lib/testing/api/world";
import { testDatabase } from "@/lib/testing/database";
import {
  contextFor,
  createTestProject,
  createTestUser,
  type TestProject,
  type TestUser,
  userContextFor,
} from "@/lib/testing/fixtures";
import { bearer, callApi } from "./call";

const { query } = testDatabase();

let owner: TestUser;
let project: TestProject;
let other: TestProject;
let as: Record<string, string>;

const tokenOf = async (user: TestUser) =>
  bearer((await createToken(userContextFor(user), { name: "t" })).token);

/** An id of that moment, as the database makes them. */
const idAt = (at: string) => firstIdAt(at).slice(0, 24) + randomUUID().slice(24);

type Made = { order: string; run: string; step: string; workflow: string };

/** A work order of a moment with its run and one step. */
async function made(
  at: string,
  { of = project, state = "success", workflow = randomUUID() as string } = {},
): Promise<Made> {
  const [order, run, step] = [idAt(at), idAt(at), idAt(at)];
  await query(
    `insert into work_orders (id, project_id, workflow_id, snapshot_id, state, created_at, last_activity)
     values ($1, $2, $3, $3, $4, $5, $5)`,
    [order, of.id, workflow, state, at],
  );
  await query(
    `insert into runs (id, project_id, workflow_id, work_order_id, snapshot_id, state, starting_job_id, created_at, started_at, finished_at)
     values ($1, $2, $3, $4, $3, $5, $3, $6, case when $5 <> 'pending' then $6::timestamptz end, case when $5 in ('pending', 'running') then null else $6::timestamptz end)`,
    [run, of.id, workflow, order, state, at],
  );
  await query(
    `insert into steps (id, project_id, run_id, workflow_id, job_id, job_name, adaptor, ordinal, exit_reason, started_at, finished_at)
     values ($1, $2, $3, $4, $4, 'A', 'a', 0, 'success', $5, $5)`,
    [step, of.id, run, workflow, at],
  );
  return { order, run, step, workflow };
}

async function logged(step: string, lines: [at: string, level: string, message: string][]): Promise<void> {
  for (const [seq, [at, level, message]] of lines.entries())
    await query(
      "insert into log_lines (step_id, seq, at, level, source, message) values ($1, $2, $3, $4, 'JOB', $5)",
      [step, seq, at, level, message],
    );
  await query("update steps set log_lines = $2 where id = $1", [step, lines.length]);
}

const [early, late] = ["2024-01-01T10:00:00.000Z", "2024-01-01T12:00:00.000Z"];
const between = "2024-01-01T11:00:00Z";

let old: Made;
let recent: Made;
let elsewhere: Made;
let foreign: Made;

beforeAll(async () => {
  owner = await createTestUser();
  [project, other] = [await createTestProject({ owner }), await createTestProject({ owner })];
  as = await tokenOf(owner);
  old = await made(early, { state: "failed" });
  recent = await made(late, { state: "running" });
  elsewhere = await made(between, { of: other });
  foreign = await made(late, { of: await createTestProject() });
});

const kinds = [
  { path: "runs", id: "run", list: runList, one: oneRun, states: ["failed", "started"] },
  { path: "work_orders", id: "order", list: workOrderList, one: oneWorkOrder, states: ["failed", "running"] },
] as const;

describe.each(kinds)("/api/$path", ({ path, id, list, one, states }) => {
  const get = (search = "", nested = "") => callApi(as, "GET", `/api/${nested}${path}${search}`);
  const idsOf = async (search: string, nested = "") => {
    const { status, body } = await get(search, nested);
    expect([search, status]).toEqual([search, 200]);
    // Nested runs stand beside our own list.
    const page = (nested ? (body as z.infer<typeof list>) : list.parse(body)) as z.infer<typeof list>;
    return page.data.map((entry) => entry.id);
  };

  test("lists those of one's projects, newest first, with links and how many there are", async () => {
    const { body } = await get();
    const page = list.parse(body);
    expect(page.data.map((entry) => entry.id)).toEqual([recent[id], elsewhere[id], old[id]]);
    const address = `http://waybill.example/api/${path}`;
    expect(page).toMatchObject({
      included: [],
      meta: { total_entries: 3, total_pages: 1, page_number: 1, page_size: 10 },
      links: { self: address, first: `${address}?page=1`, last: `${address}?page=1`, prev: null, next: null },
    });
    expect(page.data[0]).toMatchObject({
      type: path,
      relationships: {},
      links: { self: `${address}/${recent[id]}` },
      attributes: { state: states[1], inserted_at: late, updated_at: late },
    });
  });

  test("has pages of a size, and behind the last one the last one", async () => {
    const address = `http://waybill.example/api/${path}`;
    expect(list.parse((await get("?page=2&page_size=1")).body)).toMatchObject({
      data: [{ id: elsewhere[id] }],
      meta: { total_entries: 3, total_pages: 3, page_number: 2, page_size: 1 },
      links: {
        self: `${address}?page=2&page_size=1`,
        first: `${address}?page=1&page_size=1`,
        last: `${address}?page=3&page_size=1`,
        prev: `${address}?page=1&page_size=1`,
        next: `${address}?page=3&page_size=1`,
      },
    });
    expect(list.parse((await get("?page=9&page_size=2")).body).meta).toMatchObject({ page_number: 2 });
    expect(list.parse((await get("?page_size=1000")).body).meta).toMatchObject({ page_size: 100 });
  });

  test("is filtered by when things were made and changed, by project, workflow, state and id", async () => {
    expect(await idsOf(`?inserted_after=${between}`)).toEqual([recent[id], elsewhere[id]]);
    expect(await idsOf(`?inserted_before=${between}`)).toEqual([old[id]]);
    expect(await idsOf(`?inserted_after=2024-01-01T10:30:00Z&inserted_before=2024-01-01T11:30:00Z`)).toEqual([
      elsewhere[id],
    ]);
    expect(await idsOf(`?updated_after=2024-01-01T11:30:00Z`)).toEqual([recent[id]]);
    expect(await idsOf(`?updated_before=2024-01-01T10:30:00Z`)).toEqual([old[id]]);
    expect(await idsOf(`?project_id=${other.id}`)).toEqual([elsewhere[id]]);
    expect(await idsOf(`?project_id=${randomUUID()}`)).toEqual([]);
    expect(await idsOf(`?workflow_id=${old.workflow}`)).toEqual([old[id]]);
    expect(await idsOf(`?state=${states[0]}`)).toEqual([old[id]]);
    expect(await idsOf(`?state=${states.join(",")}`)).toEqual([recent[id], old[id]]);
    expect(await idsOf(`?id=${old[id]},${elsewhere[id]},${foreign[id]}`)).toEqual([elsewhere[id], old[id]]);
    expect(await idsOf(`?id[]=${old[id]}&id[]=${recent[id]}`)).toEqual([recent[id], old[id]]);
  });

  test("of one project alone, by the same filters", async () => {
    const nested = `projects/${project.id}/`;
    expect(await idsOf("", nested)).toEqual([recent[id], old[id]]);
    expect(await idsOf(`?inserted_after=${between}`, nested)).toEqual([recent[id]]);
  });

  test("refuses what is no moment, no state and no id, and names it", async () => {
    for (const [key, value] of [
      ["inserted_after", "not-a-valid-datetime"],
      ["updated_before", "2024-13-45"],
      ["inserted_after", "123456"],
    ] as const) {
      const said = expect.stringMatching(`^Invalid datetime format for '${key}': ${value}`);
      expect(await get(`?${key}=${value}`)).toMatchObject({
        status: 422,
        body: { error: said, errors: { [key]: [said] } },
      });
    }
    const noState = expect.stringContaining("Invalid state filter: bogus");
    expect(await get("?state=bogus")).toMatchObject({ status: 422, body: { error: noState } });
    expect((await get("?id=foo")).status).toBe(422);
    expect((await get("?page=0")).status).toBe(422);
  });

  test("shows one of them, and of none or somebody else's nothing", async () => {
    expect(one.parse((await get(`/${old[id]}`)).body)).toMatchObject({
      data: { id: old[id], type: path, attributes: { state: states[0] } },
      links: { self: `http://waybill.example/api/${path}/${old[id]}` },
    });
    for (const gone of [foreign[id], randomUUID(), "foo"])
      expect(await get(`/${gone}`)).toMatchObject({ status: 404, body: { error: "Not Found" } });
  });

  test("is nobody's without a token, a repository's project's with its own, and chosen projects' with a bound one", async () => {
    for (const proof of [{}, bearer("wb_unknown")])
      expect(await callApi(proof, "GET", `/api/${path}`)).toMatchObject({
        status: 401,
        body: { error: "Unauthorized" },
      });
    const repository = await createProjectToken(contextFor(owner, other), { name: "r", scopes: ["read"] });
    const bound = await createToken(userContextFor(owner), { name: "b", projectIds: [other.id] });
    for (const { token } of [repository, bound]) {
      const { body } = await callApi(bearer(token), "GET", `/api/${path}`);
      expect(list.parse(body).data.map((entry) => entry.id)).toEqual([elsewhere[id]]);
      expect((await callApi(bearer(token), "GET", `/api/${path}/${old[id]}`)).status).toBe(404);
    }
    const deploys = await createToken(userContextFor(owner), { name: "d", scopes: ["deploy"] });
    expect((await callApi(bearer(deploys.token), "GET", `/api/${path}`)).status).toBe(403);
  });
});

test("runs of a work order, and shown beside our own", async () => {
  const { body } = await callApi(as, "GET", `/api/runs?work_order_id=${old.order}`);
  expect(runList.parse(body).data.map(({ id }) => id)).toEqual([old.run]);
});

test("counts up to a bound, and says how to go deeper", async () => {
  const crowd = await createTestUser();
  const full = await createTestProject({ owner: crowd });
  await query(
    `insert into work_orders (project_id, workflow_id, snapshot_id, state)
     select $1::uuid, $1::uuid, $1::uuid, 'success' from generate_series(1, $2)`,
    [full.id, countedEntries + 5],
  );
  const mine = await tokenOf(crowd);
  const last = await callApi(mine, "GET", "/api/work_orders?page_size=100&page=100");
  expect(workOrderList.parse(last.body)).toMatchObject({
    meta: { total_entries: countedEntries, total_pages: 100, page_number: 100 },
    links: { next: null },
  });
  expect(await callApi(mine, "GET", "/api/work_orders?page_size=100&page=101")).toMatchObject({
    status: 422,
    body: { error: expect.stringContaining("inserted_before") },
  });
});

describe("where there is more than is counted", () => {
  let mine: Record<string, string>;
  let one: TestProject;
  let longAgo: Made;
  const idsOf = async (search: string) =>
    workOrderList
      .parse((await callApi(mine, "GET", `/api/work_orders${search}`)).body)
      .data.map(({ id }) => id);

  beforeAll(async () => {
    const crowd = await createTestUser();
    one = await createTestProject({ owner: crowd });
    const second = await createTestProject({ owner: crowd });
    mine = await tokenOf(crowd);
    longAgo = await made("2020-01-01T10:00:00.000Z", { of: one, state: "failed" });
    await query(
      `insert into work_orders (project_id, workflow_id, snapshot_id, state)
       select p, p, p, 'success' from generate_series(1, $3) n
       cross join lateral unnest(case when n % 3 = 0 then array[$1, $2]::uuid[] else array[$1]::uuid[] end) p`,
      [one.id, second.id, countedEntries + 5],
    );
  });

  test.each([
    ["one project", (id: string) => `project_id=${id}`, "project_id = $1"],
    ["a workflow", (id: string) => `workflow_id=${id}`, "workflow_id = $1"],
    [
      "several projects",
      () => "",
      "project_id in (select project_id from project_members where user_id = (select user_id from project_members where project_id = $1))",
    ],
  ])("a page of %s is the same wherever it lies", async (_, filter, where) => {
    for (const [page, size] of [
      [3, 10],
      [7, 90],
      [31, 37],
      [95, 100],
    ] as const) {
      const rows = await query<{ id: string }>(
        `select id from work_orders where ${where} order by id desc offset $2 limit $3`,
        [one.id, (page - 1) * size, size],
      );
      expect(await idsOf(`?${filter(one.id)}&page=${page}&page_size=${size}`)).toEqual(
        rows.map(({ id }) => id),
      );
    }
  });

  test("what has no index of its own is found among the newest, and deeper by when it was made", async () => {
    const of = `project_id=${one.id}&state=failed`;
    expect(await idsOf(`?${of}`)).toEqual([]);
    expect(await callApi(mine, "GET", `/api/work_orders?${of}&page=2`)).toMatchObject({
      status: 422,
      body: { error: expect.stringContaining("inserted_before") },
    });
    expect(await idsOf(`?${of}&inserted_before=2021-01-01`)).toEqual([longAgo.order]);
  });
});

describe("/api/log_lines", () => {
  let mine: Record<string, string>;
  let one: Made;
  let two: Made;
  let where: TestProject;
  const get = (search = "") => callApi(mine, "GET", `/api/log_lines${search}`);
  const said = async (search = "") =>
    logLineList.parse((await get(search)).body).data.map(({ attributes }) => attributes.message);

  beforeAll(async () => {
    const writer = await createTestUser();
    where = await createTestProject({ owner: writer });
    const second = await createTestProject({ owner: writer });
    mine = await tokenOf(writer);
    one = await made(early, { of: where });
    two = await made(between, { of: second });
    await query("update steps set finished_at = $2 where id = any($1)", [[one.step, two.step], late]);
    await logged(one.step, [
      [early, "info", "first"],
      [late, "error", "last"],
    ]);
    await logged(two.step, [["2024-01-01T11:30:00.000Z", "debug", "middle"]]);
  });

  test("lists lines of one's projects, newest first, whichever run wrote them", async () => {
    const page = logLineList.parse((await get()).body);
    expect(page.data.map(({ attributes }) => attributes.message)).toEqual(["last", "middle", "first"]);
    expect(page.data[0]).toEqual({
      type: "log_lines",
      id: `${one.step}:1`,
      attributes: {
        source: "JOB",
        level: "error",
        message: "last",
        timestamp: late,
        step_id: one.step,
        run_id: one.run,
      },
    });
    expect(page.meta).toEqual({ total_entries: 3, total_pages: 1, page_number: 1, page_size: 10 });
    expect(await said("?page=2&page_size=2")).toEqual(["first"]);
  });

  test("by time, level, and what wrote them", async () => {
    expect(await said(`?timestamp_after=${between}`)).toEqual(["last", "middle"]);
    expect(await said(`?timestamp_before=${between}`)).toEqual(["first"]);
    expect(await said("?level=error")).toEqual(["last"]);
    expect(await said("?level=always")).toEqual([]);
    expect(await said(`?level=error&timestamp_before=${between}`)).toEqual([]);
    expect(await said(`?run_id=${two.run}`)).toEqual(["middle"]);
    expect(await said(`?work_order_id=${one.order}`)).toEqual(["last", "first"]);
    expect(await said(`?workflow_id=${two.workflow}`)).toEqual(["middle"]);
    expect(await said(`?job_id=${one.workflow}`)).toEqual(["last", "first"]);
    expect(await said(`?project_id=${where.id}`)).toEqual(["last", "first"]);
    expect(await said(`?run_id=${foreign.run}`)).toEqual([]);
    expect((await get("?level=loud")).status).toBe(422);
    expect(await get("?timestamp_after=soon")).toMatchObject({
      status: 422,
      body: { error: expect.stringContaining("Invalid datetime format for 'timestamp_after': soon") },
    });
    expect((await callApi({}, "GET", "/api/log_lines")).status).toBe(401);
  });

  test("hides from a role what is masked for it", async () => {
    const world: World = await createWorld("Zuhura");
    const of = (headers: Record<string, string>) =>
      callApi(headers, "GET", `/api/log_lines?project_id=${world.things.project}`);
    expect((await of(world.as.viewer)).text).not.toContain("Zuhura");
    expect((await of(world.as.viewer)).text).toContain("hi •••");
    expect((await of(world.as.owner)).text).toContain("hi Zuhura");
  });
});

describe("/api/jobs", () => {
  test("lists jobs of one's projects, of one project, and shows one", async () => {
    const world = await createWorld();
    const { project: id, job } = world.things;
    const entry = {
      type: "jobs",
      id: job,
      links: { self: `http://waybill.example/api/jobs/${job}` },
      relationships: {},
      attributes: { name: "First" },
    };
    for (const path of ["/api/jobs", `/api/jobs?project_id=${id}`])
      expect(jobList.parse((await callApi(world.as.owner, "GET", path)).body).data[0]).toEqual(entry);
    const nested = await callApi(world.as.owner, "GET", `/api/projects/${id}/jobs?page_size=1`);
    expect(nested.body).toMatchObject({
      data: [entry],
      meta: { total_entries: 2, page_size: 1 },
      items: [{}, {}],
    });
    for (const path of [`/api/jobs/${job}`, `/api/projects/${id}/jobs/${job}`])
      expect(oneJob.parse((await callApi(world.as.owner, "GET", path)).body).data).toEqual(entry);
    for (const path of [`/api/jobs/${job}`, "/api/jobs/foo"])
      expect((await callApi(world.as.stranger, "GET", path)).status).toBe(404);
    expect((await callApi({}, "GET", "/api/jobs")).body).toEqual({ error: "Unauthorized" });
  });
});

test("nobody registers by POST /api/users/register", async () => {
  expect(await callApi({}, "POST", "/api/users/register", {})).toMatchObject({
    status: 501,
    body: { error: "Not Implemented" },
  });
});
