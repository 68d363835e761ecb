import { beforeAll, expect, test } from "vitest";
import type { Database } from "@/db/client";
import type { DueNotice } from "@/lib/domain/notice/contents";
import { ownTestDatabase } from "@/lib/testing/database";
import { createTestUser, userContextFor } from "@/lib/testing/fixtures";
import { createCredential } from "./create";
import { credentialExpiryNotice } from "./notice";
import { tellOfCredentials } from "./tell";
import { updateCredential } from "./update";

let database: Database;
beforeAll(async () => {
  database = await ownTestDatabase();
});

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const isDue = (id: string, days: number) =>
  database.query("update credentials set expires_at = now() + make_interval(days => $2::int) where id = $1", [
    id,
    days,
  ]);
const noticesOf = (userId: string) =>
  database.query<{ key: string; data: Record<string, unknown> }>(
    "select key, data from notices where user_id = $1 and kind = 'credential_expiry' order by id",
    [userId],
  );
const contentFor = (userId: string, data: Record<string, unknown>) =>
  credentialExpiryNotice.contentOf(database.db, { userId, data } as DueNotice);

test("its owner is told 14 and 3 days before its end, and on the day, once each, and nobody else is", async () => {
  const user = await createTestUser();
  const ctx = userContextFor(user);
  const { id } = await createCredential(ctx, {
    name: "Registry",
    body: { key: "s3cret" },
    expiresAt: inDays(30),
  });
  await createCredential(userContextFor(await createTestUser()), { name: "Other", body: {} });
  expect(await tellOfCredentials(database)).toBe(0);
  for (const days of [14, 14, 10, 3, 1, 0, -1]) {
    await isDue(id, days);
    await tellOfCredentials(database);
    await tellOfCredentials(database);
  }
  const told = await noticesOf(user.id);
  const steps = told.map(({ key }) => Number(key.split(":")[3]));
  expect(steps.sort((a, b) => b - a)).toEqual([14, 14, 3, 3, 0, 0]);
  // Each day that the test moved its end to is another end; of one end each is told once.
  expect(new Set(told.map(({ key }) => key)).size).toBe(told.length);
  const content = await contentFor(user.id, told[0]?.data ?? {});
  expect(content?.subject).toContain("Registry");
  expect(JSON.stringify(content)).not.toContain("s3cret");
});

test("whose tokens are not renewed is told once, and nothing is said when that is over", async () => {
  const user = await createTestUser();
  const { id } = await createCredential(userContextFor(user), { name: "Sheets", body: { a: 1 } });
  const fails = (ago: string) =>
    database.query(
      "update credentials set renewal_failed_at = now() - $2::interval, renewal_problem = 'the token server answered 400 (invalid_grant)' where id = $1",
      [id, ago],
    );
  await fails("1 minute");
  expect(await tellOfCredentials(database)).toBe(0);
  await fails("1 hour");
  expect(await tellOfCredentials(database)).toBe(1);
  expect(await tellOfCredentials(database)).toBe(0);
  const [notice] = await noticesOf(user.id);
  expect((await contentFor(user.id, notice?.data ?? {}))?.lead).toContain("invalid_grant");
  expect(await contentFor((await createTestUser()).id, notice?.data ?? {})).toBeNull();
  await updateCredential(userContextFor(user), { credentialId: id, body: { a: 2 } });
  expect(await contentFor(user.id, notice?.data ?? {})).toBeNull();
});
