import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { removeMember } from "@/lib/domain/member/remove";
import { createProjectToken } from "@/lib/domain/project-token/create";
import { deleteWorkflow } from "@/lib/domain/workflow/delete";
import { pauseWorkflow, resumeWorkflow } from "@/lib/domain/workflow/pause";
import { restoreVersion } from "@/lib/domain/workflow/restore";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { draft as newWorkflow } from "@/lib/domain/workflow/testing";
import { type DraftGraph, toDraft } from "@/lib/editor/graph";
import { ExactNumber, stringifyExact } from "@/lib/exact-json";
import type { Announcement } from "@/lib/queue/announce";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
  type TestProject,
  type TestUser,
} from "@/lib/testing/fixtures";
import { discardDraft } from "./discard";
import { getDraft } from "./get";
import { saveDraft } from "./save";

const database = testDatabase();
const deps = { resolveAdaptor: async () => ({ version: "3.3.4" }) };
let owner: TestUser;
let editor: TestUser;
let project: TestProject;
let mine: Context;
let theirs: Context;
let workflowId: string;
let base: DraftGraph;

beforeEach(async () => {
  owner = await createTestUser({ name: "Ada" });
  project = await createTestProject({ owner });
  editor = await addTestMember(project, "editor", await createTestUser({ name: "Ben" }));
  mine = contextFor(owner, project);
  theirs = contextFor(editor, project, "editor");
  const saved = await saveWorkflow(mine, newWorkflow(), deps);
  workflowId = saved.id;
  base = toDraft(saved.graph);
});

const keep = (ctx: Context, revision: number | null, of: Partial<DraftGraph> = {}, note?: string) =>
  saveDraft(ctx, {
    workflowId,
    revision,
    baseVersion: 1,
    graph: { ...base, ...of },
    ...(note === undefined ? {} : { note }),
  });
const graphOf = async (ctx: Context) => (await getDraft(ctx, { workflowId })).draft?.graph;

describe("a draft", () => {
  test("is kept with the version that it changes, and changes nothing of the workflow", async () => {
    const before = await getDraft(mine, { workflowId });
    expect(before).toMatchObject({
      draft: null,
      others: [],
      workflow: { lockVersion: 1, savedBy: owner.email },
    });
    const saved = await keep(mine, null, { name: "Better" }, "A better name");
    expect(saved).toMatchObject({ revision: 1, baseVersion: 1 });
    const { draft, workflow } = await getDraft(mine, { workflowId });
    expect(draft).toMatchObject({
      id: saved.id,
      graph: { ...base, name: "Better" },
      base,
      note: "A better name",
    });
    expect(workflow).toEqual(before.workflow);
    expect(await database.query("select name from workflows where id = $1", [workflowId])).not.toEqual([
      { name: "Better" },
    ]);
  });

  test("need not be sound, and keeps every digit of its filters", async () => {
    const filter = {
      id: randomUUID(),
      type: "message_filter" as const,
      inclusion: { n: new ExactNumber("1.10000000000000000001") },
    };
    const nowhere = { ...base.edges[0], id: randomUUID(), sourceTriggerId: null, targetJobId: randomUUID() };
    await keep(mine, null, {
      name: "",
      triggers: [{ ...base.triggers[0], ...filter } as DraftGraph["triggers"][number]],
      edges: [nowhere as DraftGraph["edges"][number]],
    });
    const kept = await graphOf(mine);
    expect(kept).toMatchObject({ name: "", edges: [nowhere] });
    expect(stringifyExact(kept?.triggers[0]?.inclusion)).toBe('{"n":1.10000000000000000001}');
  });

  test("is saved over the one that was seen, and over no other: nothing of another window is lost", async () => {
    await keep(mine, null, { name: "One" });
    expect(await keep(mine, 1, { name: "Two" })).toMatchObject({ revision: 2 });
    for (const revision of [null, 1, 3]) {
      const refused = await expectRefusal(keep(mine, revision, { name: "Lost" }), "conflict");
      expect(refused.details).toEqual({ revision: 2 });
    }
    expect(await graphOf(mine)).toMatchObject({ name: "Two" });
    await discardDraft(mine, { workflowId });
    expect((await expectRefusal(keep(mine, 2), "conflict")).details).toEqual({ revision: null });
  });

  test("of several windows that save at once exactly one is taken", async () => {
    const made = await Promise.allSettled([1, 2, 3].map((n) => keep(mine, null, { name: `window ${n}` })));
    expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const changed = await Promise.allSettled([1, 2, 3].map((n) => keep(mine, 1, { name: `again ${n}` })));
    expect(changed.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("keeps its note when a save does not name one", async () => {
    await keep(mine, null, {}, "Why");
    await keep(mine, 1, { name: "Two" });
    expect((await getDraft(mine, { workflowId })).draft?.note).toBe("Why");
    await keep(mine, 2, {}, "  ");
    expect((await getDraft(mine, { workflowId })).draft?.note).toBeNull();
  });

  test("is saved without a line of the record, and discarded with one", async () => {
    await keep(mine, null);
    await keep(mine, 1, { name: "Two" });
    const said = () =>
      database.query("select event from audit_events where project_id = $1 and event like 'draft.%'", [
        project.id,
      ]);
    expect(await said()).toEqual([]);
    await discardDraft(mine, { workflowId });
    expect(await expectAudit("draft.discard", workflowId)).toMatchObject({
      before: { baseVersion: 1, revision: 2 },
    });
    await expectRefusal(discardDraft(mine, { workflowId }), "not_found");
  });

  test("may begin with an older version, and with none that is not there", async () => {
    await saveWorkflow(mine, { ...base, name: "Version 2", id: workflowId, lockVersion: 1 }, deps);
    await keep(mine, null);
    const { draft, workflow } = await getDraft(mine, { workflowId });
    expect([draft?.baseVersion, workflow.lockVersion, draft?.base.name]).toEqual([1, 2, base.name]);
    await expectRefusal(saveDraft(mine, { workflowId, revision: 1, baseVersion: 3, graph: base }), "invalid");
  });
});

describe("it is one person's", () => {
  test("others have their own, and see of it whose it is and when it was saved", async () => {
    await keep(mine, null, { name: "Ada's" });
    await keep(theirs, null, { name: "Ben's" });
    expect(await graphOf(mine)).toMatchObject({ name: "Ada's" });
    const seen = await getDraft(theirs, { workflowId });
    expect(seen.draft?.graph).toMatchObject({ name: "Ben's" });
    expect(seen.others).toEqual([{ name: "Ada", updatedAt: expect.any(String) }]);
    await discardDraft(theirs, { workflowId });
    expect(await graphOf(mine)).toMatchObject({ name: "Ada's" });
  });

  test("a viewer makes none, and whoever leaves the project loses theirs", async () => {
    const viewer = contextFor(await addTestMember(project, "viewer"), project, "viewer");
    await expectRefusal(keep(viewer, null), "forbidden");
    expect(await getDraft(viewer, { workflowId })).toMatchObject({ draft: null });
    await keep(theirs, null);
    await removeMember(mine, { userId: editor.id });
    expect(await database.query("select 1 from drafts where user_id = $1", [editor.id])).toEqual([]);
    expect((await getDraft(mine, { workflowId })).others).toEqual([]);
  });

  test("a repository's token has none: nobody stands behind it", async () => {
    const { id, name } = await createProjectToken(mine, { name: "repository", scopes: ["read", "deploy"] });
    const repository: Context = {
      ...mine,
      role: "admin",
      actor: { type: "token", tokenId: id, label: name },
    };
    await expectRefusal(getDraft(repository, { workflowId }), "forbidden");
    await expectRefusal(keep(repository, null), "forbidden");
    await expectRefusal(discardDraft(repository, { workflowId }), "forbidden");
  });

  test("somebody of another project finds nothing, whatever ids they know", async () => {
    await keep(mine, null);
    const stranger = await createTestUser();
    const elsewhere = contextFor(stranger, await createTestProject({ owner: stranger }));
    for (const work of [
      () => getDraft(elsewhere, { workflowId }),
      () => keep(elsewhere, null),
      () => keep(elsewhere, 1),
      () => discardDraft(elsewhere, { workflowId }),
    ])
      await expectRefusal(work(), "not_found");
    expect(await getDraft(mine, { workflowId })).toMatchObject({ draft: { revision: 1 } });
  });
});

describe("where its workflow is not to be changed", () => {
  test("in a project that is being deleted it can be looked at, and nothing else", async () => {
    await keep(mine, null);
    const closing: Context = { ...mine, project: { ...mine.project, deletesAt: new Date() } };
    expect(await getDraft(closing, { workflowId })).toMatchObject({ draft: { revision: 1 } });
    await expectRefusal(keep(closing, 1), "conflict");
    await expectRefusal(discardDraft(closing, { workflowId }), "conflict");
  });

  test("of a deleted workflow it is not found, and it comes back with it", async () => {
    await keep(mine, null, { name: "Mine" });
    await deleteWorkflow(mine, { id: workflowId });
    await expectRefusal(getDraft(mine, { workflowId }), "not_found");
    await expectRefusal(keep(mine, 1), "not_found");
    await database.query("update workflows set deleted_at = null where id = $1", [workflowId]);
    expect(await graphOf(mine)).toMatchObject({ name: "Mine" });
  });
});

describe("pages are told", () => {
  const heard: Announcement[] = [];
  const telling = (ctx: Context): Context => ({ ...ctx, announce: (one) => void heard.push(one) });
  beforeEach(() => void heard.splice(0));

  test("everybody that there is a draft and that there is none, and its person alone of each save", async () => {
    const ctx = telling(mine);
    await keep(ctx, null);
    await keep(ctx, 1, { name: "Two" });
    await discardDraft(ctx, { workflowId });
    const everybody = { projectId: project.id, workflows: [workflowId] };
    expect(heard).toEqual([
      everybody,
      { projectId: project.id, drafts: { userId: owner.id, workflows: [workflowId] } },
      everybody,
    ]);
  });

  test("of a version, a pause and a deletion of the workflow, by its id and nothing more", async () => {
    const ctx = telling(mine);
    await saveWorkflow(ctx, { ...base, name: "Version 2", id: workflowId, lockVersion: 1 }, deps);
    await pauseWorkflow(ctx, workflowId);
    await resumeWorkflow(ctx, workflowId);
    await deleteWorkflow(ctx, { id: workflowId });
    await restoreVersion(ctx, { id: workflowId, version: 1, lockVersion: 2 });
    const hints = heard.filter(({ workflows }) => workflows);
    expect(hints).toEqual(
      Array.from({ length: 5 }, () => ({ projectId: project.id, workflows: [workflowId] })),
    );
  });
});
