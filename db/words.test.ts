import { getTableColumns, isTable } from "drizzle-orm";
import { getTableConfig, type PgTable } from "drizzle-orm/pg-core";
import { expect, test } from "vitest";
import * as schema from "./schema";

const tables = Object.values(schema).filter((value) => isTable(value)) as PgTable[];

test("every column with a list of words has the check that refuses any other", () => {
  const columns = tables.flatMap((table) => {
    const { name, checks } = getTableConfig(table);
    const checked = new Set(checks.map((check) => check.name));
    return Object.values(getTableColumns(table))
      .filter((column) => column.enumValues?.length)
      .map((column) => ({
        column: `${name}.${column.name}`,
        isChecked: checked.has(`${name}_${column.name}_word`),
      }));
  });
  expect(columns.length).toBeGreaterThan(15);
  expect(columns.filter((one) => !one.isChecked)).toEqual([]);
});
