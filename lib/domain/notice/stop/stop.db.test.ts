import { randomUUID } from "node:crypto";
import { beforeAll, expect, it } from "vitest";
import type { Database } from "@/db/client";
import { queueNotices } from "@/lib/domain/notice/queue";
import { recipients } from "@/lib/domain/notice/rules/recipients";
import { testDatabase } from "@/lib/testing/database";
import { addTestMember, createTestProject, createTestUser, expectRefusal } from "@/lib/testing/fixtures";
import { shownByLink, startByLink, stopByLink } from "./answer";
import { stopToken } from "./token";

let database: Database;
beforeAll(() => {
  database = testDatabase();
});

it("a link stops its reader's notices of its project alone, those that wait too, and begins them again", async () => {
  const { db } = database;
  const owner = await createTestUser();
  const [project, other] = [await createTestProject({ owner }), await createTestProject({ owner })];
  const admin = await addTestMember(project, "admin");
  const waiting = (projectId: string, userId: string) => ({
    kind: "issue" as const,
    key: randomUUID(),
    projectId,
    to: { userId },
    data: {},
    notBefore: new Date(Date.now() + 3_600_000),
  });
  await queueNotices(database, [
    waiting(project.id, owner.id),
    waiting(project.id, admin.id),
    waiting(other.id, owner.id),
  ]);
  const token = stopToken({ userId: owner.id, projectId: project.id, kind: "at_once" });
  const told = async (projectId: string) => {
    const found = await recipients(database, {
      projectId,
      workflowId: randomUUID(),
      status: "failed",
      now: new Date(),
    });
    return found.flatMap((one) => ("userId" in one ? one.userId : [])).sort();
  };
  expect(await shownByLink(db, token)).toEqual({ project: project.name, kind: "at_once", isStopped: false });
  expect(await told(project.id)).toEqual([owner.id, admin.id].sort());
  for (let twice = 0; twice < 2; twice++)
    expect(await stopByLink(db, token)).toMatchObject({ isStopped: true });
  expect(await told(project.id)).toEqual([admin.id]);
  expect(await told(other.id)).toEqual([owner.id]);
  const states = await database.query(
    "select project_id, user_id from notices where state = 'stopped' and project_id = any($1::uuid[])",
    [[project.id, other.id]],
  );
  expect(states).toEqual([{ project_id: project.id, user_id: owner.id }]);
  expect(await startByLink(db, token)).toMatchObject({ isStopped: false });
  expect(await told(project.id)).toEqual([owner.id, admin.id].sort());
});

it("a link that is none, or whose reader has left, does nothing", async () => {
  const { db } = database;
  const project = await createTestProject();
  const admin = await addTestMember(project, "admin");
  const token = stopToken({ userId: admin.id, projectId: project.id, kind: "digest" });
  await database.query("delete from project_members where user_id = $1", [admin.id]);
  for (const none of [
    token,
    "nonsense",
    stopToken({ userId: randomUUID(), projectId: project.id, kind: "digest" }),
  ]) {
    expect(await shownByLink(db, none)).toBeNull();
    await expectRefusal(stopByLink(db, none), "not_found");
    await expectRefusal(startByLink(db, none), "not_found");
  }
});
