import { createHash } from "node:crypto";
import history from "./0000_history.sql";
import tables from "./0001_tables.sql";
import functions from "./0002_functions.sql";
import releases from "./0003_releases.sql";
import plans from "./0004_plans.sql";
import lane from "./0005_lane.sql";
import claimOrder from "./0006_claim-order.sql";

export type Migration = { number: number; name: string; sha256: string; isBreaking: boolean; sql: string };

/** A migration from its file: the name begins with the number, a first line `-- breaking: why` marks it. */
export const migration = (name: string, sql: string): Migration => ({
  number: Number.parseInt(name, 10),
  name,
  sha256: createHash("sha256").update(sql).digest("hex"),
  isBreaking: /^-- breaking: \S/.test(sql),
  sql,
});

/** Every migration of the engine's schema, in the order of their numbers. */
export const migrations: readonly Migration[] = [
  migration("0000_history", history),
  migration("0001_tables", tables),
  migration("0002_functions", functions),
  migration("0003_releases", releases),
  migration("0004_plans", plans),
  migration("0005_lane", lane),
  migration("0006_claim-order", claimOrder),
];
