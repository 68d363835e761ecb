import { eq, type SQL } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type { Db } from "@/db/client";
import { projects, users } from "@/db/schema";
import { type LimitName, limits, tooMuchOf } from "@/lib/limits";

/** Makes whoever adds something to a project wait for each other, and nobody who accepts messages for it. */
export async function lockProject(tx: Db, projectId: string): Promise<void> {
  await tx.select({ id: projects.id }).from(projects).where(eq(projects.id, projectId)).for("no key update");
}

/** The same for what belongs to a person. */
export async function lockPerson(tx: Db, userId: string): Promise<void> {
  await tx.select({ id: users.id }).from(users).where(eq(users.id, userId)).for("no key update");
}

type Counted = { table: PgTable; where: SQL | undefined; whose: string };

/** Throws `invalid` when one more row of a table would be too many; its owner is locked, so that the count holds. */
export async function refuseOneMore(tx: Db, name: LimitName, counted: Counted): Promise<void> {
  const count = await tx.$count(counted.table, counted.where);
  if (count >= limits[name]) throw tooMuchOf(name, count + 1, counted.whose);
}

/** The same after the row was made, where making it may have found that it is there already. */
export async function refuseLastMade(tx: Db, name: LimitName, counted: Counted): Promise<void> {
  const count = await tx.$count(counted.table, counted.where);
  if (count > limits[name]) throw tooMuchOf(name, count, counted.whose);
}
