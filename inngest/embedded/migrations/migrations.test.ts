import fs from "node:fs";
import { expect, it } from "vitest";
import { migration, migrations } from ".";
import { newestMigration } from "./newest";

/** Files that a release has brought to databases. They never change again. */
const released: Record<string, string> = {
  "0000_history": "57ba027e7a559b70610bc2628f8e4b80ed004d70aaaf644d359dd58856429385",
  "0001_tables": "604b41007b4ced62e49a0c68792b59c535e665256bafa4db17ef513f4c02e747",
  "0002_functions": "a87e4d27d88eca1f89ac0078390d32828000a6968e69de6bcbda9ec326b3cc41",
  "0003_releases": "82e98bf7680a98fcfda076cd5e617095d4c02f61faf20d2820bd70ca769bf623",
  "0004_plans": "1385c043cc8a7eda2edd9a83465e2ffca7d2f025dfb92c9323e365c927322918",
  "0005_lane": "0cb2b816f65b22fa611d733c49a2900ad2bb568adc9417ebfff23cd707fca801",
  "0006_claim-order": "cd4dee153c9561624187faf53d05a9f36171728f6c9787e6456d97577d0d221a",
};

it("a released migration is never changed", () => {
  for (const [name, sha256] of Object.entries(released))
    expect(
      migrations.find((one) => one.name === name)?.sha256,
      `${name}.sql was released: restore it, and add a file with a new number for what changes`,
    ).toBe(sha256);
});

it("every file is known, numbered without a gap, and noted as released", () => {
  const files = fs.readdirSync(import.meta.dirname).filter((file) => file.endsWith(".sql"));
  expect(migrations.map((one) => `${one.name}.sql`)).toEqual(files.sort());
  expect(migrations.map((one) => one.number)).toEqual(migrations.map((_, i) => i));
  expect(newestMigration).toBe(migrations.at(-1)?.number);
  expect(Object.keys(released)).toEqual(migrations.map((one) => one.name));
});

it("what breaks older engines says why in its first line", () => {
  expect(migration("0007_x", "-- breaking: the queue has another key\nselect 1;").isBreaking).toBe(true);
  expect(migration("0007_x", "-- breaking:\nselect 1;").isBreaking).toBe(false);
  expect(migration("0007_x", "select 1; -- breaking: no").isBreaking).toBe(false);
});

it("names no schema but the one that is filled in", () => {
  for (const { sql, name } of migrations) expect(sql, name).not.toMatch(/\b(durable|public)\./);
});
