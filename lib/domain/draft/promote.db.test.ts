import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { createProjectToken } from "@/lib/domain/project-token/create";
import type { ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { archiveWorkflow } from "@/lib/domain/workflow/archive";
import { deleteWorkflow } from "@/lib/domain/workflow/delete";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { restoreVersion } from "@/lib/domain/workflow/restore";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { draft as newWorkflow } from "@/lib/domain/workflow/testing";
import { listWorkflowVersions } from "@/lib/domain/workflow/versions";
import { type DraftGraph, toDraft } from "@/lib/editor/graph";
import { mergeDrafts } from "@/lib/editor/merge";
import { Refusal } from "@/lib/refusal";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
  type TestProject,
} from "@/lib/testing/fixtures";
import { getDraftDifference } from "./difference";
import { getDraft, getDraftHead } from "./get";
import { promoteDraft } from "./promote";
import { saveDraft } from "./save";

const database = testDatabase();
const pinning: { resolveAdaptor: ResolveAdaptor } = { resolveAdaptor: async () => ({ version: "3.3.4" }) };
let project: TestProject;
let mine: Context;
let theirs: Context;
let workflowId: string;
let base: DraftGraph;

beforeEach(async () => {
  const owner = await createTestUser({ name: "Ada" });
  project = await createTestProject({ owner });
  mine = contextFor(owner, project);
  theirs = contextFor(
    await addTestMember(project, "editor", await createTestUser({ name: "Ben" })),
    project,
    "editor",
  );
  const saved = await saveWorkflow(mine, newWorkflow(), pinning);
  workflowId = saved.id;
  base = toDraft(saved.graph);
});

type Change = (graph: DraftGraph) => Partial<DraftGraph>;
const changed = (of: Change | Partial<DraftGraph>, graph = base): DraftGraph => ({
  ...graph,
  ...(typeof of === "function" ? of(graph) : of),
});
const keep = (
  of: Change | Partial<DraftGraph>,
  { ctx = mine, revision = null as number | null, baseVersion = 1, note = null as string | null } = {},
) => saveDraft(ctx, { workflowId, revision, baseVersion, graph: changed(of), note });
const promote = (
  more: { revision?: number; lockVersion?: number; note?: string | null } = {},
  ctx = mine,
  deps = pinning,
) => promoteDraft(ctx, { workflowId, revision: 1, lockVersion: 1, ...more }, deps);
const now = () => getWorkflow(mine, { id: workflowId });
const off: Change = ({ triggers }) => ({ triggers: triggers.map((one) => ({ ...one, enabled: false })) });
const withBody =
  (body: string): Change =>
  ({ jobs }) => ({
    jobs: jobs.map((job, n) => (n === 0 ? { ...job, body } : job)),
  });
const firstJob = () => base.jobs[0]?.id ?? "";

describe("promoting", () => {
  test("makes the draft the next version, with its note, and the draft is gone", async () => {
    await keep({ name: "Better" }, { note: "A better name" });
    const saved = await promote();
    expect(saved).toMatchObject({ id: workflowId, lockVersion: 2, changed: true, notes: [] });
    expect((await now()).graph).toMatchObject({ name: "Better" });
    const { draft, workflow } = await getDraft(mine, { workflowId });
    expect(draft).toBeNull();
    expect(workflow).toMatchObject({ lockVersion: 2, note: "A better name" });
    const { items } = await listWorkflowVersions(mine, { id: workflowId });
    expect(items.map(({ lockVersion, note, source }) => [lockVersion, note, source])).toEqual([
      [2, "A better name", "app"],
      [1, null, "app"],
    ]);
    expect(await expectAudit("draft.promote", workflowId)).toMatchObject({
      before: { lockVersion: 1, revision: 1 },
      after: { lockVersion: 2, changed: true, note: "A better name" },
    });
  });

  test("takes the note that is given instead, and blank for none", async () => {
    await keep({ name: "One" }, { note: "The draft's" });
    await promote({ note: "Another" });
    await keep({ name: "Two" }, { baseVersion: 2, note: "The draft's" });
    await promote({ lockVersion: 2, note: " " });
    const { items } = await listWorkflowVersions(mine, { id: workflowId });
    expect(items.map(({ note }) => note)).toEqual([null, "Another", null]);
  });

  test("of a draft that says the same makes no version", async () => {
    await keep({});
    expect(await promote()).toMatchObject({ lockVersion: 1, changed: false });
    expect((await getDraft(mine, { workflowId })).draft).toBeNull();
  });

  test("is rolled back in one act", async () => {
    const { graph } = await now();
    await keep(withBody("fn(s => 2)"));
    await promote();
    expect(await restoreVersion(mine, { id: workflowId, version: 1, lockVersion: 2 })).toMatchObject({
      lockVersion: 3,
      changed: true,
    });
    expect((await now()).graph).toEqual(graph);
  });

  test("is refused for a draft that another window has saved since", async () => {
    await keep({ name: "One" });
    await keep({ name: "Two" }, { revision: 1 });
    expect((await expectRefusal(promote(), "conflict")).details).toEqual({ revision: 2 });
    expect(await now()).toMatchObject({ lockVersion: 1 });
    expect(await promote({ revision: 2 })).toMatchObject({ lockVersion: 2 });
  });

  test("once: of two that promote at the same time one is refused", async () => {
    await keep({ name: "Better" });
    const all = await Promise.allSettled([promote(), promote()]);
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await now()).toMatchObject({ lockVersion: 2 });
  });
});

describe("what a promotion refuses", () => {
  const fields = (refused: Refusal) =>
    Object.keys(refused.details ?? {}).filter((key) => /^(workflow|triggers|jobs|edges)\./.test(key));

  async function refusedWith(of: Change | Partial<DraftGraph>, deps = pinning): Promise<string[]> {
    await keep(of);
    const refused = await promote({}, mine, deps).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(refused instanceof Refusal)) throw new Error("It was taken.");
    // It keeps the draft, and writes nothing.
    expect(await getDraftHead(mine, { workflowId })).toMatchObject({
      draft: { revision: 1 },
      workflow: { lockVersion: 1 },
    });
    return [refused.code, ...fields(refused)];
  }

  test("says which field of which item is unsound", async () => {
    const [edge, job, trigger] = [base.edges[0]?.id, firstJob(), base.triggers[0]?.id];
    expect(
      await refusedWith(({ edges, jobs, triggers }) => ({
        name: " ",
        edges: edges.map((one, n) => (n === 0 ? { ...one, targetJobId: randomUUID() } : one)),
        jobs: jobs.map((one, n) => (n === 0 ? { ...one, body: "" } : one)),
        triggers: triggers.map((one) => ({ ...one, type: "cron", cronExpression: "often" })),
      })),
    ).toEqual([
      "invalid",
      "workflow.name",
      `triggers.${trigger}.cronExpression`,
      `jobs.${job}.body`,
      `edges.${edge}.targetJobId`,
    ]);
  });

  test("names every job whose adaptor cannot be had", async () => {
    const jobs = base.jobs.map((job) => ({ ...job, adaptor: "@openfn/language-nothing@9.9.9" }));
    const nobody: ResolveAdaptor = async () => {
      throw new Refusal("invalid", "There is no such adaptor.");
    };
    const keys = base.jobs.map(({ id }) => `jobs.${id}.adaptor`);
    expect(await refusedWith({ jobs }, { resolveAdaptor: nobody })).toEqual(["invalid", ...keys]);
  });

  test("says that nobody could be asked for an adaptor where that is why", async () => {
    const jobs = base.jobs.map((job) => ({ ...job, adaptor: "@openfn/language-nothing@9.9.9" }));
    const away: ResolveAdaptor = async () => {
      throw new Refusal("unavailable", "The runner is away.");
    };
    expect((await refusedWith({ jobs }, { resolveAdaptor: away }))[0]).toBe("unavailable");
  });

  test("names the job and line of code that does not compile, where a trigger is on", async () => {
    expect(await refusedWith(withBody("fn(s => s);\nfn(("))).toEqual(["invalid", `jobs.${firstJob()}.body`]);
    const refused = await expectRefusal(promote(), "invalid");
    expect(refused.message).toMatch(/The code of A does not compile \(line 2/);
    expect(refused.details?.problems).toMatchObject([
      { itemId: firstJob(), line: 2, column: expect.any(Number) },
    ]);
  });

  test("takes such code where every trigger is off, and says what that means", async () => {
    await keep((graph) => ({ ...withBody("fn((")(graph), ...off(graph) }));
    const { notes } = await promote();
    expect(notes).toEqual([
      expect.stringMatching(/code of A does not compile \(line 1.*cannot be switched on/),
    ]);
  });

  test("says which job names what its adaptor does not export, where that is known", async () => {
    const adaptor = `@openfn/language-${randomUUID()}`;
    await database.query(
      `insert into adaptors (name, version, exports, artefact_hash) values ($1, '3.3.4', '["fn"]', 'x')`,
      [adaptor],
    );
    const body = `import { nothing } from "${adaptor}";\nfn(nothing);`;
    const jobs = base.jobs.map((job, n) => (n === 0 ? { ...job, body, adaptor } : job));
    expect(await refusedWith({ jobs })).toEqual(["invalid", `jobs.${firstJob()}.body`]);
  });

  test("names the job whose credential is not shared", async () => {
    const foreign = base.jobs.map((job, n) =>
      n === 0 ? { ...job, projectCredentialId: randomUUID() } : job,
    );
    expect(await refusedWith({ jobs: foreign })).toEqual([
      "invalid",
      `jobs.${firstJob()}.projectCredentialId`,
    ]);
  });

  test("names what another workflow has: its name, its path", async () => {
    const other = newWorkflow();
    const [trigger] = other.triggers;
    await saveWorkflow(
      mine,
      { ...other, triggers: [{ id: trigger?.id ?? "", type: "webhook", customPath: "visits" }] },
      pinning,
    );
    expect(await refusedWith({ name: other.name })).toEqual(["conflict", "workflow.name"]);
    await saveDraft(mine, {
      workflowId,
      revision: 1,
      baseVersion: 1,
      graph: changed(({ triggers }) => ({
        triggers: triggers.map((one) => ({ ...one, customPath: "visits" })),
      })),
    });
    const refused = await expectRefusal(promote({ revision: 2 }), "conflict");
    expect(fields(refused)).toEqual([`triggers.${base.triggers[0]?.id}.customPath`]);
  });

  test("an id that somebody else's item has, without saying whose", async () => {
    const stranger = await createTestUser();
    const elsewhere = contextFor(stranger, await createTestProject({ owner: stranger }));
    const known = newWorkflow();
    await saveWorkflow(elsewhere, known, pinning);
    const taken = {
      ...(base.jobs[0] as DraftGraph["jobs"][number]),
      id: known.jobs[0]?.id ?? "",
      name: "Taken",
    };
    await keep(({ jobs }) => ({ jobs: [...jobs, taken] }));
    expect((await expectRefusal(promote(), "conflict")).message).toBe(
      "An id in this workflow is taken. Give new items new ids.",
    );
    // Nor does a stranger promote what is not theirs.
    await expectRefusal(promote({}, elsewhere), "not_found");
    await expectRefusal(getDraftDifference(elsewhere, { workflowId }), "not_found");
  });
});

describe("who may not", () => {
  test("a viewer, a repository, whoever has no draft, and nobody once it is deleted or its project is going", async () => {
    await keep({ name: "Mine" });
    const viewer = contextFor(await addTestMember(project, "viewer"), project, "viewer");
    await expectRefusal(promote({}, viewer), "forbidden");
    await expectRefusal(promote({}, theirs), "not_found");
    await expectRefusal(getDraftDifference(theirs, { workflowId }), "not_found");
    const { id, name } = await createProjectToken(mine, { name: "repository", scopes: ["deploy"] });
    const repository: Context = {
      ...mine,
      role: "admin",
      actor: { type: "token", tokenId: id, label: name },
    };
    await expectRefusal(promote({}, repository), "forbidden");
    await expectRefusal(getDraftDifference(repository, { workflowId }), "forbidden");
    await expectRefusal(getDraftHead(repository, { workflowId }), "forbidden");
    const closing: Context = { ...mine, project: { ...mine.project, deletesAt: new Date() } };
    await expectRefusal(promote({}, closing), "conflict");
    await deleteWorkflow(mine, { id: workflowId });
    await expectRefusal(promote(), "not_found");
  });
});

test("promoting what something starts takes it out of the archive, and says so", async () => {
  await archiveWorkflow(mine, workflowId);
  await keep({ name: "Again" }, { baseVersion: 2 });
  expect(await promote({ lockVersion: 2 })).toMatchObject({
    notes: [expect.stringContaining("not archived")],
  });
  expect((await now()).archivedAt).toBeNull();
});

describe("the difference", () => {
  test("is what promoting would change of the present version", async () => {
    await keep((graph) => ({ name: "Better", ...withBody("fn(s => 2)")(graph) }));
    const found = await getDraftDifference(mine, { workflowId });
    expect(found).toMatchObject({ revision: 1, baseVersion: 1, lockVersion: 1, problems: [] });
    expect(found.difference.workflow).toEqual([{ field: "name", before: base.name, after: "Better" }]);
    expect(found.difference.jobs.map(({ id, fields, code }) => [id, fields, code?.added])).toEqual([
      [firstJob(), [], 1],
    ]);
  });

  test("comes with what is wrong, weighed by whether it keeps the draft from being saved", async () => {
    await keep((graph) => ({ name: "", ...withBody("fn(\n(")(graph) }));
    const weighed = async () =>
      (await getDraftDifference(mine, { workflowId })).problems.map(({ field, line, weight }) => [
        field,
        line,
        weight,
      ]);
    expect(await weighed()).toEqual([
      ["name", null, "refuses"],
      ["body", 2, "refuses"],
    ]);
    await keep((graph) => ({ ...withBody("fn(\n(")(graph), ...off(graph) }), { revision: 1 });
    expect(await weighed()).toEqual([["body", 2, "warns"]]);
    await keep(({ jobs }) => ({ jobs: jobs.map((job) => ({ ...job, adaptor: "http" })) }), { revision: 2 });
    expect((await weighed()).map(([field]) => field)).toEqual(["adaptor", "adaptor"]);
  });
});

describe("two people change the same workflow", () => {
  test("and both see it, and what both did is there in the end", async () => {
    const { jobs, edges } = base;
    const extra = { ...(jobs[0] as DraftGraph["jobs"][number]), id: randomUUID(), name: "Extra" };
    const edge = { ...(edges[1] as DraftGraph["edges"][number]), id: randomUUID(), targetJobId: extra.id };
    await keep(withBody("fn(s => 'Ada')"));
    await keep({ jobs: [...jobs, extra], edges: [...edges, edge] }, { ctx: theirs, note: "One more job" });
    expect((await getDraft(mine, { workflowId })).others.map(({ name }) => name)).toEqual(["Ben"]);
    expect((await getDraft(theirs, { workflowId })).others.map(({ name }) => name)).toEqual(["Ada"]);
    await promote({}, theirs);

    const refused = await expectRefusal(promote(), "conflict");
    expect(refused.details).toEqual({ lockVersion: 2 });
    const { draft, workflow } = await getDraft(mine, { workflowId });
    expect(workflow).toMatchObject({ lockVersion: 2, savedBy: theirs.actor.label, note: "One more job" });
    if (!draft) throw new Error("The draft is gone.");
    const merged = mergeDrafts(draft.base, draft.graph, toDraft((await now()).graph));
    expect(merged.collisions).toEqual([]);
    const { revision } = await saveDraft(mine, {
      workflowId,
      revision: 1,
      baseVersion: 2,
      graph: merged.graph,
    });
    await promote({ revision, lockVersion: 2 });

    const { graph } = await now();
    expect(graph.jobs.map(({ name, body }) => [name, body])).toEqual([
      ["A", "fn(s => 'Ada')"],
      ["B", "fn(s => s)"],
      ["Extra", "fn(s => s)"],
    ]);
    expect(graph.edges).toHaveLength(3);
  });
});
