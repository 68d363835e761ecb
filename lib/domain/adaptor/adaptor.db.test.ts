import { randomUUID } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { auditEvents, jobs, snapshots } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { draft } from "@/lib/domain/workflow/testing";
import { Refusal } from "@/lib/refusal";
import type { AdaptorInfo } from "@/lib/runner/contract";
import { testDatabase } from "@/lib/testing/database";
import {
  contextFor,
  createTestProject,
  createTestUser,
  expectRefusal,
  type TestUser,
  userContextFor,
} from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { listCredentialSchemas } from "./credential-schemas";
import { getAdaptor } from "./get";
import { listAdaptors } from "./list";
import { upgradeAdaptor } from "./upgrade";

const { db } = testDatabase();

/** A runner with two versions of one adaptor, of a name of its own; the older one is built. */
class AdaptorRunner extends ScriptedRunner {
  readonly name = `@openfn/language-t${randomUUID().slice(0, 8)}`;
  readonly old = this.#info("1.9.0", { get: ["path"], post: ["path", "body"] });
  readonly new = {
    ...this.#info("1.10.0", { get: ["path", "options"], request: ["method"] }),
    credentialSchema: { properties: { password: { type: "string" } } },
    overrides: { "@openfn/language-common": "3.3.4" },
  };
  built: AdaptorInfo[] = [this.old];

  #info(version: string, operations: Record<string, string[]>): AdaptorInfo {
    return {
      name: this.name,
      version,
      integrity: "sha512-x",
      exports: [...Object.keys(operations), "util"],
      credentialSchema: null,
      operations: Object.entries(operations).map(([name, params]) => ({
        name,
        description: `Does ${name}.`,
        params: params.map((param) => ({ name: param, description: "" })),
        examples: [],
      })),
      overrides: null,
      artefactHash: version,
    };
  }
  override async resolveAdaptor(name: string, version: string): Promise<AdaptorInfo> {
    const found = [this.old, this.new].find((info) => info.version === version);
    const info = version === "latest" ? this.new : found;
    if (name !== this.name || !info)
      throw new Refusal("invalid", `${name} has no version ${version} on the npm registry.`);
    return info;
  }
  override async listAdaptors(): Promise<AdaptorInfo[]> {
    return this.built;
  }
}

let owner: TestUser;
let ctx: Context;
let runner: AdaptorRunner;

beforeAll(async () => {
  owner = await createTestUser();
});

beforeEach(async () => {
  ctx = contextFor(owner, await createTestProject({ owner }));
  runner = new AdaptorRunner();
});

/** A workflow whose job A is written with a number and B with a tag, both pinned to the old version. */
async function saved() {
  const input = draft();
  const [a, b] = input.jobs.map((job) => job.id);
  const specs = new Map([
    [a, "1.9.0"],
    [b, "latest"],
  ]);
  const withAdaptor = input.jobs.map((job) => ({ ...job, adaptor: `${runner.name}@${specs.get(job.id)}` }));
  await saveWorkflow(
    ctx,
    { ...input, jobs: withAdaptor },
    { resolveAdaptor: async () => ({ version: "1.9.0" }) },
  );
  return input;
}

const updates = (id: string) =>
  db
    .select()
    .from(auditEvents)
    .where(and(eq(auditEvents.itemId, id), eq(auditEvents.event, "workflow.update")));

const listed = async (context: Context) =>
  (await listAdaptors(context, { limit: 200 }, { runner })).items.find((item) => item.name === runner.name);

describe("listAdaptors and getAdaptor", () => {
  it("show versions newest first, with the jobs of this project that use each", async () => {
    const input = await saved();
    runner.built = [runner.old, runner.new];
    const item = await listed(ctx);
    expect(
      item?.versions.map(({ version, isBuilt, operations, exports }) => [
        version,
        isBuilt,
        operations,
        exports,
      ]),
    ).toEqual([
      ["1.10.0", true, 2, 3],
      ["1.9.0", true, 2, 3],
    ]);
    expect(item?.versions[0]?.overrides).toEqual({ "@openfn/language-common": "3.3.4" });
    expect(item?.versions[1]?.jobs).toMatchObject([
      { jobName: "A", workflowName: input.name },
      { jobName: "B", workflowName: input.name },
    ]);
    expect(item?.versions.map(({ uses }) => uses)).toEqual([0, 2]);
    expect(await getAdaptor(ctx, { name: runner.name }, { runner })).toMatchObject({
      version: "1.9.0",
      documented: [{ name: "get", description: "Does get." }, { name: "post" }],
      undocumented: ["util"],
    });
  });

  it("never show the jobs of another project, and are a viewer's, too", async () => {
    await saved();
    const other = contextFor(owner, await createTestProject({ owner }), "viewer");
    expect((await listed(other))?.versions.flatMap((version) => version.jobs)).toEqual([]);
    const detail = await getAdaptor(other, { name: runner.name }, { runner });
    expect(detail.versions.flatMap((version) => version.jobs)).toEqual([]);
  });

  it("show a version that is pinned but not built, and refuse what is neither", async () => {
    await saved();
    runner.built = [];
    expect(await getAdaptor(ctx, { name: runner.name }, { runner })).toMatchObject({
      version: "1.9.0",
      isBuilt: false,
      documented: [],
    });
    await expectRefusal(getAdaptor(ctx, { name: runner.name, version: "1.0.0" }, { runner }), "not_found");
    await expectRefusal(getAdaptor(ctx, { name: "@openfn/language-nope" }, { runner }), "not_found");
  });

  it("page by name", async () => {
    await saved();
    const one = await listAdaptors(ctx, { limit: 1 }, { runner });
    const cursor = one.nextCursor ?? one.items[0]?.name ?? "";
    const next = await listAdaptors(ctx, { limit: 200, cursor }, { runner });
    expect(next.items.map((item) => item.name)).not.toContain(one.items[0]?.name);
  });
});

describe("listCredentialSchemas", () => {
  it("has the newest version's schema of each adaptor that has one", async () => {
    runner.built = [runner.old, runner.new];
    const { items } = await listCredentialSchemas(userContextFor(owner), { runner });
    expect(items.filter((item) => item.name === runner.name)).toEqual([
      { name: runner.name, version: "1.10.0", schema: runner.new.credentialSchema },
    ]);
  });
});

describe("upgradeAdaptor", () => {
  it("says what would change and writes nothing", async () => {
    const input = await saved();
    const upgrade = await upgradeAdaptor(ctx, { name: runner.name }, { runner });
    expect(upgrade).toMatchObject({ version: "1.10.0", workflows: [], overrides: runner.new.overrides });
    expect(upgrade.from).toMatchObject([
      {
        version: "1.9.0",
        diff: {
          added: ["request"],
          removed: ["post"],
          changed: [{ name: "get", before: ["path"], after: ["path", "options"] }],
        },
        jobs: [{ jobName: "A" }, { jobName: "B" }],
      },
    ]);
    expect(await db.$count(snapshots, eq(snapshots.workflowId, input.id))).toBe(1);
  });

  it("pins every job in one new version of the workflow, audited once; numbers are rewritten, tags stay", async () => {
    const input = await saved();
    const upgrade = await upgradeAdaptor(ctx, { name: runner.name, apply: true }, { runner });
    expect(upgrade.workflows).toMatchObject([{ id: input.id, lockVersion: 2 }]);
    expect(await db.$count(snapshots, eq(snapshots.workflowId, input.id))).toBe(2);
    expect(await updates(input.id)).toHaveLength(1);
    const { graph } = await getWorkflow(ctx, { id: input.id });
    expect(graph.jobs.map((job) => [job.adaptor, job.adaptorVersion])).toEqual([
      [`${runner.name}@1.10.0`, "1.10.0"],
      [`${runner.name}@latest`, "1.10.0"],
    ]);
    const again = await upgradeAdaptor(ctx, { name: runner.name, apply: true }, { runner });
    expect(again).toMatchObject({ from: [], workflows: [] });
    expect(await updates(input.id)).toHaveLength(1);
  });

  it("goes back to a version that is named, never to one that a tag stands for", async () => {
    const input = await saved();
    await upgradeAdaptor(ctx, { name: runner.name, apply: true }, { runner });
    runner.resolveAdaptor = async (_, version) => (version === "1.10.0" ? runner.new : runner.old);
    expect(await upgradeAdaptor(ctx, { name: runner.name, apply: true }, { runner })).toMatchObject({
      from: [],
    });
    await upgradeAdaptor(ctx, { name: runner.name, version: "1.9.0", apply: true }, { runner });
    const { graph } = await getWorkflow(ctx, { id: input.id });
    expect(graph.jobs.map((job) => job.adaptorVersion)).toEqual(["1.9.0", "1.9.0"]);
  });

  it("is an editor's: a viewer is refused, and other projects stay as they are", async () => {
    const input = await saved();
    const viewer = { ...ctx, role: "viewer" as const };
    await expectRefusal(upgradeAdaptor(viewer, { name: runner.name }, { runner }), "forbidden");
    const other = contextFor(owner, await createTestProject({ owner }), "editor");
    expect(await upgradeAdaptor(other, { name: runner.name, apply: true }, { runner })).toMatchObject({
      from: [],
      workflows: [],
    });
    const rows = await db
      .select({ version: jobs.adaptorVersion })
      .from(jobs)
      .where(eq(jobs.workflowId, input.id));
    expect(rows).toEqual([{ version: "1.9.0" }, { version: "1.9.0" }]);
  });

  it("writes nothing when the tag has moved on since it was looked at", async () => {
    const input = await saved();
    const wanted = { name: runner.name, expected: "1.9.9", apply: true };
    await expectRefusal(upgradeAdaptor(ctx, wanted, { runner }), "conflict");
    expect(await updates(input.id)).toEqual([]);
  });

  it("passes on why a version cannot be had", async () => {
    await saved();
    const wanted = { name: runner.name, version: "9.9.9", apply: true };
    const refusal = await expectRefusal(upgradeAdaptor(ctx, wanted, { runner }), "invalid");
    expect(refusal.message).toContain("has no version 9.9.9");
    await expectRefusal(upgradeAdaptor(ctx, { name: "left-pad" }, { runner }), "invalid");
    await expectRefusal(upgradeAdaptor(ctx, { name: runner.name }, { runner: null }), "unavailable");
  });
});
