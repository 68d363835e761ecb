import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { createCredential } from "@/lib/domain/credential/create";
import { createProjectToken } from "@/lib/domain/project-token/create";
import { createToken } from "@/lib/domain/token/create";
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
import {
  type Json,
  provisioningAs,
  provisioningOf,
  type Sent,
  sentJob,
  sentProject,
  sentWorkflow,
} from "@/lib/testing/provision";

/** What OpenFn's own tests and its command line expect of the provisioning API, in cases of ours. */

const database = testDatabase();
let owner: TestUser;
let api: ReturnType<typeof provisioningAs>;

beforeAll(async () => {
  owner = await createTestUser();
  api = await provisioningOf(owner);
});

const blank = "This field can't be blank.";

/** Makes a project and returns what the server said of it. */
async function deployed(document = sentProject()): Promise<Json> {
  const answer = await api.post(document);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body.data;
}

async function errorsOf(document: unknown): Promise<Json> {
  const { status, body, text } = await api.post(document);
  expect([status, text]).toEqual([422, text]);
  return body.errors;
}

describe("without a token", () => {
  test.each(["nobody", "an unknown token"])("%s is 401", async (who) => {
    const nobody = provisioningAs(who === "nobody" ? null : "wb_unknown");
    const project = await createTestProject();
    for (const answer of [
      await nobody.get(project.id),
      await nobody.yaml(`id=${project.id}`),
      await nobody.post(sentProject()),
    ])
      expect([answer.status, answer.body]).toEqual([401, { error: "Unauthorized" }]);
  });

  test("a revoked one is, too", async () => {
    const { token, id } = await createToken(userContextFor(owner), { name: "gone" });
    await database.query("update api_tokens set revoked_at = now() where id = $1", [id]);
    const answer = await provisioningAs(token).post(sentProject());
    expect([answer.status, answer.body]).toEqual([401, { error: "Unauthorized" }]);
  });
});

describe("reading", () => {
  test("an empty project has no workflows", async () => {
    const project = await createTestProject({ owner });
    const { status, body } = await api.get(project.id);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(["data"]);
    expect(body.data).toMatchObject({
      id: project.id,
      name: project.name,
      description: null,
      requires_mfa: false,
      scheduled_deletion: null,
      project_credentials: [],
      workflows: [],
    });
  });

  test("records have the keys that the command line sends back, and no others", async () => {
    const workflow = sentWorkflow();
    const data = await deployed(sentProject({ workflows: [workflow] }));
    const [read] = data.workflows;
    expect(Object.keys(read).sort()).toEqual([
      "concurrency",
      "deleted_at",
      "edges",
      "id",
      "inserted_at",
      "jobs",
      "lock_version",
      "name",
      "project_id",
      "triggers",
      "updated_at",
      "version_history",
    ]);
    expect(read).toMatchObject({ project_id: data.id, lock_version: 1, deleted_at: null });
    expect(read.version_history).toEqual([expect.stringMatching(/^cli:[0-9a-f]{12}$/)]);
    expect(read.jobs).toEqual(workflow.jobs.map((job) => ({ ...job, project_credential_id: null })));
    expect(read.triggers).toEqual(workflow.triggers);
    expect(read.edges).toEqual(workflow.edges);
    expect("collections" in data).toBe(false);
    expect("channels" in data).toBe(false);
  });

  test("a label and an expression are there where they are set", async () => {
    const workflow = sentWorkflow();
    const edge = {
      ...workflow.edges[1],
      condition_type: "js_expression",
      condition_label: "ill",
      condition_expression: "state.data.ill === true",
    };
    const data = await deployed(
      sentProject({ workflows: [{ ...workflow, edges: [workflow.edges[0], edge] }] }),
    );
    expect(data.workflows[0].edges[1]).toEqual(edge);
  });

  test("deleted workflows are left out, and those that are left stay in their order", async () => {
    const workflows = ["b", "a", "c"].map((name) => sentWorkflow(name));
    const document = sentProject({ workflows });
    await deployed(document);
    await api.post({ ...document, workflows: [{ id: workflows[1]?.id, delete: true }] });
    const { body } = await api.get(document.id);
    expect(body.data.workflows.map(({ name }: Json) => name)).toEqual(["b", "c"]);
  });

  test("snapshots[] gives those workflows alone, as they were", async () => {
    const [one, two] = [sentWorkflow("one"), sentWorkflow("two")];
    const document = sentProject({ workflows: [one, two] });
    await deployed(document);
    const idOf = async (id: string) =>
      (
        await database.query<{ id: string }>(
          "select id from snapshots where workflow_id = $1 and lock_version = 1",
          [id],
        )
      )[0]?.id;
    const [first, second] = [await idOf(one.id), await idOf(two.id)];
    await api.post({ ...document, workflows: [{ ...one, name: "one, renamed" }] });
    const alone = await api.get(document.id, `?snapshots[]=${first}`);
    expect(alone.body.data.workflows).toMatchObject([{ id: one.id, name: "one", lock_version: 1 }]);
    expect("workflow_id" in alone.body.data.workflows[0]).toBe(false);
    const both = await api.get(document.id, `?snapshots%5B%5D=${first}&snapshots%5B%5D=${second}`);
    expect(both.body.data.workflows).toHaveLength(2);
    const yaml = await api.yaml(`id=${document.id}&snapshots[]=${first}`);
    expect(yaml.text).toContain("name: one\n");
    expect(yaml.text).not.toContain("renamed");
    expect(yaml.text).not.toContain("two");
    const foreign = await deployed();
    const stolen = await api.get(foreign.id, `?snapshots[]=${first}`);
    expect(stolen.body.data.workflows).toEqual([]);
  });

  test("the YAML is text, whatever is accepted", async () => {
    const data = await deployed();
    const { status, headers, text } = await api.yaml(`id=${data.id}`);
    expect([status, headers.get("content-type")?.split(";")[0]]).toEqual([200, "text/yaml"]);
    expect(text).toContain(`name: ${data.name}`);
    expect(text).toContain("credential: null");
  });

  test.each(["owner", "admin", "editor", "viewer"] as const)("%ss may", async (role) => {
    const project = await createTestProject({ owner });
    const user = role === "owner" ? owner : await addTestMember(project, role);
    const theirs = await provisioningOf(user);
    expect((await theirs.get(project.id)).status).toBe(200);
    expect((await theirs.yaml(`id=${project.id}`)).status).toBe(200);
  });

  test("who is no member is told that they may not, and of an unknown project that there is none", async () => {
    const project = await createTestProject();
    for (const answer of [await api.get(project.id), await api.yaml(`id=${project.id}`)])
      expect([answer.status, answer.body]).toEqual([403, { error: "Forbidden" }]);
    for (const id of [randomUUID(), "nonsense"])
      for (const answer of [await api.get(id), await api.yaml(`id=${id}`)])
        expect([answer.status, answer.body]).toEqual([404, { error: "Not Found" }]);
  });

  test("a token that is bound to the project may, one that is bound to another may not", async () => {
    const [here, there] = [await createTestProject({ owner }), await createTestProject({ owner })];
    const bound = await provisioningOf(owner, { projectIds: [here.id] });
    expect((await bound.get(here.id)).status).toBe(200);
    expect((await bound.get(there.id)).status).toBe(403);
    expect((await bound.get(here.id.toUpperCase())).status).toBe(200);
    expect((await bound.get(there.id.toUpperCase())).status).toBe(403);
    expect((await bound.post({ id: here.id, name: "mine" })).status).toBe(201);
    expect((await bound.post({ id: there.id, name: "mine" })).status).toBe(403);
    expect((await bound.post(sentProject())).status).toBe(403);
  });
});

describe("a repository's token", () => {
  test("reads and deploys its own project, and nothing else", async () => {
    const [here, there] = [await createTestProject({ owner }), await createTestProject({ owner })];
    const ctx = contextFor(owner, here);
    const { token } = await createProjectToken(ctx, { name: "ci", scopes: ["read", "deploy"] });
    const repository = provisioningAs(token);
    const collection = { id: randomUUID(), name: "visits" };
    const document = sentProject({ id: here.id, collections: [collection] });
    const answer = await repository.post(document);
    expect(answer.status).toBe(201);
    expect((await repository.get(here.id)).body.data).toEqual(answer.body.data);
    expect((await repository.yaml(`id=${here.id}`)).status).toBe(200);
    const [deploy] = await database.query("select created_by from deploys where project_id = $1", [here.id]);
    expect(deploy?.created_by).toBe("repository ci");
    for (const foreign of [
      await repository.get(there.id),
      await repository.post(sentProject({ id: there.id })),
      await repository.post(sentProject()),
    ])
      expect([foreign.status, foreign.body]).toEqual([403, { error: "Forbidden" }]);
  });

  test("brings no credential: it is nobody who has some", async () => {
    await createCredential(userContextFor(owner), { name: "Mine", body: {} });
    const here = await createTestProject({ owner });
    const { token } = await createProjectToken(contextFor(owner, here), { name: "ci", scopes: ["deploy"] });
    const project_credentials = [{ id: randomUUID(), name: "Mine", owner: owner.email }];
    const answer = await provisioningAs(token).post({ id: here.id, project_credentials });
    expect([answer.status, answer.body.data.project_credentials]).toEqual([201, []]);
  });
});

describe("who may write", () => {
  let project: TestProject;
  beforeAll(async () => {
    project = await createTestProject({ owner });
  });

  test.each(["viewer", "editor"] as const)("%ss are forbidden", async (role) => {
    const theirs = await provisioningOf(await addTestMember(project, role));
    const answer = await theirs.post({ id: project.id, workflows: [{ name: "default" }] });
    expect([answer.status, answer.body]).toEqual([403, { error: "Forbidden" }]);
  });

  test("an admin may", async () => {
    const theirs = await provisioningOf(await addTestMember(project, "admin"));
    const answer = await theirs.post(sentProject({ id: project.id }));
    expect(answer.status).toBe(201);
  });

  test("a stranger is forbidden", async () => {
    const theirs = await provisioningOf(await createTestUser());
    const answer = await theirs.post({ id: project.id, name: "mine" });
    expect([answer.status, answer.body]).toEqual([403, { error: "Forbidden" }]);
  });

  test("anybody may make a project, and owns it", async () => {
    const user = await createTestUser();
    const document = sentProject();
    const answer = await (await provisioningOf(user)).post(document);
    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe(`/api/provision/${document.id}`);
    const members = await database.query("select user_id, role from project_members where project_id = $1", [
      document.id,
    ]);
    expect(members).toEqual([{ user_id: user.id, role: "owner" }]);
  });

  test("a token without the scope is told which it lacks", async () => {
    const reader = await provisioningOf(owner, { scopes: ["read"] });
    const answer = await reader.post({ id: project.id, name: "mine" });
    expect([answer.status, answer.body]).toEqual([
      403,
      { error: "Forbidden", message: expect.stringContaining('"deploy"') },
    ]);
  });
});

describe("everything that is wrong is told at once, under people's names", () => {
  test("what is missing of a project and of a workflow", async () => {
    const project = await createTestProject({ owner });
    expect(await errorsOf({ id: project.id, name: "", workflows: [{ name: "default" }] })).toEqual({
      name: [blank],
      workflows: { default: { id: [blank] } },
    });
  });

  test("what is missing of a new project", async () => {
    expect(await errorsOf({})).toEqual({ id: [blank], name: [blank] });
    expect(await errorsOf({ id: "abc", name: "ok" })).toEqual({ id: ["is invalid"] });
  });

  test("what is missing of jobs; one without a name is called nothing", async () => {
    const project = await createTestProject({ owner });
    const adaptor = "@openfn/language-common@latest";
    const jobs = [
      { name: "first-job", adaptor },
      { adaptor, body: "fn(s => s);" },
    ];
    expect(await errorsOf({ id: project.id, name: "ok", workflows: [{ name: "default", jobs }] })).toEqual({
      workflows: {
        default: {
          id: [blank],
          jobs: {
            "first-job": { id: [blank], body: ["Code editor cannot be empty."] },
            "": { id: [blank], name: ["Job name can't be blank."] },
          },
        },
      },
    });
  });

  test("extraneous keys, in the words of the reference, and what to do about them", async () => {
    const workflow = sentWorkflow("1-ingest-messages", { workflow_id: randomUUID() });
    const errors = await errorsOf(sentProject({ workflows: [workflow], foo: 1, baz: 2 }));
    expect(errors.base[0]).toBe("extraneous parameters: baz, foo");
    expect(errors.workflows["1-ingest-messages"].base).toEqual([
      "extraneous parameters: workflow_id",
      expect.stringContaining("openfn pull"),
    ]);
  });

  test("an edge's condition, source and target, under source->target", async () => {
    const workflow = sentWorkflow();
    const [load, store] = workflow.jobs;
    const edges = [
      { ...workflow.edges[0], condition_type: "sometimes" },
      { id: randomUUID(), target_job_id: store?.id, condition_type: "always" },
      { id: randomUUID(), source_job_id: load?.id, target_job_id: "", condition_type: "" },
      {
        id: randomUUID(),
        source_trigger_id: workflow.triggers[0]?.id,
        target_job_id: store?.id,
        condition_type: "on_job_failure",
      },
    ];
    const errors = await errorsOf(sentProject({ workflows: [{ ...workflow, edges }] }));
    expect(errors.workflows.Visits.edges).toEqual({
      "webhook->Load": { condition_type: [expect.stringMatching(/^is invalid\. Known: always/)] },
      "->Store": { source_job_id: ["source_job_id or source_trigger_id must be present"] },
      "Load->": { target_job_id: [blank], condition_type: [blank] },
      "webhook->Store": { condition_type: [expect.stringContaining("'Always' or 'JS expression'")] },
    });
  });

  test("a record of another kind, a list that is none, a name that no project may have", async () => {
    const workflow = { ...sentWorkflow(), jobs: "none" };
    expect(await errorsOf({ ...sentProject({ workflows: [workflow] }), name: "Not Allowed" })).toMatchObject({
      name: ["has invalid format", expect.stringContaining("lower-case letters")],
      workflows: { Visits: { base: ["jobs must be a list or a map of records."] } },
    });
    expect(await errorsOf(sentProject({ description: 5 }))).toEqual({ description: ["is invalid"] });
    expect(await errorsOf([])).toBeDefined();
  });

  test("a body that is no JSON", async () => {
    expect(await errorsOf('{"id":')).toEqual({ base: ["The request body is not valid JSON."] });
  });

  test("nothing is written when anything is wrong", async () => {
    const bad = sentWorkflow("bad");
    const document = sentProject({ workflows: [sentWorkflow("good"), { ...bad, jobs: [sentJob("")] }] });
    await errorsOf(document);
    expect((await api.get(document.id)).status).toBe(404);
    await deployed({ ...document, workflows: [document.workflows[0] ?? bad] });
  });

  test("a name twice in a project, and twice in a workflow", async () => {
    const twice = sentProject({ workflows: [sentWorkflow("same"), sentWorkflow("same")] });
    expect(await errorsOf(twice)).toEqual({
      workflows: { same: { name: ["A workflow with this name already exists in this project."] } },
    });
    const workflow = sentWorkflow();
    const jobs = [...workflow.jobs, sentJob("Load")];
    const errors = await errorsOf(sentProject({ workflows: [{ ...workflow, jobs }] }));
    expect(errors.workflows.Visits.jobs.Load.name[0]).toContain("Give each job its own name");
  });

  test("a kafka trigger, and secrets that no file may bring", async () => {
    const kafka = {
      id: randomUUID(),
      type: "kafka",
      kafka_configuration: { hosts: [["localhost", "9092"]], username: "u", password: "p" },
    };
    const errors = await errorsOf(
      sentProject({ workflows: [sentWorkflow("W", { triggers: [kafka], edges: [] })] }),
    );
    const secret = ["credentials can only be changed through the dashboard"];
    expect(errors.workflows.W.triggers.kafka).toMatchObject({
      type: [expect.stringContaining("no Kafka triggers")],
      kafka_configuration: { username: secret, password: secret },
    });
  });
});

describe("an id that somebody else has", () => {
  test.each(["jobs", "triggers", "edges"] as const)("in %s is refused at its place", async (list) => {
    const theirs = sentWorkflow("theirs");
    const stranger = await provisioningOf(await createTestUser());
    await stranger.post(sentProject({ workflows: [theirs] }));
    const workflow = sentWorkflow();
    const stolen = theirs[list].at(-1)?.id;
    const record = {
      jobs: sentJob("Stolen", { id: stolen }),
      triggers: { id: stolen, type: "cron", enabled: false },
      edges: { ...workflow.edges[1], id: stolen },
    }[list];
    const document = sentProject({ workflows: [{ ...workflow, [list]: [record, ...workflow[list]] }] });
    const errors = await errorsOf(document);
    const [[, said]] = Object.entries(errors.workflows.Visits[list]) as [[string, Json]];
    expect(said).toEqual({ id: ["This value should be unique."] });
  });

  test("of another workflow of the project, and twice in a document, too", async () => {
    const document = sentProject({ workflows: [sentWorkflow("one"), sentWorkflow("two")] });
    await deployed(document);
    const [one, two] = document.workflows;
    const job = { ...one?.jobs[0], name: "Moved" };
    const again = { ...document, workflows: [{ ...two, jobs: [...(two?.jobs ?? []), job] }] };
    expect((await errorsOf(again)).workflows.two.jobs.Moved).toEqual({
      id: ["This value should be unique."],
    });
    const twin = sentJob("Twin");
    const doubled = sentWorkflow("W", { jobs: [twin, { ...twin, name: "Other" }], edges: [], triggers: [] });
    expect((await errorsOf(sentProject({ workflows: [doubled] }))).workflows.W.jobs.Other.id).toEqual([
      "This value should be unique.",
    ]);
  });

  test("of whole workflows is what the state file of another project looks like", async () => {
    const document = sentProject();
    const stranger = await provisioningOf(await createTestUser());
    await stranger.post(document);
    const errors = await errorsOf({ ...document, id: randomUUID() });
    expect(errors.workflows.Visits.id).toEqual(["This value should be unique."]);
    expect(errors.base).toEqual([expect.stringContaining("state file")]);
  });
});

describe("changing a project", () => {
  test("renames it, adds jobs, deletes one with its edges, and counts versions", async () => {
    const document = sentProject();
    const first = await deployed(document);
    expect(first.workflows[0].lock_version).toBe(1);
    const third = sentJob("Third");
    const workflow = document.workflows[0] ?? sentWorkflow();
    const more = {
      ...document,
      name: `${document.name}-2`,
      workflows: [{ ...workflow, jobs: [third, ...workflow.jobs] }],
    };
    const second = await deployed(more);
    expect(second.name).toBe(`${document.name}-2`);
    expect(second.workflows[0].jobs.map(({ name }: Json) => name)).toEqual(["Load", "Store", "Third"]);
    expect(second.workflows[0].lock_version).toBe(2);
    const store = workflow.jobs[1];
    const jobs = [third, workflow.jobs[0], { ...store, delete: true }];
    const fewer = await deployed({ ...more, workflows: [{ ...workflow, jobs: jobs as Sent[] }] });
    expect(fewer.workflows[0].jobs.map(({ name }: Json) => name)).toEqual(["Load", "Third"]);
    expect(fewer.workflows[0].edges).toHaveLength(1);
  });

  test("the same document again changes nothing, and makes no version", async () => {
    const document = sentProject({ workflows: [sentWorkflow("one"), sentWorkflow("two")] });
    const first = await deployed(document);
    const counts = () =>
      database.query(
        `select (select count(*) from snapshots where project_id = $1) as snapshots,
                (select count(*) from audit_events where project_id = $1) as events`,
        [document.id],
      );
    const before = await counts();
    const state = (await api.get(document.id)).body.data;
    for (const again of [document, first, state]) expect(await deployed(again)).toEqual(first);
    expect(await counts()).toEqual(before);
  });

  test("one workflow that changes gets one version, the others none", async () => {
    const document = sentProject({ workflows: [sentWorkflow("one"), sentWorkflow("two")] });
    await deployed(document);
    const [one, two] = document.workflows;
    const jobs = one?.jobs.map((job) => ({ ...job, body: "fn(state => ({ ...state, seen: true }));\n" }));
    const data = await deployed({ ...document, workflows: [{ ...one, jobs }, two] as never });
    expect(data.workflows.map(({ lock_version }: Json) => lock_version)).toEqual([2, 1]);
    expect(data.workflows[0].version_history).toHaveLength(2);
    const sources = await database.query(
      "select source, created_by from snapshots where workflow_id = $1 order by lock_version",
      [one?.id],
    );
    expect(sources).toEqual([
      { source: "cli", created_by: `${owner.email} (cli)` },
      { source: "cli", created_by: `${owner.email} (cli)` },
    ]);
  });

  test("what is left out stays as it is", async () => {
    const document = sentProject({ description: "Visits of the clinic" });
    const before = await deployed(document);
    expect(await deployed({ id: document.id, name: document.name } as never)).toEqual(before);
    const workflow = {
      id: document.workflows[0]?.id,
      jobs: [{ id: document.workflows[0]?.jobs[0]?.id, body: "fn(s => 1);" }],
    };
    const after = await deployed({ id: document.id, workflows: [workflow] } as never);
    expect(after.description).toBe("Visits of the clinic");
    expect(after.workflows[0].jobs).toEqual([
      { ...before.workflows[0].jobs[0], body: "fn(s => 1);" },
      before.workflows[0].jobs[1],
    ]);
  });

  test("lists may be maps, and a null source is none: what `openfn project deploy` sends", async () => {
    const workflow = sentWorkflow();
    const maps = {
      ...workflow,
      lock_version: null,
      positions: { [workflow.triggers[0]?.id as string]: { x: 1, y: 2 } },
      jobs: Object.fromEntries(
        workflow.jobs.map((job) => [job.name, { ...job, keychain_credential_id: null }]),
      ),
      triggers: { webhook: workflow.triggers[0] },
      edges: {
        "webhook->Load": workflow.edges[0],
        "Load->Store": { ...workflow.edges[1], source_trigger_id: null },
      },
    };
    const data = await deployed(sentProject({ workflows: { Visits: maps } as never }));
    expect(data.workflows[0].edges).toEqual(workflow.edges);
    expect(data.workflows[0].jobs.map(({ id }: Json) => id)).toEqual(workflow.jobs.map(({ id }) => id));
  });

  test("columns that are the server's are accepted and change nothing", async () => {
    const document = sentProject();
    const before = await deployed(document);
    const echoed = {
      ...before,
      inserted_at: "2020-01-01T00:00:00Z",
      requires_mfa: true,
      retention_policy: "erase_all",
      concurrency: 7,
      allow_support_access: true,
      workflows: [
        {
          ...before.workflows[0],
          version_history: ["app:000000000000"],
          inserted_at: "2020-01-01T00:00:00Z",
          lock_version: 999,
        },
      ],
    };
    expect(await deployed(echoed)).toEqual(before);
  });
});

describe("OpenFn's older spelling, and what it says by saying nothing", () => {
  const edgesOf = async (edges: (workflow: Json) => Sent[]) => {
    const workflow = sentWorkflow();
    const data = await deployed(sentProject({ workflows: [{ ...workflow, edges: edges(workflow) }] }));
    return data.workflows[0].edges;
  };
  const bare = ({ edges }: Json): Sent[] => edges.map(({ condition_type: _, ...edge }: Sent) => edge);

  test.each([undefined, null])(
    "a condition that is %s is always from a trigger, on_job_success from a job",
    async (condition) => {
      const edges = await edgesOf((workflow) =>
        bare(workflow).map((edge) => (condition === null ? { ...edge, condition_type: null } : edge)),
      );
      expect(edges.map(({ condition_type }: Json) => condition_type)).toEqual(["always", "on_job_success"]);
    },
  );

  test("`condition` is what the condition was called until 2024", async () => {
    const edges = await edgesOf((workflow) => {
      const [first, second] = bare(workflow);
      return [
        { ...first, condition: "always" },
        { ...second, condition: "on_job_failure", condition_type: null },
      ];
    });
    expect(edges.map(({ condition_type }: Json) => condition_type)).toEqual(["always", "on_job_failure"]);
  });

  test("a job's `enabled` is accepted, and told nowhere", async () => {
    const workflow = sentWorkflow();
    const jobs = workflow.jobs.map((job) => ({ ...job, enabled: true }));
    const data = await deployed(sentProject({ workflows: [{ ...workflow, jobs }] }));
    expect("enabled" in data.workflows[0].jobs[0]).toBe(false);
  });

  test("a trigger with an id alone is a webhook, a cron without a time is midnight", async () => {
    const triggers = [{ id: randomUUID() }, { id: randomUUID(), type: "cron", enabled: false }];
    const data = await deployed(sentProject({ workflows: [{ ...sentWorkflow(), triggers, edges: [] }] }));
    expect(data.workflows[0].triggers).toEqual([
      { id: triggers[0]?.id, type: "webhook", enabled: true },
      { id: triggers[1]?.id, type: "cron", enabled: false, cron_expression: "0 0 * * *" },
    ]);
  });

  test("an edge that leaves a trigger is stored enabled, one between jobs as it is said", async () => {
    const edges = await edgesOf((workflow) =>
      workflow.edges.map((edge: Sent) => ({ ...edge, enabled: false })),
    );
    expect(edges.map(({ enabled }: Json) => enabled)).toEqual([true, false]);
  });

  test("an edge that is followed never is stored disabled", async () => {
    const edges = await edgesOf(({ edges: [first, second] }) => [
      first,
      { ...second, condition_type: "never" },
    ]);
    expect(edges[1]).toMatchObject({ condition_type: "on_job_success", enabled: false });
  });
});

describe("deleting", () => {
  test("beside what the record says already deletes; beside a change it is refused", async () => {
    const document = sentProject();
    const [workflow = sentWorkflow()] = document.workflows;
    await deployed(document);
    const [load, store] = workflow.jobs;
    const changed = {
      ...document,
      workflows: [{ ...workflow, jobs: [load, { ...store, name: "Other", delete: true }] }],
    };
    expect((await errorsOf(changed)).workflows.Visits.jobs.Other).toEqual({
      delete: ["cannot change or add a record while deleting"],
    });
    const deleting = { ...document, workflows: [{ ...workflow, jobs: [load, { ...store, delete: true }] }] };
    const data = await deployed(deleting as never);
    expect(data.workflows[0].jobs).toHaveLength(1);
    expect(await deployed(deleting as never)).toEqual(data);
  });

  test("what never was is done, unless it is said to be more than an id", async () => {
    const document = sentProject();
    const [workflow = sentWorkflow()] = document.workflows;
    const before = await deployed(document);
    const gone = { id: randomUUID(), delete: true };
    const ids = {
      ...workflow,
      jobs: [gone],
      triggers: [{ ...gone, id: randomUUID() }],
      edges: [{ ...gone, id: randomUUID() }],
    };
    expect(
      await deployed({ ...document, workflows: [ids, { id: randomUUID(), delete: true }] } as never),
    ).toEqual(before);
    const named = { ...document, workflows: [{ id: randomUUID(), name: "default", delete: true }] };
    expect(await errorsOf(named)).toEqual({
      workflows: { default: { delete: ["cannot change or add a record while deleting"] } },
    });
  });

  test("a workflow is deleted once, and again it is done", async () => {
    const document = sentProject({ workflows: [sentWorkflow("stays"), sentWorkflow("goes")] });
    await deployed(document);
    const [, goes] = document.workflows;
    const again = { ...document, workflows: [{ ...goes, delete: true }] };
    expect((await deployed(again as never)).workflows).toHaveLength(1);
    expect((await deployed(again as never)).workflows).toHaveLength(1);
    const [row] = await database.query("select deleted_at from workflows where id = $1", [goes?.id]);
    expect(row?.deleted_at).not.toBeNull();
    expect(
      await database.query("select event from audit_events where item_id = $1 order by id", [goes?.id]),
    ).toEqual([{ event: "workflow.create" }, { event: "workflow.delete" }]);
  });

  test("deleted_at deletes too, and a workflow that was deleted is not made again", async () => {
    const document = sentProject({ workflows: [sentWorkflow("stays"), sentWorkflow("goes")] });
    await deployed(document);
    const [, goes] = document.workflows;
    const dated = { ...document, workflows: [{ ...goes, deleted_at: "2026-01-01T00:00:00Z" }] };
    expect((await deployed(dated as never)).workflows).toHaveLength(1);
    const errors = await errorsOf(document);
    expect(errors).toEqual({
      workflows: { goes: { base: [expect.stringMatching(/^This workflow was deleted on .*Restore it/)] } },
    });
  });

  test("a name of a deleted workflow is free", async () => {
    const document = sentProject();
    await deployed(document);
    const [old] = document.workflows;
    const data = await deployed({
      ...document,
      workflows: [{ id: old?.id, delete: true }, sentWorkflow("Visits")],
    } as never);
    expect(data.workflows.map(({ name }: Json) => name)).toEqual(["Visits"]);
  });
});
