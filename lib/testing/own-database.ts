import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

export type OwnDatabase = { url: string; drop(): Promise<void> };

/** An empty database of a test's own on the test run's cluster. */
export const ownDatabase = (): Promise<OwnDatabase> => copyOf("template1");

/** One of today's schema: a copy of the one that was migrated when the run began, which takes a fraction of the time. */
export const migratedDatabase = (): Promise<OwnDatabase> => copyOf(inject("migratedDatabase"));

async function copyOf(template: string): Promise<OwnDatabase> {
  const name = `own_${randomBytes(4).toString("hex")}`;
  await onCluster(`create database ${name} template ${template}`);
  const url = new URL(inject("databaseUrl"));
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onCluster(`drop database ${name} with (force)`) };
}

async function onCluster(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject("databaseUrl") });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}
