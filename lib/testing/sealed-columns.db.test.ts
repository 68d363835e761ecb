import { beforeAll, expect, test } from "vitest";
import type { Database } from "@/db/client";
import { sealedColumns } from "@/lib/domain/credential/rotate-key";
import { createWorld } from "@/lib/testing/api/world";
import { ownTestDatabase } from "@/lib/testing/database";

let database: Database;
beforeAll(async () => {
  database = await ownTestDatabase();
});

/** Every column of text of the product's tables. */
const textColumns = () =>
  database.query<{ table: string; column: string }>(
    `select table_name as "table", column_name as "column" from information_schema.columns
     where table_schema = 'public' and data_type = 'text' order by 1, 2`,
  );

test("every column that holds an envelope is sealed again when the key is changed", async () => {
  await createWorld();
  const found: string[] = [];
  for (const { table, column } of await textColumns()) {
    const [row] = await database.query<{ n: number }>(
      `select count(*)::int as n from "${table}" where "${column}" ~ '^v1:[\\w-]+:[\\w-]{16}:[\\w-]{22}:[\\w-]*$'`,
    );
    if (row && row.n > 0) found.push(`${table}.${column}`);
  }
  expect(found).toContain("credentials.body");
  expect(found.filter((column) => !sealedColumns.includes(column))).toEqual([]);
});
