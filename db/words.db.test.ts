import { expect, test } from "vitest";
import { testDatabase } from "@/lib/testing/database";

test("the database refuses a word that the code does not know", async () => {
  const write = (event: string) =>
    testDatabase().transaction(async (sql) => {
      await sql.query("insert into outbox (event, data) values ($1, '{}')", [event]);
      throw new Error("taken back");
    });
  await expect(write("run/requested")).rejects.toThrow("taken back");
  await expect(write("run/reqeusted")).rejects.toThrow(/outbox_event_word/);
});
