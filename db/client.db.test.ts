import { expect, test } from "vitest";
import { testDatabase } from "@/lib/testing/database";

test("ids made one after the other sort in that order", async () => {
  const ids: string[] = [];
  for (let i = 0; i < 20; i++)
    ids.push(
      ...(await testDatabase().query<{ id: string }>("select uuid_v7() as id, pg_sleep(0.002)")).map(
        (r) => r.id,
      ),
    );
  expect([...ids].sort()).toEqual(ids);
});

test("a transaction that throws leaves nothing", async () => {
  const { transaction, query } = testDatabase();
  await expect(
    transaction(async (sql) => {
      await sql.query("insert into mails (\"to\", subject, text) values ('rollback@example.org', 's', 't')");
      throw new Error("no");
    }),
  ).rejects.toThrow("no");
  expect(await query("select 1 from mails where \"to\" = 'rollback@example.org'")).toEqual([]);
});
