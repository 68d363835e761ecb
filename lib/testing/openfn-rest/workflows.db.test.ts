import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { createCredential } from "@/lib/domain/credential/create";
import { shareCredential } from "@/lib/domain/credential/share";
import { createToken } from "@/lib/domain/token/create";
import { type OpenfnWorkflow, openfnWorkflow } from "@/lib/domain/workflow/openfn/document";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  type TestProject,
  type TestUser,
  userContextFor,
} from "@/lib/testing/fixtures";
import { bearer, callApi } from "./call";

vi.mock("@/lib/processes/host", () => ({
  resolveAdaptor: async (_: string, version: string) => ({
    version: version === "latest" ? "3.3.4" : version,
  }),
}));

const database = testDatabase();

const saved = z.strictObject({ workflow: openfnWorkflow, errors: z.strictObject({}) });

let owner: TestUser;
let project: TestProject;
let as: Record<string, string>;

const tokenOf = async (user: TestUser) =>
  bearer((await createToken(userContextFor(user), { name: "t" })).token);

beforeAll(async () => {
  owner = await createTestUser();
  project = await createTestProject({ owner });
  as = await tokenOf(owner);
});

const common = "@openfn/language-common@latest";

/** A workflow as clients of OpenFn's API write one: a webhook, and jobs one after the other. */
function simple(jobs = 1, name = `flow ${randomUUID()}`) {
  const trigger = { id: randomUUID(), type: "webhook", enabled: true };
  const made = Array.from({ length: jobs }, (_, n) => ({
    id: randomUUID(),
    name: `Job ${n}`,
    body: "fn(state => state)",
    adaptor: common,
  }));
  const edges = made.map((job, n) => ({
    id: randomUUID(),
    ...(n === 0 ? { source_trigger_id: trigger.id } : { source_job_id: made[n - 1]?.id }),
    target_job_id: job.id,
    condition_type: n === 0 ? "always" : "on_job_success",
    enabled: true,
  }));
  return { name, project_id: project.id, triggers: [trigger], jobs: made, edges };
}

const post = (body: unknown, to = project.id) => callApi(as, "POST", `/api/projects/${to}/workflows`, body);
const change = (method: "PUT" | "PATCH", id: string, body: unknown) =>
  callApi(as, method, `/api/projects/${project.id}/workflows/${id}`, body);

async function made(jobs = 1): Promise<OpenfnWorkflow> {
  const { status, body } = await post(simple(jobs));
  expect(status).toBe(201);
  return saved.parse(body).workflow;
}

const first = <T>(list: readonly T[]): T => {
  const [one] = list;
  if (!one) throw new Error("The list is empty.");
  return one;
};

describe("reading", () => {
  test("lists those of all projects that one is in, of one project, and shows one; everywhere the same", async () => {
    const workflow = await made(2);
    const other = await createTestProject({ owner });
    const foreign = await createTestProject();
    const all = await callApi(as, "GET", "/api/workflows");
    const answer = z.strictObject({ workflows: z.array(openfnWorkflow), errors: z.strictObject({}) });
    expect(answer.parse(all.body).workflows).toContainEqual(workflow);
    const ofOther = await callApi(as, "GET", `/api/workflows?project_id=${other.id}`);
    expect(ofOther.body).toEqual({ workflows: [], errors: {} });
    const ofForeign = await callApi(as, "GET", `/api/workflows?project_id=${foreign.id}`);
    expect(ofForeign.body).toEqual({ workflows: [], errors: {} });
    const nested = await callApi(as, "GET", `/api/projects/${project.id}/workflows`);
    expect(nested.body).toMatchObject({ errors: {}, workflows: expect.arrayContaining([workflow]) });
    expect((await callApi(as, "GET", `/api/workflows/${workflow.id}`)).body).toEqual({
      workflow,
      errors: {},
    });
    const one = await callApi(as, "GET", `/api/projects/${project.id}/workflows/${workflow.id}`);
    expect(one.body).toMatchObject({ workflow, errors: {}, id: workflow.id });
  });

  test("reads versions that were stored before there was all of it", async () => {
    const { id } = await made();
    await database.query(
      `update snapshots set graph = jsonb_set(graph - 'jobLogs' - 'orderKey', '{triggers,0}',
         (graph->'triggers'->0) - 'customPath' - 'timeZone' - 'takesGet') where workflow_id = $1`,
      [id],
    );
    const { status, body } = await callApi(as, "GET", `/api/workflows/${id}`);
    expect(status).toBe(200);
    expect(saved.parse(body).workflow).toMatchObject({ enable_job_logs: true });
    expect(first(saved.parse(body).workflow.triggers).custom_path).toBeNull();
    expect((await callApi(as, "GET", "/api/workflows")).status).toBe(200);
  });

  test("changes no digit of a filter that a client of OpenFn's says nothing of", async () => {
    const { id, triggers } = await made();
    const filter = '{"n": 12345678901234567890, "part": 0.1000000000000000000001}';
    await database.query(
      `update snapshots set graph = jsonb_set(graph, '{triggers,0}', (graph->'triggers'->0)
         || jsonb_build_object('type', 'message_filter', 'inclusion', $2::jsonb)) where workflow_id = $1`,
      [id, filter],
    );
    expect((await change("PATCH", id, { name: `flow ${randomUUID()}` })).status).toBe(200);
    const [{ same } = { same: false }] = await database.query<{ same: boolean }>(
      "select inclusion = $2::jsonb as same from triggers where id = $1",
      [first(triggers).id, filter],
    );
    expect(same).toBe(true);
  });

  test("is nobody's without a token, and tells strangers nothing", async () => {
    const { id } = await made();
    const nobody = { status: 401, body: { error: "Unauthorized" } };
    for (const proof of [{}, bearer("wb_unknown"), bearer("wbr_unknown")])
      for (const path of ["/api/workflows", `/api/workflows/${id}`])
        expect(await callApi(proof, "GET", path)).toMatchObject(nobody);
    const stranger = await tokenOf(await createTestUser());
    for (const one of [id, randomUUID(), "foo"])
      expect(await callApi(stranger, "GET", `/api/workflows/${one}`)).toMatchObject({
        status: 404,
        body: { error: "Not Found" },
      });
  });

  test("says nothing of itself to a page", async () => {
    await made();
    const { signedIn } = await import("@/lib/testing/api/world");
    const { body } = await callApi(await signedIn(owner), "GET", `/api/projects/${project.id}/workflows`);
    expect(Object.keys(z.record(z.string(), z.unknown()).parse(body)).sort()).toEqual([
      "items",
      "nextCursor",
    ]);
  });
});

describe("POST", () => {
  test("makes one, with ids of our own for triggers and jobs whatever the client called them", async () => {
    const body = simple(2);
    const [trigger, one, two] = [first(body.triggers), first(body.jobs), body.jobs[1]];
    const named = {
      ...body,
      triggers: [{ ...trigger, id: "trigger1" }],
      jobs: [
        { ...one, id: 11 },
        { ...two, id: 12 },
      ],
      edges: [
        { ...first(body.edges), source_trigger_id: "trigger1", target_job_id: 11 },
        { ...body.edges[1], source_job_id: 11, target_job_id: 12 },
      ],
    };
    const answer = await post(named);
    expect(answer.status).toBe(201);
    const { workflow } = saved.parse(answer.body);
    expect(workflow).toMatchObject({ name: body.name, project_id: project.id, lock_version: 1 });
    expect(workflow.jobs.map(({ name, body, adaptor }) => ({ name, body, adaptor }))).toEqual(
      named.jobs.map(({ name, body, adaptor }) => ({ name, body, adaptor })),
    );
    const ids = workflow.jobs.map(({ id }) => id);
    expect(
      workflow.edges.map((edge) => [edge.source_trigger_id, edge.source_job_id, edge.target_job_id]),
    ).toEqual([
      [first(workflow.triggers).id, null, ids[0]],
      [null, ids[0], ids[1]],
    ]);
  });

  test("takes a job that nothing leads to, and no project_id", async () => {
    const { project_id: _, ...body } = simple();
    const alone = { id: randomUUID(), name: "Alone", body: "fn(s => s)", adaptor: common };
    const answer = await post({ ...body, jobs: [...body.jobs, alone] });
    expect(answer.status).toBe(201);
    expect(saved.parse(answer.body).workflow.jobs).toHaveLength(2);
  });

  const edge = (body: ReturnType<typeof simple>) => first(body.edges);
  const faults: Record<
    string,
    [
      change: (body: ReturnType<typeof simple>) => unknown,
      errors: (body: ReturnType<typeof simple>) => unknown,
    ]
  > = {
    "another project": [
      (body) => ({ ...body, project_id: randomUUID() }),
      () => ({ project_id: ["The project_id of the body does not match the one the path."] }),
    ],
    "a condition that is none": [
      (body) => ({ ...body, edges: [{ ...edge(body), condition_type: "on_failures" }] }),
      (body) => ({ edges: [`Edge ${edge(body).id} has the errors: [condition_type: is invalid]`] }),
    ],
    "code that is a list": [
      (body) => ({ ...body, jobs: [{ ...first(body.jobs), body: ["mistake"] }] }),
      (body) => ({ jobs: [`Job ${first(body.jobs).id} has the errors: [body: is invalid]`] }),
    ],
    "an adaptor that is a list": [
      (body) => ({ ...body, jobs: [{ ...first(body.jobs), adaptor: ["mistake"] }] }),
      (body) => ({ jobs: [`Job ${first(body.jobs).id} has the errors: [adaptor: is invalid]`] }),
    ],
    "enabled as a word": [
      (body) => ({ ...body, triggers: [{ ...first(body.triggers), enabled: "always" }] }),
      (body) => ({ triggers: [`Trigger ${first(body.triggers).id} has the errors: [enabled: is invalid]`] }),
    ],
    "two enabled triggers": [
      (body) => ({
        ...body,
        triggers: [...body.triggers, { id: randomUUID(), type: "webhook", enabled: true }],
      }),
      () => ({ triggers: ["A workflow can have only one trigger enabled at a time."] }),
    ],
    "no edge from the trigger": [
      (body) => ({ ...body, edges: [] }),
      () => ({ edges: ["Missing edge with source_trigger_id."] }),
    ],
    "two edges from the trigger": [
      (body) => ({ ...body, edges: [...body.edges, { ...edge(body), id: randomUUID() }] }),
      () => ({ edges: ["There should be only one enabled edge with source_trigger_id."] }),
    ],
    "a trigger as a job that leads on": [
      (body) => ({
        ...body,
        edges: [
          ...body.edges,
          {
            ...edge(body),
            id: randomUUID(),
            source_trigger_id: null,
            source_job_id: first(body.triggers).id,
          },
        ],
      }),
      () => ({ edges: ["source_trigger_id must have a single target."] }),
    ],
    "a job without an id": [
      (body) => ({ ...body, jobs: [{ name: "A", body: "fn(s => s)", adaptor: common }] }),
      () => ({ workflow: ["All jobs and triggers should have an id (UUID)."] }),
    ],
    "a list that is none": [(body) => ({ ...body, jobs: "all" }), () => ({ jobs: ["is invalid"] })],
    "a job without a name": [
      (body) => ({ ...body, jobs: [{ ...first(body.jobs), name: " " }] }),
      (body) => ({ jobs: [`Job ${first(body.jobs).id} has the errors: [name: Job name can't be blank.]`] }),
    ],
    "a credential of no project": [
      (body) => ({ ...body, jobs: [{ ...first(body.jobs), project_credential_id: randomUUID() }] }),
      (body) => ({
        jobs: [
          `Job ${first(body.jobs).id} has the errors: [project_credential_id: credential doesn't exist or isn't available in this project]`,
        ],
      }),
    ],
  };

  test.each(Object.entries(faults))(
    "refuses %s in OpenFn's words, and writes nothing",
    async (_, [change, errors]) => {
      const body = simple();
      const answer = await post(change(body));
      expect(answer).toMatchObject({ status: 422, body: { id: null, errors: errors(body) } });
      const { body: listed } = await callApi(as, "GET", `/api/workflows?project_id=${project.id}`);
      expect(JSON.stringify(listed)).not.toContain(body.name);
    },
  );

  test("refuses a circle, and names the job as the client did", async () => {
    const body = simple(3);
    const back = {
      id: randomUUID(),
      source_job_id: body.jobs[2]?.id,
      target_job_id: first(body.jobs).id,
      condition_type: "always",
    };
    expect(await post({ ...body, edges: [...body.edges, back] })).toMatchObject({
      status: 422,
      body: { id: null, errors: { edges: [`Cycle detected on job ${first(body.jobs).id}.`] } },
    });
  });

  test("refuses an edge's id that is taken, and a name", async () => {
    const there = await made();
    const body = simple();
    const taken = first(there.edges).id;
    expect(await post({ ...body, edges: [{ ...edge(body), id: taken }] })).toMatchObject({
      status: 422,
      body: {
        id: null,
        errors: { edges: [`Edge ${taken} has the errors: [id: This value should be unique.]`] },
      },
    });
    expect(await post({ ...simple(), name: there.name })).toMatchObject({
      status: 422,
      body: { id: null, errors: { name: [expect.stringContaining("this name")] } },
    });
  });

  test("takes a credential that is shared with the project", async () => {
    const { id: credentialId } = await createCredential(userContextFor(owner), {
      name: randomUUID(),
      body: { a: "b" },
    });
    const link = await shareCredential(contextFor(owner, project), { credentialId });
    const body = simple();
    const answer = await post({ ...body, jobs: [{ ...first(body.jobs), project_credential_id: link.id }] });
    expect(first(saved.parse(answer.body).workflow.jobs).project_credential_id).toBe(link.id);
  });

  test("is for those who may write: viewers are refused, strangers find nothing", async () => {
    const viewer = await tokenOf(await addTestMember(project, "viewer"));
    const editor = await tokenOf(await addTestMember(project, "editor"));
    const to = `/api/projects/${project.id}/workflows`;
    expect((await callApi(viewer, "POST", to, simple())).status).toBe(403);
    expect((await callApi(await tokenOf(await createTestUser()), "POST", to, simple())).status).toBe(404);
    expect((await callApi({}, "POST", to, simple())).status).toBe(401);
    expect((await callApi(editor, "POST", to, simple())).status).toBe(201);
  });

  test("takes our own shape, too, and answers in both", async () => {
    const [trigger, job] = [randomUUID(), randomUUID()];
    const answer = await post({
      name: randomUUID(),
      triggers: [{ id: trigger, type: "webhook" }],
      jobs: [{ id: job, name: "A", body: "fn(s => s)", adaptor: "@openfn/language-common@3.3.4" }],
      edges: [{ id: randomUUID(), sourceTriggerId: trigger, targetJobId: job, conditionType: "always" }],
    });
    expect(answer).toMatchObject({
      status: 201,
      body: { lockVersion: 1, changed: true, workflow: { jobs: [{ id: job }] }, errors: {} },
    });
  });
});

describe.each(["PUT", "PATCH"] as const)("%s", (method) => {
  test("changes what it names and leaves the rest", async () => {
    const workflow = await made(2);
    const answer = await change(method, workflow.id, { name: `${workflow.name} 2`, project_id: project.id });
    expect(answer.status).toBe(200);
    const { updated_at: _, version_history: __, ...rest } = workflow;
    expect(saved.parse(answer.body).workflow).toMatchObject({
      ...rest,
      name: `${workflow.name} 2`,
      lock_version: 2,
    });
  });

  test("adds jobs and a trigger, and takes what a GET answered, other workflows' ids in it or not", async () => {
    const workflow = await made();
    const job = {
      id: randomUUID(),
      name: "More",
      body: "fn(s => s)",
      adaptor: common,
      workflow_id: randomUUID(),
    };
    const cron = { id: randomUUID(), type: "cron", cron_expression: "0 0 * * *", enabled: true };
    const last = first(workflow.jobs);
    const answer = await change(method, workflow.id, {
      ...workflow,
      jobs: [...workflow.jobs, job],
      triggers: [{ ...first(workflow.triggers), enabled: false }, cron],
      edges: [
        { ...first(workflow.edges), source_trigger_id: cron.id },
        { id: randomUUID(), source_job_id: last.id, target_job_id: job.id, condition_type: "on_job_success" },
      ],
    });
    expect(answer.status).toBe(200);
    const after = saved.parse(answer.body).workflow;
    expect(after.jobs.map(({ id, workflow_id }) => [id, workflow_id])).toEqual([
      [last.id, workflow.id],
      [job.id, workflow.id],
    ]);
    expect(after.triggers.map(({ id, enabled }) => [id, enabled])).toEqual([
      [first(workflow.triggers).id, false],
      [cron.id, true],
    ]);
  });

  test("removes a job that it lists no more, with its edges", async () => {
    const workflow = await made(2);
    const answer = await change(method, workflow.id, {
      project_id: project.id,
      jobs: workflow.jobs.slice(0, 1),
    });
    const after = saved.parse(answer.body).workflow;
    expect([after.jobs.length, after.edges.length]).toEqual([1, 1]);
  });

  test("refuses in OpenFn's words, and changes nothing", async () => {
    const workflow = await made();
    const { id } = workflow;
    const [trigger, job, edge] = [first(workflow.triggers), first(workflow.jobs), first(workflow.edges)];
    const foreign = first((await made()).jobs);
    const refused: [body: object, errors: object][] = [
      [
        { project_id: randomUUID() },
        { project_id: ["The project_id of the body does not match the one the path."] },
      ],
      [
        { id: randomUUID(), project_id: project.id },
        { id: ["Workflow ID doesn't match with the one on the path."] },
      ],
      [
        { triggers: [{ id: randomUUID(), type: "cron", cron_expression: "0 0 * * *", enabled: true }] },
        { triggers: ["A trigger cannot be replaced, only edited or added."] },
      ],
      [
        { triggers: [trigger, { id: randomUUID(), type: "webhook", enabled: true, cron_expression: null }] },
        { triggers: ["A workflow can have only one trigger enabled at a time."] },
      ],
      [
        { triggers: [{ ...trigger, custom_path: ["list"] }] },
        { triggers: [`Trigger ${trigger.id} has the errors: [custom_path: is invalid]`] },
      ],
      [
        { jobs: [{ ...job, body: ["list"] }] },
        { jobs: [`Job ${job.id} has the errors: [body: is invalid]`] },
      ],
      [
        { edges: [{ ...edge, condition_type: "on_faillllure" }] },
        { edges: [`Edge ${edge.id} has the errors: [condition_type: is invalid]`] },
      ],
      [{ jobs: [job, { ...job, id: "job-2", name: "Other" }] }, { workflow: ["Id job-2 should be a UUID."] }],
      [
        { jobs: [job, { ...job, id: undefined, name: "Other" }] },
        { workflow: ["All jobs and triggers should have an id (UUID)."] },
      ],
      [
        { jobs: [job, { ...foreign, name: "Other" }] },
        { jobs: [`Job ${foreign.id} has the errors: [id: This value should be unique.]`] },
      ],
    ];
    for (const [body, errors] of refused)
      expect([body, await change(method, id, body)]).toMatchObject([
        body,
        { status: 422, body: { id, errors } },
      ]);
    expect((await callApi(as, "GET", `/api/workflows/${id}`)).body).toEqual({ workflow, errors: {} });
  });

  test("finds no workflow that there is not, that was deleted, or that is another project's", async () => {
    const gone = await made();
    await testDatabase().query("update workflows set deleted_at = now() where id = $1", [gone.id]);
    const elsewhere = await createTestProject({ owner });
    const { body } = await callApi(as, "POST", `/api/projects/${elsewhere.id}/workflows`, {
      ...simple(),
      project_id: elsewhere.id,
    });
    for (const id of [randomUUID(), gone.id, saved.parse(body).workflow.id])
      expect(await change(method, id, { name: "mine", project_id: project.id })).toMatchObject({
        status: 404,
        body: { id, errors: ["Not Found"] },
      });
    expect(await change(method, "foo", { project_id: project.id })).toMatchObject({
      status: 422,
      body: { id: "foo", errors: { workflow: ["Id foo should be a UUID."] } },
    });
  });

  test("never overwrites what was saved since the body was read", async () => {
    const workflow = await made();
    await change(method, workflow.id, { project_id: project.id, enable_job_logs: false });
    expect(await change(method, workflow.id, { ...workflow, name: "Mine" })).toMatchObject({
      status: 409,
      body: {
        id: workflow.id,
        errors: {
          workflow: [`Cannot save a workflow (${workflow.name}) while it is being edited on the App UI`],
        },
      },
    });
  });

  test("is for those who may write", async () => {
    const { id } = await made();
    const viewer = await tokenOf(await addTestMember(project, "viewer"));
    const path = `/api/projects/${project.id}/workflows/${id}`;
    expect((await callApi(viewer, method, path, { name: "a", project_id: project.id })).status).toBe(403);
    expect((await callApi({}, method, path, {})).status).toBe(401);
  });
});
