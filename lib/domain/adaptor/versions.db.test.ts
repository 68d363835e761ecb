import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, expect, it } from "vitest";
import type { Context } from "@/lib/domain/context";
import { adaptorResolver } from "@/lib/domain/workflow/adaptors";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { draft } from "@/lib/domain/workflow/testing";
import { Refusal } from "@/lib/refusal";
import type { AdaptorInfo, PublishedVersions } from "@/lib/runner/contract";
import { testDatabase } from "@/lib/testing/database";
import {
  contextFor,
  createTestProject,
  createTestUser,
  expectRefusal,
  type TestUser,
} from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { lookUpAdaptor } from "./look-up";
import { listAdaptorVersions } from "./versions";

const { db } = testDatabase();

class Registry extends ScriptedRunner {
  readonly name = `@openfn/language-t${randomUUID().slice(0, 8)}`;
  versions = ["1.9.0", "1.10.0", "2.0.0-beta.1"];
  built: AdaptorInfo[] = [];
  refusal: Refusal | null = null;

  override async publishedVersions(): Promise<PublishedVersions> {
    if (this.refusal) throw this.refusal;
    return { versions: this.versions, latest: "1.10.0" };
  }
  override async listAdaptors(): Promise<AdaptorInfo[]> {
    return this.built;
  }
  override async resolveAdaptor(name: string, version: string): Promise<AdaptorInfo> {
    const exact = version === "latest" ? "1.10.0" : version;
    if (!this.versions.includes(exact)) throw new Refusal("invalid", `${name} has no version ${version}.`);
    const info = { ...(await super.resolveAdaptor(name, exact)), name, artefactHash: "" };
    this.built.push(info);
    return info;
  }
}

let owner: TestUser;
let ctx: Context;
let runner: Registry;

beforeAll(async () => {
  owner = await createTestUser();
});

beforeEach(async () => {
  ctx = contextFor(owner, await createTestProject({ owner }));
  runner = new Registry();
});

it("lists what the registry has, what is built and what jobs are pinned to, newest first", async () => {
  const { name } = runner;
  await runner.resolveAdaptor(name, "1.9.0");
  const workflow = draft();
  const jobs = workflow.jobs.map((job) => ({ ...job, adaptor: `${name}@1.8.0` }));
  await saveWorkflow(ctx, { ...workflow, jobs }, { resolveAdaptor: async () => ({ version: "1.8.0" }) });
  expect(await listAdaptorVersions(ctx, { name }, { runner })).toEqual({
    name,
    versions: [
      { version: "2.0.0-beta.1", isBuilt: false },
      { version: "1.10.0", isBuilt: false },
      { version: "1.9.0", isBuilt: true },
      { version: "1.8.0", isBuilt: false },
    ],
    latest: "1.10.0",
    problem: null,
  });
});

it("lists what is here, and says why no more, when the registry or the runner cannot be asked", async () => {
  const { name } = runner;
  await runner.resolveAdaptor(name, "1.9.0");
  runner.refusal = new Refusal("unavailable", "The npm registry cannot be reached.");
  expect(await listAdaptorVersions(ctx, { name }, { runner })).toMatchObject({
    versions: [{ version: "1.9.0", isBuilt: true }],
    latest: null,
    problem: "The npm registry cannot be reached.",
  });
  runner.refusal = new Refusal("not_found", "The runner has no such route.");
  const { problem } = await listAdaptorVersions(ctx, { name }, { runner });
  expect(problem).toBe("The job runner cannot ask the npm registry.");
  const alone = await listAdaptorVersions(ctx, { name }, { runner: null });
  expect(alone.problem).toMatch(/runner is not connected/);
});

it("says what a job would be pinned to, knows its operations from then on, and refuses what cannot be had", async () => {
  const { name } = runner;
  const deps = {
    resolveAdaptor: adaptorResolver(db, { resolveAdaptor: runner.resolveAdaptor.bind(runner) }),
  };
  expect(await lookUpAdaptor(ctx, { adaptor: name }, deps)).toEqual({ name, version: "1.10.0" });
  const { versions } = await listAdaptorVersions(ctx, { name }, { runner: null });
  expect(versions).toEqual([{ version: "1.10.0", isBuilt: true }]);
  await expectRefusal(lookUpAdaptor(ctx, { adaptor: `${name}@9.9.9` }, deps), "invalid");
  await expectRefusal(lookUpAdaptor(ctx, { adaptor: "left-pad@1.0.0" }, deps), "invalid");
});

it("is for those who write workflows: it makes the runner ask others, and build", async () => {
  const viewer: Context = { ...ctx, role: "viewer" };
  await expectRefusal(listAdaptorVersions(viewer, { name: runner.name }, { runner }), "forbidden");
  const deps = { resolveAdaptor: async () => ({ version: "1.0.0" }) };
  await expectRefusal(lookUpAdaptor(viewer, { adaptor: runner.name }, deps), "forbidden");
});
