import { randomUUID } from "node:crypto";
import fs from "node:fs";
import { and, eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import {
  credentials,
  jobs,
  projectCredentials,
  projectMembers,
  projects,
  triggers,
  workflows,
} from "@/db/schema";
import { listKeychains } from "@/lib/domain/keychain/list";
import { adaptorResolver } from "@/lib/domain/workflow/adaptors";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { listWorkflows } from "@/lib/domain/workflow/list";
import { testDatabase } from "@/lib/testing/database";
import {
  createTestUser,
  expectAudit,
  expectRefusal,
  type TestUser,
  userContextFor,
} from "@/lib/testing/fixtures";
import { ownerContext } from "./create";
import { getProject } from "./get";
import { importProject } from "./import";
import { createSampleProject } from "./sample";
import { failingSampleMessage, sampleCredential, sampleMessage } from "./sample-files";

const { db } = testDatabase();
const offline = { resolveAdaptor: adaptorResolver(db, null) };
const seedYaml = fs.readFileSync("lib/portability/fixtures/seed-project.yaml", "utf8");
const seedFiles = { "jobs/my-fancy-script.js": "fn(state => state)", "jobs/notify-failure.js": "fn(s => s)" };
let user: TestUser;

beforeAll(async () => {
  user = await createTestUser();
});

const unique = () => `p-${randomUUID()}`;

describe("importProject", () => {
  it("imports the seed's project whole, owned by the caller, and tells which credential is missing", async () => {
    const ctx = userContextFor(user);
    const { project, warnings } = await importProject(ctx, { yaml: seedYaml, files: seedFiles }, offline);
    expect(project.name).toBe("openhie-project");
    expect(warnings).toEqual([expect.stringContaining('"HAPI FHIR"')]);
    const [row] = await db.select().from(projects).where(eq(projects.id, project.id));
    expect(row?.description).toBe("Some sample");
    expect(row?.unresolvedCredentials).toEqual({
      "jane-smith@test.com-HAPI-FHIR": { name: "HAPI FHIR", owner: "jane-smith@test.com" },
    });
    const { items } = await listWorkflows(ownerContext(ctx, project));
    expect(items.map((item) => [item.name, item.jobs.length])).toEqual([["OpenHIE Workflow", 4]]);
    const { graph, versionHistory } = await getWorkflow(ownerContext(ctx, project), {
      id: items[0]?.id ?? "",
    });
    expect(graph.jobs.map((job) => job.adaptorVersion)).toEqual(Array(4).fill("7.2.10"));
    expect(graph.edges.map((edge) => edge.conditionType)).toEqual([
      "always",
      "on_job_success",
      "on_job_success",
      "on_job_failure",
    ]);
    expect(versionHistory).toEqual([expect.stringMatching(/^cli:/)]);
    const [member] = await db.select().from(projectMembers).where(eq(projectMembers.projectId, project.id));
    expect(member).toMatchObject({ userId: user.id, role: "owner" });
    await expectAudit("project.create", project.id);
    await expectAudit("project.import", project.id);
  });

  it("shares the caller's own credential of that name, and nobody else's", async () => {
    const other = await createTestUser();
    await db.insert(credentials).values({ ownerId: other.id, name: "HAPI FHIR", body: "sealed" });
    const mine = await createTestUser();
    const [own] = await db
      .insert(credentials)
      .values({ ownerId: mine.id, name: "HAPI FHIR", body: "sealed" })
      .returning();
    const input = { yaml: seedYaml, files: seedFiles, name: unique() };
    const { project, warnings } = await importProject(userContextFor(mine), input, offline);
    expect(warnings).toEqual([]);
    const [link] = await db
      .select()
      .from(projectCredentials)
      .where(eq(projectCredentials.projectId, project.id));
    expect(link?.credentialId).toBe(own?.id);
    const using = await db
      .select({ name: jobs.name })
      .from(jobs)
      .where(and(eq(jobs.projectId, project.id), eq(jobs.projectCredentialId, link?.id ?? "")));
    expect(using).toEqual([{ name: "Send-to-OpenHIM-to-route-to-SHR" }]);
  });

  const keychainYaml = `
name: facilities
env: staging
credentials:
  ada-General: {name: General, owner: ada@example.org}
  ada-Missing: {name: Missing, owner: ada@example.org}
keychain_credentials:
  By-facility:
    name: By facility
    path: '$.data.facility'
    default_credential: ada-General
  By-region: {path: '$.data.region', default_credential: ada-Missing}
workflows:
  w:
    jobs:
      Register:
        adaptor: '@openfn/language-common@3.3.4'
        credential: null
        keychain_credential: By-facility
        body: fn(s => s)
      Notify:
        adaptor: '@openfn/language-common@3.3.4'
        keychain_credential_id: 6d6c8e8e-0000-4000-8000-000000000000
        body: fn(s => s)
`;

  it("brings the keychains and the environment, and says which default is missing", async () => {
    const mine = await createTestUser();
    await db.insert(credentials).values({ ownerId: mine.id, name: "General", body: "sealed" });
    const ctx = userContextFor(mine);
    const { project, warnings } = await importProject(ctx, { yaml: keychainYaml, name: unique() }, offline);
    expect(warnings).toEqual([
      expect.stringContaining("a file names a keychain as `keychain_credential`"),
      expect.stringContaining('You have no credential called "Missing"'),
      'The keychain "By-region" was imported without its default credential, which you do not have; choose another one for it.',
    ]);
    const owner = ownerContext(ctx, project);
    const { items } = await listKeychains(owner);
    expect(items.map(({ name, path, default: general, jobs }) => [name, path, general?.name, jobs])).toEqual(
      expect.arrayContaining([
        ["By facility", "$.data.facility", "General", 1],
        ["By-region", "$.data.region", undefined, 0],
      ]),
    );
    expect((await getProject(owner)).env).toBe("staging");
    const [workflow] = (await listWorkflows(owner)).items;
    const { graph } = await getWorkflow(owner, { id: workflow?.id ?? "" });
    const chain = items.find(({ name }) => name === "By facility");
    expect(graph.jobs.map((job) => [job.name, job.keychainCredentialId, job.projectCredentialId])).toEqual([
      ["Register", chain?.id, null],
      ["Notify", null, null],
    ]);
  });

  it.each([
    ["keychain_credential: By-facility", "keychain_credential: By-nobody", "Could not find a keychain"],
    ["credential: null", "credential: ada-General", "Keep one of them"],
    ["path: '$.data.facility'", "path: data.facility", "is not a path"],
    ["    name: By facility", "    nam: By facility", 'Did you mean "name"?'],
    ["default_credential: ada-General", "default_credential: bob-General", "Could not find a credential"],
    ["By-region: {path", "By-region: {name: By facility, path", "Two keychains of the project have one name"],
    ["env: staging", "env: Staging Area", "env must have 1 to 32 small letters"],
  ])("refuses %j as %j, with its line", async (right, wrong, sentence) => {
    const yaml = keychainYaml.replace(right, wrong);
    const refused = await expectRefusal(
      importProject(userContextFor(user), { yaml, name: unique() }, offline),
      "invalid",
    );
    expect(refused.message).toContain(sentence);
    expect(refused.message).toMatch(/^project.yaml, line \d+/);
  });

  it("imports all or nothing", async () => {
    const name = unique();
    const second = "  Second:\n    name: OpenHIE Workflow\n";
    await expectRefusal(
      importProject(userContextFor(user), { yaml: seedYaml + second, files: seedFiles, name }, offline),
      "conflict",
    );
    expect(await db.$count(projects, eq(projects.name, name))).toBe(0);
  });

  it("refuses two jobs whose names one key in project.yaml would stand for, with both", async () => {
    const again = seedYaml.replace("name: Notify-CHW-upload-failed", "name: Notify CHW-upload-successful");
    const refusal = await expectRefusal(
      importProject(userContextFor(user), { yaml: again, files: seedFiles }, offline),
      "invalid",
    );
    expect(refusal.message).toMatch(
      /line \d+ .*"Notify-CHW-upload-successful" and "Notify CHW-upload-successful" would both be "Notify-CHW-upload-successful"/,
    );
  });

  it("refuses a broken file with every problem and its line", async () => {
    const refusal = await expectRefusal(
      importProject(userContextFor(user), { yaml: seedYaml, files: {} }, offline),
      "invalid",
    );
    expect(refusal.message).toMatch(
      /^project\.yaml, line \d+ \(job\/body\/path\): Failed to read file .* And 1 more\.$/,
    );
    expect(refusal.details?.problems).toHaveLength(2);
  });

  it("refuses a graph that cannot run", async () => {
    const circle =
      "      back: {source_job: Notify-CHW-upload-failed, target_job: FHIR-standard-Data-with-change}\n";
    const refusal = await expectRefusal(
      importProject(userContextFor(user), { yaml: seedYaml + circle, files: seedFiles }, offline),
      "invalid",
    );
    const message = "Circular dependency: Notify-CHW-upload-failed <-> FHIR-standard-Data-with-change";
    expect(refusal.details?.problems).toEqual([
      { path: "workflows/OpenHIE-Workflow/edges/back", message, line: seedYaml.split("\n").length },
    ]);
  });

  it("makes a project name of a name that is none, and says so", async () => {
    const yaml = seedYaml.replace("openhie-project", "OpenHIE Project (2026)");
    const { project, warnings } = await importProject(
      userContextFor(user),
      { yaml, files: seedFiles },
      offline,
    );
    expect(project.name).toBe("openhie-project-2026");
    expect(warnings[0]).toContain("openhie-project-2026");
  });

  it("refuses a token that is bound to another project", async () => {
    const bound = { ...userContextFor(user), boundTo: [randomUUID()] };
    await expectRefusal(importProject(bound, { yaml: seedYaml, files: seedFiles }, offline), "forbidden");
  });
});

describe("the sample project", () => {
  it("is made without any network and listens for its message", async () => {
    const ctx = userContextFor(user);
    const { project, warnings } = await createSampleProject(ctx, { name: unique() }, offline);
    expect(warnings).toEqual([]);
    const matching = async (message: unknown) => {
      const rows = await testDatabase().query<{ name: string }>(
        `select w.name from triggers t join workflows w on w.id = t.workflow_id
         where t.project_id = $1 and t.type = 'message_filter' and t.enabled
           and $2::jsonb @> coalesce(t.inclusion, '{}') and not coalesce($2::jsonb @> t.exclusion, false) order by w.name`,
        [project.id, JSON.stringify(message)],
      );
      return rows.map((row) => row.name);
    };
    expect(await matching(sampleMessage)).toEqual(["Payment", "Referral"]);
    expect(await matching(failingSampleMessage)).toEqual(["Payment", "Referral"]);
    expect(await matching({ form: "home-visit", patient: { id: "P-1" } })).toEqual(["Payment", "Referral"]);
    expect(await matching({ form: "home-visit" })).toEqual(["Referral"]);
    expect(await matching({ form: "stock-count" })).toEqual([]);
    expect(await db.$count(triggers, eq(triggers.projectId, project.id))).toBe(2);
    expect(await db.$count(workflows, eq(workflows.projectId, project.id))).toBe(2);
  });

  it("logs in with a practice credential, one for all samples of a person", async () => {
    const ctx = userContextFor(user);
    for (const name of [unique(), unique()]) {
      const { project } = await createSampleProject(ctx, { name }, offline);
      const rows = await testDatabase().query<{ job: string; credential: string }>(
        `select j.name as job, c.name as credential from jobs j join project_credentials p on p.id = j.project_credential_id
         join credentials c on c.id = p.credential_id where j.project_id = $1`,
        [project.id],
      );
      expect(rows).toEqual([{ job: "Payment", credential: sampleCredential.name }]);
    }
    expect(await db.$count(credentials, eq(credentials.ownerId, user.id))).toBeGreaterThan(0);
  });
});
