import { randomUUID } from "node:crypto";
import { and, eq, inArray } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { mails, projectMembers } from "@/db/schema";
import { findMembership } from "@/lib/domain/member/find-role";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
  userContextFor,
} from "@/lib/testing/fixtures";
import { createProject } from "./create";
import { deleteProject } from "./delete";
import { getProject } from "./get";
import { listProjects } from "./list";
import { restoreProject } from "./restore";
import { rotateInbox } from "./rotate-inbox";
import { updateProject } from "./update";

beforeAll(() => {
  testDatabase();
});

async function owned() {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  return { owner, project, ctx: contextFor(owner, project) };
}

describe("createProject", () => {
  it("makes its creator the one owner, audited", async () => {
    const user = await createTestUser();
    const project = await createProject(userContextFor(user), {
      name: "patient-referrals",
      description: "Visits",
    });
    expect(await findMembership(testDatabase().db, user.id, project.id)).toMatchObject({ role: "owner" });
    const event = await expectAudit("project.create", project.id);
    expect(event).toMatchObject({
      projectId: project.id,
      actorId: user.id,
      after: { name: "patient-referrals" },
    });
  });

  it("suggests a name where the given one is not allowed", async () => {
    const user = await createTestUser();
    await expect(createProject(userContextFor(user), { name: "Kobo → Sheets" })).rejects.toThrow(
      /kobo-sheets/,
    );
  });

  it("refuses an id that is taken, whoever owns it, and tokens of other projects", async () => {
    const { project } = await owned();
    const stranger = userContextFor(await createTestUser());
    await expectRefusal(createProject(stranger, { name: "mine", id: project.id }), "conflict");
    await expectRefusal(createProject({ ...stranger, boundTo: [project.id] }, { name: "mine" }), "forbidden");
  });
});

describe("updateProject", () => {
  it("changes what is named and audits only what changed", async () => {
    const { ctx, project } = await owned();
    await updateProject(ctx, {
      name: project.name,
      inboxEnabled: false,
      concurrency: 3,
      egressAllow: ["api.example.org", "10.0.0.5:8080"],
    });
    expect(await getProject(ctx)).toMatchObject({
      name: project.name,
      inboxEnabled: false,
      concurrency: 3,
      maxBodyBytes: null,
      egressAllow: ["api.example.org", "10.0.0.5:8080"],
    });
    const event = await expectAudit("project.update", project.id);
    expect(event.before).toEqual({ inboxEnabled: true, concurrency: null, egressAllow: null });
    await updateProject(ctx, { concurrency: 3 });
    await expectAudit("project.update", project.id);
  });

  it("never overwrites silently: the second of two saves from the same version is a conflict", async () => {
    const { ctx } = await owned();
    const { updatedAt } = await getProject(ctx);
    const saved = await updateProject(ctx, { description: "one", basedOn: updatedAt });
    await expectRefusal(updateProject(ctx, { description: "two", basedOn: updatedAt }), "conflict");
    await updateProject(ctx, { description: "three", basedOn: saved.updatedAt });
    expect(await getProject(ctx)).toMatchObject({ description: "three" });
  });

  it.each([
    [{ egressAllow: ["https://api.example.org/x"] }, /without https/],
    [{ maxBodyBytes: 2_000_000_000 }, /at most/],
    [{ concurrency: 0 }, /./],
    [{ name: "Not Allowed" }, /not-allowed/],
  ])("refuses %j", async (input, sentence) => {
    const { ctx } = await owned();
    await expect(updateProject(ctx, input)).rejects.toThrow(sentence);
  });

  it.each(["editor", "viewer"] as const)("is not for a %s, nor is a new inbox URL", async (role) => {
    const { owner, project } = await owned();
    const ctx = contextFor(owner, project, role);
    await expectRefusal(updateProject(ctx, { name: "x" }), "forbidden");
    await expectRefusal(rotateInbox(ctx), "forbidden");
  });
});

it("a delivery rule that says the same changes nothing, whatever the order of its keys", async () => {
  const { project, ctx } = await owned();
  const saved = await updateProject(ctx, { deliveryId: { header: "x-id", path: "data.id", hours: 48 } });
  const again = await updateProject(ctx, { deliveryId: { hours: 48, path: "data.id", header: "X-Id" } });
  expect(again).toEqual(saved);
  await expectAudit("project.update", project.id);
});

it("rotateInbox replaces the id in the URL, audited", async () => {
  const { ctx, project } = await owned();
  const { inboxId } = await rotateInbox(ctx);
  expect(inboxId).not.toBe(project.inboxId);
  expect(await getProject(ctx)).toMatchObject({ inboxId });
  await expectAudit("project.rotate_inbox", project.id);
});

describe("deleteProject", () => {
  it("wants the name repeated, and closes the project for seven days, audited and mailed", async () => {
    const { ctx, project, owner } = await owned();
    const admin = await addTestMember(project, "admin");
    const editor = await addTestMember(project, "editor");
    await expectRefusal(deleteProject(ctx, { confirmName: "something-else" }), "invalid");
    const { deletesAt } = await deleteProject(ctx, { confirmName: project.name });
    const days = (new Date(deletesAt).getTime() - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(7);
    expect(await getProject(ctx)).toMatchObject({ deletesAt });
    await expectAudit("project.delete", project.id);
    await expectRefusal(deleteProject(ctx, { confirmName: project.name }), "conflict");
    const sent = await testDatabase()
      .db.select({ to: mails.to, text: mails.text })
      .from(mails)
      .where(inArray(mails.to, [owner.email, admin.email, editor.email]));
    expect(sent.map(({ to }) => to).sort()).toEqual([owner.email, admin.email].sort());
    expect(sent[0]?.text).toContain(project.name);
    expect(sent[0]?.text).not.toContain(project.id);
  });

  it("is undone by the owner alone, and only while its time is not over", async () => {
    const { ctx, owner, project } = await owned();
    await expectRefusal(restoreProject(ctx), "conflict");
    await deleteProject(ctx, { confirmName: project.name });
    await expectRefusal(restoreProject(contextFor(owner, project, "admin")), "forbidden");
    await restoreProject(ctx);
    expect(await getProject(ctx)).toMatchObject({ deletesAt: null, deletionScheduledAt: null });
    await expectAudit("project.restore", project.id);
    await deleteProject(ctx, { confirmName: project.name }, { atOnce: true });
    await expectRefusal(restoreProject(ctx), "conflict");
  });

  it("is for the owner alone", async () => {
    const { owner, project } = await owned();
    const admin = contextFor(owner, project, "admin");
    await expectRefusal(deleteProject(admin, { confirmName: project.name }), "forbidden");
  });
});

describe("listProjects", () => {
  it("shows the caller's projects with role and counts, by name, in pages, and no stranger's", async () => {
    const user = await createTestUser();
    const tag = randomUUID().slice(0, 8);
    for (const name of ["c", "a", "b"]) await createTestProject({ owner: user, name: `${tag}-${name}` });
    const { project: foreign } = await owned();
    await addTestMember(foreign, "viewer", user);
    await createTestProject();
    const first = await listProjects(userContextFor(user), { limit: 2 });
    const second = await listProjects(userContextFor(user), { limit: 2, cursor: first.nextCursor ?? "" });
    const all = [...first.items, ...second.items];
    expect(all.map((p) => p.name)).toEqual([`${tag}-a`, `${tag}-b`, `${tag}-c`, foreign.name].sort());
    expect(second.nextCursor).toBeNull();
    expect(all.find((p) => p.id === foreign.id)).toMatchObject({ role: "viewer", members: 2, workflows: 0 });
    const found = await listProjects(userContextFor(user), { search: `${tag}-B` });
    expect(found.items.map((p) => p.name)).toEqual([`${tag}-b`]);
  });
});

it("the database itself allows one owner a project", async () => {
  const { project } = await owned();
  const other = await createTestUser();
  const { db } = testDatabase();
  await expect(
    db.insert(projectMembers).values({ projectId: project.id, userId: other.id, role: "owner" }),
  ).rejects.toThrow();
  const owners = await db
    .select()
    .from(projectMembers)
    .where(and(eq(projectMembers.projectId, project.id), eq(projectMembers.role, "owner")));
  expect(owners).toHaveLength(1);
});
