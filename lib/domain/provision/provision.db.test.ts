import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { createCollections } from "@/lib/domain/collection/create";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credential/create";
import { shareCredential } from "@/lib/domain/credential/share";
import { createKeychain } from "@/lib/domain/keychain/create";
import { createLibraryJob } from "@/lib/domain/library/create";
import { deleteProject } from "@/lib/domain/project/delete";
import { deleteWorkflow } from "@/lib/domain/workflow/delete";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { requireNetwork } from "@/lib/net/offline";
import { Refusal } from "@/lib/refusal";
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
  type Sent,
  type SentWorkflow,
  sentJob,
  sentProject,
  sentWorkflow,
} from "@/lib/testing/provision";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { ProvisionErrors } from "./errors";
import { getDocument, getSpecYaml } from "./get";
import { type ProvisionOptions, provision, provisionNew } from "./provision";

const database = testDatabase();
const deps = { resolveAdaptor: async () => ({ version: "3.3.4" }) };
const cli = { source: "cli" } as const;
const ours = { source: "cli", extensions: true } as const;

let owner: TestUser;
let project: TestProject;
let ctx: Context;

beforeEach(async () => {
  owner = await createTestUser();
  project = await createTestProject({ owner });
  ctx = contextFor(owner, project);
});

const deploy = async (workflows: unknown, more: Sent = {}, options: ProvisionOptions = cli): Promise<Json> =>
  provision(ctx, { id: project.id, name: project.name, workflows, ...more }, options, deps);

async function errorsOf(work: Promise<unknown>): Promise<Json> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProvisionErrors)) throw new Error(`Expected errors, got ${error}.`);
  // As it is sent.
  return JSON.parse(JSON.stringify(error.errors));
}

const refusedOf = async (results: PromiseSettledResult<unknown>[]) => {
  for (const one of results) if (one.status === "rejected") throw one.reason;
};

/** Saves a workflow in a page, as the owner or somebody else. */
async function edit(id: string, of: (graph: WorkflowGraph) => Partial<WorkflowGraph>, by = ctx) {
  const { graph, lockVersion } = await getWorkflow(by, { id });
  const wanted = { ...graph, ...of(graph) };
  const jobs = wanted.jobs.map(({ adaptorVersion: _, ...job }) => job);
  await saveWorkflow(by, { ...wanted, jobs, id, lockVersion }, deps);
}

const withBody = (name: string, body: string) => (graph: WorkflowGraph) => ({
  jobs: graph.jobs.map((job) => (job.name === name ? { ...job, body } : job)),
});

const counts = async () =>
  (
    await database.query(
      `select (select count(*)::int from snapshots where project_id = $1) as snapshots,
              (select count(*)::int from audit_events where project_id = $1) as events,
              (select count(*)::int from taken_ids where project_id = $1) as ids`,
      [project.id],
    )
  )[0];

describe("what somebody changed since the pull", () => {
  let workflow: SentWorkflow;
  let pulled: Json;

  beforeEach(async () => {
    workflow = sentWorkflow();
    await deploy([workflow]);
    [pulled] = (await getDocument(ctx)).workflows;
  });

  test("in a page is not undone, and it says what, by whom and when", async () => {
    await edit(workflow.id, withBody("Load", "fn(state => ({ fixed: true }));\n"));
    const before = await counts();
    const jobs = pulled.jobs.map((job: Json) =>
      job.name === "Store" ? { ...job, body: "fn(state => mine);\n" } : job,
    );
    const errors = await errorsOf(deploy([{ ...pulled, jobs }]));
    expect(Object.keys(errors)).toEqual(["workflows"]);
    const [said] = errors.workflows.Visits.base;
    expect(said).toContain('"Visits" was changed since you pulled it (version 1): body of job "Load"');
    expect(said).toContain(`by ${owner.email} in the browser, ${new Date().toISOString().slice(0, 10)}`);
    expect(said).toContain("openfn pull");
    expect(said).toContain("nothing was deployed");
    expect(await counts()).toEqual(before);
  });

  test("is no conflict where the document says the same, says nothing of it, or was pulled after", async () => {
    const body = "fn(state => ({ fixed: true }));\n";
    await edit(workflow.id, withBody("Load", body));
    const [load, store] = pulled.jobs;
    const mine = { ...store, body: "fn(state => mine);\n" };
    expect((await deploy([{ ...pulled, jobs: [{ ...load, body }, mine] }])).changed).toEqual([workflow.id]);
    await edit(workflow.id, withBody("Load", "fn(state => 2);\n"));
    const { document } = await deploy([{ ...pulled, jobs: [{ ...mine, body: "fn(state => 3);\n" }] }]);
    expect(document.workflows[0].jobs.map((job: Json) => job.body)).toEqual([
      "fn(state => 2);\n",
      "fn(state => 3);\n",
    ]);
    const [again] = document.workflows;
    await deploy([{ ...again, jobs: pulled.jobs }]);
  });

  test("is not asked for by whoever names no version of ours", async () => {
    for (const lock_version of [null, undefined, 0, 99, "1"]) {
      await edit(workflow.id, withBody("Load", `fn(state => "${lock_version}");\n`));
      await deploy([{ ...pulled, lock_version }]);
    }
  });

  test("by one's own deploy is, by another's is not", async () => {
    const changed = (body: string) => [{ ...pulled, jobs: [{ ...pulled.jobs[0], body }] }];
    await deploy(changed("fn(state => 1);\n"));
    await deploy(changed("fn(state => 2);\n"));
    const admin = await addTestMember(project, "admin");
    const theirs = contextFor(admin, project, "admin");
    const now = (await getDocument(ctx)).workflows[0]?.lock_version;
    const sent = { id: project.id, workflows: [{ ...changed("fn(state => 3);\n")[0], lock_version: now }] };
    await provision(theirs, sent, cli, deps);
    const errors = await errorsOf(deploy(changed("fn(state => 4);\n")));
    expect(errors.workflows.Visits.base[0]).toContain(`body of job "Load", by ${admin.email}, `);
  });

  test("is told of what was deleted, added or renamed, too", async () => {
    const [load, store] = pulled.jobs;
    await edit(workflow.id, withBody("Store", "fn(state => theirs);\n"));
    const deleting = { ...pulled, jobs: [load, { id: store.id, delete: true }], edges: [] };
    expect((await errorsOf(deploy([deleting]))).workflows.Visits.base[0]).toContain('job "Store"');
    expect((await errorsOf(deploy([{ ...pulled, delete: true }]))).workflows.Visits.base[0]).toContain(
      "This deploy would delete it.",
    );
    await edit(workflow.id, ({ jobs, edges }) => ({ jobs: jobs.slice(0, 1), edges: edges.slice(0, 1) }));
    expect((await errorsOf(deploy([pulled]))).workflows.Visits.base[0]).toContain('job "Store"');
    await edit(workflow.id, () => ({ name: "Calls" }));
    expect((await errorsOf(deploy([{ ...pulled, jobs: [], edges: [] }]))).workflows.Visits.base[0]).toContain(
      "name of the workflow",
    );
  });

  test("leaves alone what was added in a page", async () => {
    const id = randomUUID();
    await edit(workflow.id, ({ jobs }) => ({
      jobs: [...jobs, { ...(jobs[0] as Json), id, name: "Theirs" }],
    }));
    const jobs = pulled.jobs.map((job: Json) => ({ ...job, body: "fn(state => mine);\n" }));
    const { document } = await deploy([{ ...pulled, jobs }]);
    expect(document.workflows[0].jobs.map(({ name }: Json) => name)).toEqual(["Load", "Store", "Theirs"]);
  });
});

describe("adaptors", () => {
  test("are looked up once each, outside of the transaction, and never where nothing changed", async () => {
    const asked: string[] = [];
    const resolveAdaptor = async (name: string, spec: string) => {
      requireNetwork("Looking up an adaptor");
      asked.push(`${name}@${spec}`);
      return { version: "3.3.4" };
    };
    const jobs = Array.from({ length: 500 }, (_, n) =>
      sentJob(`Job ${n}`, n % 2 ? { adaptor: "@openfn/language-http@7.2.10" } : {}),
    );
    const workflow = sentWorkflow("Many", { jobs, edges: [], triggers: [] });
    const document = { id: project.id, workflows: [workflow] };
    await provision(ctx, document, cli, { resolveAdaptor });
    expect(asked.sort()).toEqual(["@openfn/language-common@latest", "@openfn/language-http@7.2.10"]);
    const before = await counts();
    await provision(ctx, await getDocument(ctx), cli, { resolveAdaptor });
    await provision(ctx, document, cli, { resolveAdaptor });
    expect(asked).toHaveLength(2);
    expect(await counts()).toEqual(before);
  });

  test("that cannot be had mark their jobs, and a later deploy finds them", async () => {
    const missing = async () => {
      throw new Refusal("invalid", "There is no @openfn/language-gone.");
    };
    const workflow = sentWorkflow("W", {
      jobs: [sentJob("Old", { adaptor: "@openfn/language-gone@1.0.0" })],
      edges: [],
    });
    const document = { id: project.id, workflows: [workflow] };
    const { warnings } = await provision(ctx, document, cli, { resolveAdaptor: missing });
    expect(warnings).toEqual([
      'There is no @openfn/language-gone. The job "Old" cannot run until you choose another adaptor on the workflow\'s page.',
    ]);
    const pin = async () => (await getWorkflow(ctx, { id: workflow.id })).graph.jobs[0]?.adaptorVersion;
    expect(await pin()).toBeNull();
    await provision(ctx, document, cli, deps);
    expect(await pin()).toBe("3.3.4");
  });

  test("that nobody can be asked for change nothing", async () => {
    const away = async () => {
      throw new Refusal("unavailable", "The registry is away.");
    };
    await expect(
      provision(ctx, { id: project.id, workflows: [sentWorkflow()] }, cli, { resolveAdaptor: away }),
    ).rejects.toThrow("The registry is away.");
    expect((await getDocument(ctx)).workflows).toEqual([]);
  });
});

describe("credentials", () => {
  let credentialId: string;
  beforeEach(async () => {
    credentialId = (await createCredential(userContextFor(owner), { name: "HAPI FHIR", body: { key: "v" } }))
      .id;
  });

  const using = (id: string) => [
    sentWorkflow("W", { jobs: [sentJob("Load", { project_credential_id: id })], edges: [] }),
  ];

  test("of the caller are shared under the id of the document", async () => {
    const id = randomUUID();
    const project_credentials = [{ id, name: "HAPI FHIR", owner: owner.email }];
    const { document } = await deploy(using(id), { project_credentials });
    expect(document.project_credentials).toEqual(project_credentials);
    expect(document.workflows[0].jobs[0].project_credential_id).toBe(id);
    expect(await getSpecYaml(ctx)).toContain(`credential: ${owner.email}-HAPI-FHIR`);
  });

  test("that are shared already are the same ones, whatever id the document has for them", async () => {
    const { id } = await shareCredential(ctx, { credentialId });
    const other = randomUUID();
    const { document } = await deploy(using(other), {
      project_credentials: [{ id: other, name: "HAPI FHIR", owner: owner.email }],
    });
    expect(document.project_credentials).toHaveLength(1);
    expect(document.workflows[0].jobs[0].project_credential_id).toBe(id);
  });

  test("that the caller does not have, that are of others, or of other projects, are refused", async () => {
    const id = randomUUID();
    const named = (name: string, of: string) => ({ project_credentials: [{ id, name, owner: of }] });
    expect(await errorsOf(deploy([], named("Nothing", owner.email)))).toEqual({
      project_credentials: { Nothing: { credential: ["No credential found with name Nothing"] } },
    });
    await deploy([], named("HAPI FHIR", "jane@example.org"));
    const foreign = await errorsOf(deploy(using(id), named("HAPI FHIR", "jane@example.org")));
    expect(foreign.workflows.W.jobs.Load.project_credential_id[0]).toMatch(
      /"HAPI FHIR" isn't available in this project\..*jane@example\.org/,
    );
    const other = await createTestProject({ owner });
    const theirs = await shareCredential(contextFor(owner, other), { credentialId });
    const stolen = await errorsOf(deploy(using(theirs.id)));
    expect(stolen.workflows.W.jobs.Load.project_credential_id[0]).toContain(
      "isn't available in this project",
    );
  });

  test("in a person's file are theirs by name, and those that they lack are left out and told", async () => {
    const [known, unknown] = [randomUUID(), randomUUID()];
    const workflow = sentWorkflow("W", {
      jobs: [
        sentJob("A", { project_credential_id: known }),
        sentJob("B", { project_credential_id: unknown }),
      ],
      edges: [],
    });
    const project_credentials = [
      { id: known, name: "HAPI FHIR", owner: "jane@example.org" },
      { id: unknown, name: "Kobo", owner: "jane@example.org" },
    ];
    const { document, warnings } = await deploy([workflow], { project_credentials }, { source: "import" });
    expect(warnings).toEqual([
      'You have no credential called "Kobo". Its jobs come without; choose one for each of them.',
    ]);
    expect(document.workflows[0].jobs.map((job: Json) => job.project_credential_id)).toEqual([known, null]);
    expect(document.workflows[0].version_history[0]).toMatch(/^cli:/);
    const [row] = await database.query("select source from snapshots where workflow_id = $1", [workflow.id]);
    expect(row).toEqual({ source: "import" });
  });
});

describe("what only we have", () => {
  /** A project with all of it. */
  async function fill(): Promise<Json> {
    const credential = await createCredential(userContextFor(owner), { name: "Clinic", body: {} });
    const link = await shareCredential(ctx, { credentialId: credential.id });
    const keychain = await createKeychain(ctx, {
      name: "By facility",
      path: "$.data.facility",
      defaultProjectCredentialId: link.id,
    });
    const shared = { body: "fn(state => shared);\n", adaptor: "@openfn/language-common@latest" };
    const entry = await createLibraryJob(ctx, { name: "Shared", ...shared }, deps);
    await createCollections(ctx, [{ id: randomUUID(), name: "facilities" }]);
    const first = sentWorkflow("First", {
      order_key: "data.patient.id",
      enable_job_logs: false,
      concurrency: 3,
    });
    const [load, store] = first.jobs as [Json, Json];
    Object.assign(load, {
      keychain_credential_id: keychain.id,
      retry: { attempts: 3, delay_seconds: 1, max_delay_seconds: 60, error_types: ["TimeoutError"] },
    });
    Object.assign(store, shared, { library_entry: entry.name, library_version: 1 });
    Object.assign(first.triggers[0] as Json, {
      custom_path: `visits-${randomUUID().slice(0, 8)}`,
      takes_get: true,
      delivery_id: { path: "data.id", hours: 24 },
      rate_per_minute: 60,
    });
    const clock = sentWorkflow("Clock");
    const cron = {
      id: clock.triggers[0]?.id,
      type: "cron",
      cron_expression: "0 2 * * *",
      time_zone: "Africa/Nairobi",
      when_running: "skip",
    };
    const filtered = sentWorkflow("Filtered");
    const filter = {
      id: filtered.triggers[0]?.id,
      type: "message_filter",
      inclusion: { form: "visit" },
      exclusion: { test: true },
    };
    const following = sentWorkflow("Following");
    const flow = { id: following.triggers[0]?.id, type: "flow", source_job: "First/Store" };
    const workflows = [
      first,
      { ...clock, triggers: [cron] },
      { ...filtered, triggers: [filter] },
      { ...following, triggers: [flow] },
    ];
    return (await deploy(workflows, {}, ours)).document;
  }

  test("is said with `extensions`, and a document that says it changes nothing", async () => {
    const document = await fill();
    const [first, clock, filtered, following] = document.workflows;
    expect(first).toMatchObject({ order_key: "data.patient.id", enable_job_logs: false, concurrency: 3 });
    expect(first.jobs[0].retry).toEqual({
      attempts: 3,
      delay_seconds: 1,
      max_delay_seconds: 60,
      error_types: ["TimeoutError"],
    });
    expect(first.jobs[0].keychain_credential_id).toBe(document.keychain_credentials[0].id);
    expect(first.jobs[1]).toMatchObject({ library_entry: "Shared", library_version: 1 });
    expect(first.triggers[0]).toMatchObject({ takes_get: true, delivery_id: { path: "data.id", hours: 24 } });
    expect(clock.triggers[0]).toMatchObject({ time_zone: "Africa/Nairobi", when_running: "skip" });
    expect(filtered.triggers[0]).toMatchObject({ inclusion: { form: "visit" }, exclusion: { test: true } });
    expect(following.triggers[0].source_job_id).toBe(first.jobs[1].id);
    const before = await counts();
    const again = await provision(ctx, document, ours, deps);
    expect([again.document, again.changed]).toEqual([document, []]);
    expect(await counts()).toEqual(before);
  });

  test("stays as it is for a client that does not know it, newer tools' null keychain included", async () => {
    const full = await fill();
    const plain: Json = await getDocument(ctx);
    const text = JSON.stringify(plain);
    for (const word of ["order_key", "keychain", "retry", "library", "custom_path", "inclusion", "time_zone"])
      expect(text).not.toContain(word);
    for (const workflow of plain.workflows)
      for (const job of workflow.jobs) job.keychain_credential_id = null;
    await provision(ctx, plain, cli, deps);
    expect(await getDocument(ctx, { extensions: true })).toEqual(full);
  });

  test("is taken away by a null of a client that knows it", async () => {
    const { workflows } = await fill();
    const [first] = workflows;
    const [load, store] = first.jobs;
    const without = {
      id: first.id,
      order_key: null,
      enable_job_logs: null,
      jobs: [
        { id: load.id, retry: null, keychain_credential_id: null },
        { id: store.id, library_entry: null, library_version: null },
      ],
      triggers: [
        {
          id: first.triggers[0].id,
          custom_path: null,
          takes_get: null,
          delivery_id: null,
          rate_per_minute: null,
        },
      ],
    };
    const { document } = await deploy([without], {}, ours);
    const [after] = document.workflows;
    for (const key of ["order_key", "enable_job_logs"]) expect(key in after).toBe(false);
    expect(after.jobs).toEqual(
      [load, store].map(({ id, name, adaptor, body }: Json) => ({
        id,
        name,
        adaptor,
        body,
        project_credential_id: null,
      })),
    );
    expect(after.triggers).toEqual([{ id: first.triggers[0].id, type: "webhook", enabled: true }]);
  });

  test("goes along to another instance: keychains and library entries are made there", async () => {
    const document = await fill();
    const text = JSON.stringify(document);
    const ids = new Map<string, string>();
    const fresh = (id: string) => ids.get(id) ?? (ids.set(id, randomUUID()).get(id) as string);
    const moved = JSON.parse(
      text.replaceAll(
        /"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"/g,
        (id) => `"${fresh(id.slice(1, -1))}"`,
      ),
    );
    moved.name = `${moved.name}-copy`;
    for (const workflow of moved.workflows)
      for (const trigger of workflow.triggers) delete trigger.custom_path;
    const user = { ...userContextFor(owner) };
    const made: Json = await provisionNew(user, moved, ours, deps);
    expect(made.document.keychain_credentials).toMatchObject([
      {
        name: "By facility",
        path: "$.data.facility",
        default_credential_id: made.document.project_credentials[0].id,
      },
    ]);
    expect(made.document.workflows[0].jobs[1]).toMatchObject({ library_entry: "Shared", library_version: 1 });
    expect(made.document.collections).toMatchObject([{ name: "facilities" }]);
    expect(made.document.workflows[0].jobs[0].keychain_credential_id).toBe(
      made.document.keychain_credentials[0].id,
    );
  });

  test("a library job whose code is another one is told at the job, with the way out", async () => {
    const { workflows } = await fill();
    const [first] = workflows;
    const jobs = [{ id: first.jobs[1].id, body: "fn(state => mine);\n" }];
    const errors = await errorsOf(deploy([{ id: first.id, jobs }]));
    expect(errors.workflows.First.jobs.Store.body[0]).toContain("Save it as a new version of the entry");
  });

  test("the environment of a project", async () => {
    const { document } = await deploy([], { env: "staging" }, ours);
    expect(document.env).toBe("staging");
    expect((await deploy([], { env: "production" })).document.env).toBe("staging");
    expect("env" in (await deploy([], { env: null }, ours)).document).toBe(false);
  });
});

describe("collections", () => {
  test("are made, renamed and deleted, and left out where there are none", async () => {
    const [one, two] = [randomUUID(), randomUUID()];
    const first = await deploy([], {
      collections: [
        { id: one, name: "facilities" },
        { id: two, name: "visits" },
      ],
    });
    expect(first.document.collections).toEqual([
      { id: one, name: "facilities" },
      { id: two, name: "visits" },
    ]);
    expect(await getSpecYaml(ctx)).toMatch(/collections:\n {2}facilities:\n {4}name: facilities/);
    const second = await deploy([], {
      collections: { visits: { id: two, delete: true }, facilities: { id: one, name: "sites" } },
    });
    expect(second.document.collections).toEqual([{ id: one, name: "sites" }]);
    const third = await deploy([], { collections: [{ id: one }, { id: two, delete: true }] });
    expect(third.document.collections).toEqual([{ id: one, name: "sites" }]);
    const last = await deploy([], { collections: [{ id: one, delete: true }] });
    expect("collections" in last.document).toBe(false);
  });

  test("with a wrong name, a name that is there, or an id of somebody else, are refused", async () => {
    const id = randomUUID();
    await deploy([], { collections: [{ id, name: "sites" }] });
    const other = randomUUID();
    expect(await errorsOf(deploy([], { collections: [{ id: other, name: "sites" }] }))).toEqual({
      collections: { sites: { name: ["A collection with this name already exists."] } },
    });
    const wrong = await errorsOf(deploy([], { collections: [{ id: other, name: "Not Safe" }] }));
    expect(wrong.collections["Not Safe"].name[0]).toContain("URL safe");
    const stranger = await createTestUser();
    await provisionNew(
      userContextFor(stranger),
      sentProject({ collections: [{ id: other, name: "theirs" }] }),
      cli,
      deps,
    );
    expect(await errorsOf(deploy([], { collections: [{ id: other, name: "mine" }] }))).toEqual({
      collections: { mine: { id: ["This value should be unique."] } },
    });
  });

  test("channels, which we do not have, are refused by name", async () => {
    expect(await errorsOf(deploy([], { channels: [{ id: randomUUID(), name: "sms" }] }))).toEqual({
      channels: { sms: { base: ["There are no channels here. Take them out of project.yaml."] } },
    });
    await deploy([], { channels: [] });
  });
});

describe("one transaction", () => {
  test("a dry run says what would come of it, and keeps nothing", async () => {
    const document = sentProject({ id: project.id, name: `${project.name}-2` });
    const before = await counts();
    const dry: Json = await provision(ctx, document, { ...cli, dryRun: true }, deps);
    expect(dry.changed).toEqual([document.workflows[0]?.id]);
    expect(dry.document).toMatchObject({ name: `${project.name}-2`, workflows: [{ lock_version: 1 }] });
    expect(await counts()).toEqual(before);
    expect(await getDocument(ctx)).toMatchObject({ name: project.name, workflows: [] });
    const made = sentProject();
    await provisionNew(userContextFor(owner), made, { ...cli, dryRun: true }, deps);
    expect(await database.query("select 1 from projects where id = $1", [made.id])).toEqual([]);
  });

  test("names and paths change places in it", async () => {
    const [one, two] = [sentWorkflow("one"), sentWorkflow("two")];
    const path = (workflow: SentWorkflow, custom_path: string) => ({
      ...workflow,
      triggers: [{ ...workflow.triggers[0], custom_path }],
    });
    const [a, b] = [`a-${randomUUID().slice(0, 8)}`, `b-${randomUUID().slice(0, 8)}`];
    await deploy([path(one, a), path(two, b)], {}, ours);
    const { document } = await deploy(
      [path({ ...one, name: "two" }, b), path({ ...two, name: "one" }, a)],
      {},
      ours,
    );
    expect(document.workflows.map(({ name, triggers }: Json) => [name, triggers[0].custom_path])).toEqual([
      ["two", b],
      ["one", a],
    ]);
    const clash = await errorsOf(deploy([path(sentWorkflow("three"), a)], {}, ours));
    expect(clash.workflows.three.triggers.webhook.custom_path).toHaveLength(1);
  });

  test("a job of a deleted workflow keeps its id for itself", async () => {
    const gone = sentWorkflow("gone");
    await deploy([gone]);
    await deleteWorkflow(ctx, { id: gone.id });
    const errors = await errorsOf(
      deploy([sentWorkflow("new", { jobs: gone.jobs, edges: [], triggers: [] })]),
    );
    expect(errors.workflows.new.jobs).toEqual({
      Load: { id: ["This value should be unique."] },
      Store: { id: ["This value should be unique."] },
    });
  });

  test("two deploys at the same time are both answered, one after the other", async () => {
    const workflows = Array.from({ length: 4 }, (_, n) => sentWorkflow(`w${n}`));
    await deploy(workflows);
    const pulled: Json = await getDocument(ctx);
    const admin = contextFor(await addTestMember(project, "admin"), project, "admin");
    const changed = (body: string) => ({
      ...pulled,
      workflows: pulled.workflows.map((one: Json) => ({
        ...one,
        jobs: one.jobs.map((job: Json) => ({ ...job, body })),
      })),
    });
    const results = await Promise.allSettled([
      provision(ctx, changed("fn(state => 1);\n"), cli, deps),
      provision(admin, changed("fn(state => 2);\n"), cli, deps),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const errors = await errorsOf(refusedOf(results));
    expect(Object.keys(errors.workflows)).toEqual(["w0", "w1", "w2", "w3"]);
    expect(errors.workflows.w0.base[0]).toContain("was changed since you pulled it");
    const bodies = (await getDocument(ctx)).workflows.flatMap(({ jobs }) => jobs.map(({ body }) => body));
    expect(new Set(bodies).size).toBe(1);
  });

  test("one new project, twice at the same time, is made once", async () => {
    const document = sentProject();
    const results = await Promise.allSettled(
      [1, 2].map(() => provisionNew(userContextFor(owner), document, cli, deps)),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await errorsOf(refusedOf(results))).toBeDefined();
  });

  test("a project that is being deleted takes no deploy", async () => {
    await deleteProject(ctx, { confirmName: project.name });
    const closing = { ...ctx, project: { ...ctx.project, deletesAt: new Date(Date.now() + 86_400_000) } };
    const errors = await errorsOf(
      provision(closing, { id: project.id, workflows: [sentWorkflow()] }, cli, deps),
    );
    expect(errors.base[0]).toContain("This project is being deleted");
  });

  test("what it left is noted, at every deploy", async () => {
    const workflow = sentWorkflow();
    const noted = () =>
      database.query("select versions, source, created_by from deploys where project_id = $1", [project.id]);
    await deploy([workflow]);
    const row = { versions: { [workflow.id]: 1 }, source: "cli", created_by: owner.email };
    expect(await noted()).toEqual([row]);
    await deploy([workflow], {}, { source: "import" });
    expect(await noted()).toEqual([{ ...row, source: "import" }]);
    await deploy([{ id: workflow.id, delete: true }]);
    expect(await noted()).toEqual([{ ...row, versions: {} }]);
  });
});

describe("large and hostile documents", () => {
  test("a job of five million bytes is taken, one more is refused", async () => {
    const body = `// ${"x".repeat(5_000_000 - 4)}\n`;
    const workflow = (text: string) =>
      sentWorkflow("Big", { jobs: [sentJob("Load", { body: text })], edges: [], triggers: [] });
    const { document } = await deploy([workflow(body)]);
    expect(document.workflows[0].jobs[0].body).toBe(body);
    expect(await getSpecYaml(ctx)).toContain("x".repeat(1_000));
    const errors = await errorsOf(deploy([{ ...workflow(`${body}x`), name: "Bigger" }]));
    expect(errors.workflows.Bigger.jobs.Load.body[0]).toContain("at most 5,000,000 are allowed");
  });

  test("more jobs than a workflow may have, and names of all kinds", async () => {
    const jobs = Array.from({ length: 501 }, (_, n) => sentJob(`Job ${n}`));
    const many = await errorsOf(deploy([sentWorkflow("Many", { jobs, edges: [], triggers: [] })]));
    expect(many.workflows.Many.jobs).toEqual([expect.stringContaining("500 are allowed")]);
    const names = ["__proto__", "constructor", "é–漢字", "a: b", "'", "->"];
    const { document } = await deploy([
      sentWorkflow("constructor", { jobs: names.map((name) => sentJob(name)), edges: [], triggers: [] }),
    ]);
    expect(document.workflows[0].jobs.map(({ name }: Json) => name)).toEqual(names);
    const bad = names.map((name) => sentJob(name, { body: "" }));
    const errors = await errorsOf(
      deploy([sentWorkflow("__proto__", { jobs: bad, edges: [], triggers: [] })]),
    );
    expect(Object.keys(errors.workflows)).toEqual(["__proto__"]);
    const [said] = Object.values(errors.workflows) as Json[];
    expect(Object.keys(said.jobs).sort()).toEqual([...names].sort());
  });

  test("names whose keys would be the same in project.yaml are refused, with both", async () => {
    const jobs = [sentJob("A B"), sentJob("A-B")];
    const errors = await errorsOf(deploy([sentWorkflow("W", { jobs, edges: [], triggers: [] })]));
    expect(errors.workflows.W.jobs["A-B"].name).toEqual([
      '"A B" and "A-B" would both be "A-B" in project.yaml. Rename one of them.',
    ]);
    const two = await errorsOf(deploy([sentWorkflow("X Y"), sentWorkflow("X-Y")]));
    expect(two.workflows["X-Y"].name[0]).toContain('"X Y" and "X-Y"');
  });

  test("a pull of such names is refused, too", async () => {
    const workflow = sentWorkflow();
    await deploy([workflow]);
    await edit(workflow.id, ({ jobs: [a, b] }) => ({
      jobs: [
        { ...(a as Json), name: "A B" },
        { ...(b as Json), name: "A-B" },
      ],
    }));
    await expect(getSpecYaml(ctx)).rejects.toThrow('"A B" and "A-B"');
  });
});
