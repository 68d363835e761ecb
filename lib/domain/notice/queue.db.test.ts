import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import type { Database } from "@/db/client";
import { queryOf } from "@/db/rows";
import { ownTestDatabase } from "@/lib/testing/database";
import { createTestProject, createTestUser, type TestUser } from "@/lib/testing/fixtures";
import { type NewNotice, queueNotices } from "./queue";

let database: Database;
beforeAll(async () => {
  database = await ownTestDatabase();
});

const told = (projectId: string | null, user: TestUser, more: Partial<NewNotice> = {}): NewNotice => ({
  kind: "issue",
  key: `issue:${randomUUID()}:new`,
  projectId,
  to: { userId: user.id },
  data: { issueId: "x" },
  notBefore: null,
  ...more,
});
const rowsOf = (projectId: string) =>
  database.query<{ user_id: string; lane: string; due: boolean; data: unknown }>(
    "select user_id, lane, next_at <= now() as due, data from notices where project_id = $1 order by id",
    [projectId],
  );
const asked = async () =>
  (await database.query("select 1 from outbox where event = 'notices/requested'")).length;

test("the same is told once to each, whoever queues it at the same time, in a transaction or without", async () => {
  const [ada, ben] = [await createTestUser(), await createTestUser()];
  const project = await createTestProject({ owner: ada });
  const one = told(project.id, ada);
  const both = [one, { ...one, to: { userId: ben.id } }];
  const counts = await Promise.all([
    queueNotices(database, both),
    queueNotices(database, both.toReversed()),
    database.transaction((sql) => queueNotices(sql, both)),
    database.db.transaction((tx) => queueNotices({ query: queryOf(tx) }, both)),
  ]);
  expect(counts.reduce((sum, n) => sum + n)).toBe(2);
  expect(new Set((await rowsOf(project.id)).map((row) => row.user_id))).toEqual(new Set([ada.id, ben.id]));
  expect(await rowsOf(project.id)).toMatchObject([
    { lane: project.id, due: true },
    { lane: project.id, data: { issueId: "x" } },
  ]);
});

test("what is due is asked for at once, and what waits is not", async () => {
  const ada = await createTestUser();
  const project = await createTestProject({ owner: ada });
  await database.query("delete from outbox where event = 'notices/requested'");
  const before = await asked();
  await queueNotices(database, [
    told(project.id, ada, { notBefore: new Date(Date.now() + 3_600_000) }),
    told(null, ada, { kind: "credential_expiry", notBefore: new Date(Date.now() + 3_600_000) }),
  ]);
  expect(await asked()).toBe(before);
  expect(await rowsOf(project.id)).toMatchObject([{ due: false }]);
  await queueNotices(database, [told(project.id, ada)]);
  expect(await asked()).toBe(before + 1);
  for (let n = 0; n < 3; n++) await queueNotices(database, [told(project.id, ada)]);
  expect(await asked()).toBe(before + 1);
});

test("nobody is told of or through what is on its way out, and no project through another's channel", async () => {
  const [ada, leaving] = [await createTestUser(), await createTestUser()];
  const project = await createTestProject({ owner: ada });
  const closing = await createTestProject({ owner: ada });
  const channel = async (projectId: string) =>
    (
      await database.query<{ id: string }>(
        "insert into notice_channels (project_id, name, type, target, host) values ($1, 'Ours', 'slack', 'x', 'example.org') returning id",
        [projectId],
      )
    )[0]?.id ?? "";
  const [mine, theirs] = [await channel(project.id), await channel(closing.id)];
  await database.query(
    "update projects set deletion_scheduled_at = now(), deletes_at = now() where id = $1",
    [closing.id],
  );
  await database.query("update users set deletion_scheduled_at = now(), deletes_at = now() where id = $1", [
    leaving.id,
  ]);
  const count = await queueNotices(database, [
    told(closing.id, ada),
    told(project.id, leaving),
    told(randomUUID(), ada),
    told(project.id, { ...ada, id: randomUUID() }),
    told(project.id, ada, { to: { channelId: theirs } }),
    told(null, ada, { to: { channelId: mine } }),
    told(project.id, ada, { to: { channelId: mine } }),
  ]);
  expect(count).toBe(1);
  expect(await rowsOf(project.id)).toMatchObject([{ lane: mine, user_id: null }]);
});
