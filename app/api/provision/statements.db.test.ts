import { randomUUID } from "node:crypto";
import { NextRequest } from "next/server";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { GET as yamlAgain } from "@/app/api/api/provision/yaml/route";
import { createCredential } from "@/lib/domain/credential/create";
import { createProjectToken } from "@/lib/domain/project-token/create";
import { createToken } from "@/lib/domain/token/create";
import { testDatabase } from "@/lib/testing/database";
import {
  contextFor,
  createTestProject,
  createTestUser,
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

/** What OpenFn's reference says of the provisioning API sentence by sentence, with exact sets of keys. */

testDatabase();
let owner: TestUser;
let api: ReturnType<typeof provisioningAs>;

beforeAll(async () => {
  owner = await createTestUser();
  api = await provisioningOf(owner);
});

const blank = "This field can't be blank.";
const remedy = expect.stringContaining("openfn pull");

async function deployed(document: unknown, query = ""): Promise<Json> {
  const answer = await api.post(document, query);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body.data;
}

async function errorsOf(document: unknown): Promise<Json> {
  const { status, body, text } = await api.post(document);
  expect([status, text]).toEqual([422, text]);
  expect(Object.keys(body)).toEqual(["errors"]);
  return body.errors;
}

const moment = z.iso.datetime();
const id = z.uuid();
const job = z.strictObject({
  id,
  name: z.string(),
  adaptor: z.string(),
  body: z.string(),
  project_credential_id: id.nullable(),
});
const webhook = z.strictObject({
  id,
  type: z.literal("webhook"),
  enabled: z.boolean(),
  webhook_reply: z.enum(["before_start", "after_completion"]).optional(),
  webhook_response_config: z.strictObject({ success_code: z.int(), error_code: z.int() }).optional(),
});
const cron = z.strictObject({
  id,
  type: z.literal("cron"),
  enabled: z.boolean(),
  cron_expression: z.string(),
  cron_cursor_job_id: id.optional(),
});
const edge = z.strictObject({
  id,
  enabled: z.boolean(),
  source_trigger_id: id.optional(),
  source_job_id: id.optional(),
  target_job_id: id,
  condition_type: z.enum(["always", "on_job_success", "on_job_failure", "js_expression"]),
  condition_label: z.string().optional(),
  condition_expression: z.string().optional(),
});
const workflow = z.strictObject({
  id,
  name: z.string(),
  project_id: id,
  inserted_at: moment,
  updated_at: moment,
  deleted_at: z.null(),
  lock_version: z.int(),
  concurrency: z.int().nullable(),
  version_history: z.array(z.string().regex(/^(app|cli):[0-9a-f]{12}$/)),
  jobs: z.array(job),
  triggers: z.array(z.union([webhook, cron])),
  edges: z.array(edge),
});
const answered = z.strictObject({
  data: z.strictObject({
    id,
    name: z.string(),
    description: z.string().nullable(),
    inserted_at: moment,
    updated_at: moment,
    scheduled_deletion: z.null(),
    requires_mfa: z.boolean(),
    retention_policy: z.enum(["retain_all", "retain_with_errors", "erase_all"]),
    history_retention_period: z.int().nullable(),
    dataclip_retention_period: z.int().nullable(),
    concurrency: z.int().nullable(),
    allow_support_access: z.boolean(),
    color: z.string().nullable(),
    env: z.string().nullable().optional(),
    parent_id: id.nullable(),
    project_credentials: z.array(z.strictObject({ id, name: z.string(), owner: z.email() })),
    collections: z
      .array(z.strictObject({ id, name: z.string() }))
      .min(1)
      .optional(),
    workflows: z.array(workflow),
  }),
});

/** A document that says all that OpenFn's grammar knows. */
async function fullDocument() {
  const { name } = await createCredential(userContextFor(owner), { name: `c-${randomUUID()}`, body: {} });
  const credential = { id: randomUUID(), name, owner: owner.email };
  const [load, store] = [sentJob("Load", { project_credential_id: credential.id }), sentJob("Store")];
  const hook = {
    id: randomUUID(),
    type: "webhook",
    enabled: true,
    webhook_reply: "after_completion",
    webhook_response_config: { success_code: 200, error_code: 500 },
  };
  const clock = {
    id: randomUUID(),
    type: "cron",
    enabled: false,
    cron_expression: "0 6 * * *",
    cron_cursor_job_id: load.id,
  };
  const edges = [
    { source_trigger_id: hook.id, target_job_id: load.id, condition_type: "always" },
    {
      source_trigger_id: clock.id,
      target_job_id: load.id,
      condition_type: "js_expression",
      condition_label: "monday",
      condition_expression: "state.data.day === 1",
    },
    { source_job_id: load.id, target_job_id: store.id, condition_type: "on_job_failure" },
  ].map((one) => ({ id: randomUUID(), enabled: true, ...one }));
  return sentProject({
    description: "Visits of the clinic",
    project_credentials: [credential],
    collections: [{ id: randomUUID(), name: "visits" }],
    workflows: [sentWorkflow("Visits", { jobs: [load, store], triggers: [hook, clock], edges })],
  });
}

describe("the document", () => {
  test("has these keys and no others, in GET as in the answer to POST, and says what was sent", async () => {
    const document = await fullDocument();
    const { status, body, headers } = await api.post(document);
    expect(status).toBe(201);
    expect(headers.get("content-type")).toMatch(/^application\/json/);
    answered.parse(body);
    const read = await api.get(document.id);
    expect(read.body).toEqual(body);
    const { workflows, ...project } = document;
    expect(body.data).toMatchObject(project);
    const [sent] = workflows;
    expect(body.data.workflows[0].triggers).toEqual(sent?.triggers);
    expect(body.data.workflows[0].edges).toEqual(sent?.edges);
    expect(body.data.workflows[0].jobs[1].project_credential_id).toBeNull();
  });

  test("is answered with 201 and its address, for a new project, for a change and for none", async () => {
    const document = sentProject();
    for (const one of [document, { ...document, name: "renamed" }, { ...document, name: "renamed" }]) {
      const { status, headers, body } = await api.post(one);
      expect([status, headers.get("location")]).toEqual([201, `/api/provision/${document.id}`]);
      answered.parse(body);
    }
  });
});

describe("keys that a record does not have", () => {
  const said = (...keys: string[]) => ({
    base: [`extraneous parameters: ${keys.join(", ")}`, remedy],
  });

  test("are told at each level, alone and together", async () => {
    const stray = { workflow_ref: 1, alpha: null };
    const flow = sentWorkflow();
    const document = {
      ...sentProject(),
      ...stray,
      collections: [{ id: randomUUID(), name: "visits", ...stray }],
      project_credentials: [{ id: randomUUID(), name: "Mine", owner: "somebody@example.org", ...stray }],
      workflows: [
        {
          ...flow,
          ...stray,
          jobs: flow.jobs.map((one) => ({ ...one, ...stray })),
          triggers: flow.triggers.map((one) => ({ ...one, ...stray })),
          edges: flow.edges.map((one) => ({ ...one, ...stray })),
        },
      ],
    };
    const all = said("alpha", "workflow_ref");
    expect(await errorsOf(document)).toEqual({
      ...all,
      collections: { visits: all },
      project_credentials: { Mine: all },
      workflows: {
        Visits: {
          ...all,
          jobs: { Load: all, Store: all },
          triggers: { webhook: all },
          edges: { "webhook->Load": all, "Load->Store": all },
        },
      },
    });
  });

  test("are none of those that the server's own records have", async () => {
    const document = await fullDocument();
    const data = await deployed(document);
    const [flow] = data.workflows;
    const of = (list: Json[]) => list.map((one) => ({ ...one, workflow_id: flow.id, inserted_at: null }));
    const echoed = {
      ...data,
      workflows: [{ ...flow, jobs: of(flow.jobs), triggers: of(flow.triggers), edges: of(flow.edges) }],
      collections: [{ ...(document.collections as Json[])[0], project_id: data.id, byte_size_sum: 0 }],
    };
    expect(await deployed(echoed)).toEqual(data);
  });
});

describe("a condition that is an expression", () => {
  const followed = (condition: Sent) => {
    const flow = sentWorkflow();
    const edges = [flow.edges[0], { ...flow.edges[1], condition_type: "js_expression", ...condition }];
    return sentProject({ workflows: [{ ...flow, edges }] });
  };
  const saidOf = async (condition: Sent) =>
    (await errorsOf(followed(condition))).workflows.Visits.edges["Load->Store"];

  test("has a label and an expression", async () => {
    expect(await saidOf({})).toEqual({ condition_label: [blank], condition_expression: [blank] });
    expect(await saidOf({ condition_label: "ill", condition_expression: " " })).toEqual({
      condition_expression: [blank],
    });
    expect(await saidOf({ condition_label: "", condition_expression: "true" })).toEqual({
      condition_label: [blank],
    });
  });

  test.each([
    "import('fs')",
    "require('fs')",
    "process.exit()",
    "this.process",
    "await state.x",
    "eval('1')",
  ])("%s has words that OpenFn refuses", async (condition_expression) => {
    expect(await saidOf({ condition_label: "x", condition_expression })).toEqual({
      condition_expression: ["contains unacceptable words"],
    });
  });

  test("is at most 255 characters long, its label too", async () => {
    const long = `state.data.x === '${"a".repeat(255)}'`;
    expect(await saidOf({ condition_label: "x", condition_expression: long })).toEqual({
      condition_expression: ["should be at most 255 character(s)"],
    });
    expect(
      Object.keys(await saidOf({ condition_label: "l".repeat(256), condition_expression: "true" })),
    ).toEqual(["condition_label"]);
  });

  test("stays where it was made otherwise, and is not asked of whoever says that it knows more", async () => {
    const condition = { condition_expression: "state.data.status === 'in process'" };
    const document = followed(condition);
    const made = await deployed(document, "?extensions=true");
    expect(made.workflows[0].edges[1]).toMatchObject(condition);
    const again = { ...document, description: "new" };
    expect((await deployed(again)).workflows[0].edges[1]).toMatchObject(condition);
  });

  test("may have words that are only parts of longer ones", async () => {
    const condition = { condition_label: "x", condition_expression: "state.data.status == 'processing'" };
    expect((await deployed(followed(condition))).workflows[0].edges[1]).toMatchObject(condition);
  });
});

describe("what is said of a whole", () => {
  test("stands beside what is said within it: nothing is lost", async () => {
    const flow = sentWorkflow();
    const [hook] = flow.triggers;
    const clock = { id: randomUUID(), type: "cron", enabled: true, cron_expression: "never" };
    const errors = await errorsOf(sentProject({ workflows: [{ ...flow, triggers: [hook, clock] }] }));
    expect(errors.workflows.Visits.triggers).toEqual({
      base: ["A workflow can have only one trigger enabled at a time."],
      cron: { cron_expression: [expect.any(String)] },
    });
  });

  test.each([[[]], ["[1]"], ["null"], ['"text"']])("%j is no project", async (document) => {
    expect(await errorsOf(document)).toEqual({
      base: ["A project is an object with id, name and workflows."],
    });
  });
});

describe("edges", () => {
  test("lead from one node to another one of the same workflow", async () => {
    const [flow, other] = [sentWorkflow(), sentWorkflow("Other")];
    const [load, store] = flow.jobs;
    const at = (edge: Sent) => ({ id: randomUUID(), condition_type: "on_job_success", ...edge });
    const edges = [
      flow.edges[0],
      at({ source_job_id: load?.id, target_job_id: load?.id }),
      at({ source_job_id: other.jobs[0]?.id, target_job_id: store?.id }),
      at({ source_job_id: store?.id, source_trigger_id: flow.triggers[0]?.id, target_job_id: load?.id }),
    ];
    const errors = await errorsOf(sentProject({ workflows: [{ ...flow, edges }, other] }));
    expect(errors.workflows.Visits.edges["Load->Load"]).toEqual({
      target_job_id: ["target_job_id must be different from source_job_id"],
    });
    expect(errors.workflows.Visits.edges["->Store"]).toEqual({
      source_job_id: ["This job does not exist, or is not in the same workflow."],
    });
    expect(errors.workflows.Visits.edges["webhook->Load"].source_job_id).toEqual([
      "source_job_id and source_trigger_id are mutually exclusive",
    ]);
  });
});

describe("a project's own fields", () => {
  test.each(["Not Allowed", "snake_case", "Clinic", "café", "a.b"])("%j is no name", async (name) => {
    const errors = await errorsOf(sentProject({ name }));
    expect(errors).toEqual({ name: ["has invalid format", expect.stringContaining("lower-case letters")] });
  });

  test("a description has 240 characters at most, unless it is there already", async () => {
    const document = sentProject({ description: "d".repeat(241) });
    expect(await errorsOf(document)).toEqual({ description: ["should be at most 240 character(s)"] });
    await deployed(document, "?extensions=true");
    const state = (await api.get(document.id)).body.data;
    expect((await deployed({ ...state, name: "renamed" })).description).toHaveLength(241);
    expect((await deployed({ ...state, description: "d".repeat(240) })).description).toHaveLength(240);
  });
});

describe("credentials", () => {
  test("are the caller's own, by name; other people's are left out without a word", async () => {
    const { name } = await createCredential(userContextFor(owner), { name: `c-${randomUUID()}`, body: {} });
    const stranger = await createTestUser();
    const mine = { id: randomUUID(), name, owner: owner.email };
    const theirs = { id: randomUUID(), name, owner: stranger.email };
    const data = await deployed(sentProject({ project_credentials: [mine, theirs] }));
    expect(data.project_credentials).toEqual([mine]);
    const lacking = { id: randomUUID(), name: "X", owner: owner.email };
    expect(await errorsOf(sentProject({ project_credentials: [lacking] }))).toEqual({
      project_credentials: { X: { credential: ["No credential found with name X"] } },
    });
  });
});

describe("the YAML", () => {
  test("has its keys in the order of the reference, and null where there is nothing", async () => {
    const document = await fullDocument();
    await deployed(document);
    const keysAt = (text: string, indent: number) =>
      text
        .split("\n")
        .filter((line) => new RegExp(`^ {${indent}}[a-z_]+:( |$)`).test(line))
        .map((line) => line.trim().split(":")[0]);
    const { text } = await api.yaml(`id=${document.id}`);
    expect(keysAt(text, 0)).toEqual(["name", "description", "collections", "credentials", "workflows"]);
    const [hook, clock] = text.split("    triggers:\n")[1]?.split("      cron:\n") ?? [];
    expect(keysAt(hook ?? "", 8)).toEqual(["type", "webhook_reply", "webhook_response_config", "enabled"]);
    const edges = (clock ?? "").split("    edges:\n")[1]?.split("      cron->Load:\n") ?? [];
    expect(keysAt((clock ?? "").split("    edges:")[0] ?? "", 8)).toEqual([
      "type",
      "cron_expression",
      "cron_cursor_job",
      "enabled",
    ]);
    expect(keysAt(edges[1]?.split("      Load->Store:")[0] ?? "", 8)).toEqual([
      "source_trigger",
      "target_job",
      "condition_type",
      "condition_label",
      "condition_expression",
      "enabled",
    ]);
    expect(keysAt(text.split("      Store:\n")[1]?.split("    triggers:")[0] ?? "", 8)).toEqual([
      "name",
      "adaptor",
      "credential",
      "body",
    ]);
    expect(text).toContain(
      "adaptor: '@openfn/language-common@latest'\n        credential: null\n        body: |\n",
    );
    expect(text).toContain("cron_expression: '0 6 * * *'");
    expect(text).toContain(`credential: ${owner.email}-`);
    const empty = sentProject({ workflows: [] });
    await deployed(empty);
    expect((await api.yaml(`id=${empty.id}`)).text).toBe(
      `name: ${empty.name}\ndescription: null\ncredentials: null\nworkflows: {}\n`,
    );
  });
});

describe("addresses and tokens", () => {
  test("the YAML is at the address that OpenFn's default endpoint comes to, too", async () => {
    const document = sentProject();
    await deployed(document);
    const foreign = await createTestProject();
    const { token } = await createToken(userContextFor(owner), { name: "cli" });
    const ask = async (of: string, as: string | null) => {
      const headers: Record<string, string> = { accept: "application/json" };
      if (as) headers.authorization = `Bearer ${as}`;
      const request = new NextRequest(`http://127.0.0.1/api/api/provision/yaml?id=${of}`, { headers });
      const response = await yamlAgain(request, { params: Promise.resolve({}) });
      return {
        status: response.status,
        type: response.headers.get("content-type"),
        text: await response.text(),
      };
    };
    const { status, type, text } = await ask(document.id, token);
    expect([status, type]).toEqual([200, "text/yaml; charset=utf-8"]);
    expect(text).toBe((await api.yaml(`id=${document.id}`)).text);
    for (const [of, as, refused, error] of [
      [document.id, null, 401, "Unauthorized"],
      [foreign.id, token, 403, "Forbidden"],
      [randomUUID(), token, 404, "Not Found"],
      ["no-uuid", token, 404, "Not Found"],
    ] as const) {
      const answer = await ask(of, as);
      expect([answer.status, JSON.parse(answer.text)]).toEqual([refused, { error }]);
    }
  });

  test("a repository's token learns of no project whether it exists but of its own, and may make none", async () => {
    const project = await createTestProject({ owner });
    const ctx = contextFor(owner, project);
    const { token } = await createProjectToken(ctx, { name: "ci", scopes: ["read", "deploy"] });
    const repository = provisioningAs(token);
    expect((await repository.get(project.id)).status).toBe(200);
    const unknown = await repository.get(randomUUID());
    expect([unknown.status, unknown.body]).toEqual([404, { error: "Not Found" }]);
    const made = await repository.post(sentProject());
    expect([made.status, made.body]).toEqual([403, { error: "Forbidden" }]);
  });
});
