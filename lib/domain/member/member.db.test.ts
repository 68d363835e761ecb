import { and, eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { projectMembers } from "@/db/schema";
import { createCredential } from "@/lib/domain/credential/create";
import { listProjectCredentials } from "@/lib/domain/credential/list";
import { shareCredential } from "@/lib/domain/credential/share";
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
import type { Role } from "@/lib/words";
import { changeRole } from "./change-role";
import { findMembership } from "./find-role";
import { listMembers } from "./list";
import { leaveProject, removeMember } from "./remove";
import { transferProject } from "./transfer";

beforeAll(() => {
  testDatabase();
});

async function team() {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  const admin = await addTestMember(project, "admin");
  const editor = await addTestMember(project, "editor");
  const viewer = await addTestMember(project, "viewer");
  return { owner, project, admin, editor, viewer, asOwner: contextFor(owner, project) };
}

const roleIn = async (project: { id: string }, user: { id: string }): Promise<Role | undefined> =>
  (await findMembership(testDatabase().db, user.id, project.id))?.role;

const ownersOf = async (project: { id: string }) =>
  testDatabase()
    .db.select({ userId: projectMembers.userId })
    .from(projectMembers)
    .where(and(eq(projectMembers.projectId, project.id), eq(projectMembers.role, "owner")));

describe("listMembers", () => {
  it("shows this project's members only, in pages", async () => {
    const { owner, project, viewer } = await team();
    await team();
    const first = await listMembers(contextFor(viewer, project, "viewer"), { limit: 3 });
    const rest = await listMembers(contextFor(viewer, project, "viewer"), { cursor: first.nextCursor ?? "" });
    const all = [...first.items, ...rest.items];
    expect(all.map((m) => m.role).sort()).toEqual(["admin", "editor", "owner", "viewer"]);
    expect(all.find((m) => m.id === owner.id)).toMatchObject({ email: owner.email, role: "owner" });
  });
});

describe("changeRole", () => {
  it("changes it for the next request, audited with before and after", async () => {
    const { project, editor, admin } = await team();
    await changeRole(contextFor(admin, project, "admin"), { userId: editor.id, role: "viewer" });
    expect(await roleIn(project, editor)).toBe("viewer");
    const event = await expectAudit("member.change_role", editor.id);
    expect(event).toMatchObject({ before: { role: "editor" }, after: { role: "viewer" }, actorId: admin.id });
  });

  it("neither touches the owner nor makes one", async () => {
    const { project, owner, admin, editor } = await team();
    const ctx = contextFor(admin, project, "admin");
    await expectRefusal(changeRole(ctx, { userId: owner.id, role: "viewer" }), "forbidden");
    // @ts-expect-error the role is not given this way
    await expect(changeRole(ctx, { userId: editor.id, role: "owner" })).rejects.toThrow();
    expect(await ownersOf(project)).toEqual([{ userId: owner.id }]);
  });

  it.each(["editor", "viewer"] as const)("is not for a %s", async (role) => {
    const { project, owner, viewer } = await team();
    await expectRefusal(
      changeRole(contextFor(owner, project, role), { userId: viewer.id, role: "admin" }),
      "forbidden",
    );
  });

  it("does not know members of other projects", async () => {
    const [one, other] = [await team(), await team()];
    await expectRefusal(changeRole(one.asOwner, { userId: other.editor.id, role: "admin" }), "not_found");
    expect(await roleIn(other.project, other.editor)).toBe("editor");
  });
});

describe("removeMember", () => {
  it("takes the member and their shared credentials out of this project only", async () => {
    const { project, asOwner, editor } = await team();
    const elsewhere = await createTestProject({ owner: editor });
    const credential = await createCredential(userContextFor(editor), { name: "c", body: { a: 1 } });
    await shareCredential(contextFor(editor, project, "editor"), { credentialId: credential.id });
    await shareCredential(contextFor(editor, elsewhere), { credentialId: credential.id });
    await removeMember(asOwner, { userId: editor.id });
    expect(await roleIn(project, editor)).toBeUndefined();
    expect((await listProjectCredentials(asOwner)).items).toEqual([]);
    expect((await listProjectCredentials(contextFor(editor, elsewhere))).items).toHaveLength(1);
    await expectAudit("member.remove", editor.id);
  });

  it("never removes the owner, is not for editors, and knows no strangers", async () => {
    const { project, owner, admin, editor, asOwner } = await team();
    await expectRefusal(removeMember(contextFor(admin, project, "admin"), { userId: owner.id }), "forbidden");
    await expectRefusal(
      removeMember(contextFor(editor, project, "editor"), { userId: admin.id }),
      "forbidden",
    );
    const stranger = await createTestUser();
    await expectRefusal(removeMember(asOwner, { userId: stranger.id }), "not_found");
  });
});

describe("leaveProject", () => {
  it.each(["admin", "editor", "viewer"] as const)("lets a %s go, audited", async (role) => {
    const { project, ...people } = await team();
    await leaveProject(contextFor(people[role], project, role));
    expect(await roleIn(project, people[role])).toBeUndefined();
    await expectAudit("member.leave", people[role].id);
  });

  it("keeps the owner", async () => {
    const { asOwner, project, owner } = await team();
    await expectRefusal(leaveProject(asOwner), "forbidden");
    expect(await roleIn(project, owner)).toBe("owner");
  });

  it("keeps an admin whom the project was handed to meanwhile", async () => {
    const { asOwner, project, admin } = await team();
    await transferProject(asOwner, { userId: admin.id });
    await expectRefusal(leaveProject(contextFor(admin, project, "admin")), "forbidden");
  });
});

describe("transferProject", () => {
  it("makes the other the owner and the old one an admin, in one step, audited", async () => {
    const { project, owner, editor, asOwner } = await team();
    await transferProject(asOwner, { userId: editor.id });
    expect(await roleIn(project, editor)).toBe("owner");
    expect(await roleIn(project, owner)).toBe("admin");
    expect(await expectAudit("project.transfer", project.id)).toMatchObject({
      before: { ownerId: owner.id },
      after: { ownerId: editor.id },
    });
  });

  it("leaves exactly one owner, whatever happens at once", async () => {
    const { project, admin, editor, viewer, asOwner } = await team();
    const asAdmin = contextFor(admin, project, "admin");
    const results = await Promise.allSettled([
      transferProject(asOwner, { userId: admin.id }),
      transferProject(asOwner, { userId: editor.id }),
      transferProject(asOwner, { userId: viewer.id }),
      removeMember(asAdmin, { userId: editor.id }),
      changeRole(asAdmin, { userId: viewer.id, role: "editor" }),
      leaveProject(contextFor(viewer, project, "viewer")),
    ]);
    expect(results.slice(0, 3).filter((r) => r.status === "fulfilled").length).toBeLessThanOrEqual(1);
    expect(await ownersOf(project)).toHaveLength(1);
  });

  it("is for the owner alone, and to collaborators only", async () => {
    const { project, admin, asOwner } = await team();
    const stranger = await createTestUser();
    await expectRefusal(
      transferProject(contextFor(admin, project, "admin"), { userId: admin.id }),
      "forbidden",
    );
    await expectRefusal(transferProject(asOwner, { userId: stranger.id }), "not_found");
    await transferProject(asOwner, { userId: admin.id });
    await expectRefusal(transferProject(asOwner, { userId: admin.id }), "forbidden");
  });
});
