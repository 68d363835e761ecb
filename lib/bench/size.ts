import type pg from "pg";
import { openClient } from "@/db/client";
import { bringUpToDate } from "@/db/migrate";
import { env } from "@/lib/env";
import { reads } from "@/lib/testing/plans/cases";
import { explainAlone, hasPlan } from "@/lib/testing/plans/explain";
import { fill, volumeOf } from "@/lib/testing/plans/fill";
import { recorder } from "@/lib/testing/plans/record";
import { openCredential, sceneOf } from "@/lib/testing/plans/scene";
import { quantile } from "./load";

const small = 100_000;
/** Growth that is not worth a line: a level more of an index. */
const steady = 1.2;

/** What one case of a verb came to: 8 KB buffers that a call touches, and how long it takes. */
type Measured = { pages: number; ms: number };
/** By project, verb and case. */
type Table = Map<string, Measured>;

/**
 * What every verb that reads costs with so many messages, beside 100,000: nine of ten are one project's, another is quiet, ten
 * thousand wait. Prints which reads more than it did, and the slowest. On databases of its own, without a server.
 */
export async function measureSize(messages: number): Promise<void> {
  if (!(messages >= small)) throw new Error(`--size is a number from ${small} on.`);
  const before = await measureAt(small);
  const after = messages > small ? await measureAt(messages) : before;
  const grown = [...after]
    .map(([name, { pages, ms }]) => {
      const base = before.get(name) ?? { pages, ms };
      return { name, pages, ms, base, growth: pages / Math.max(1, base.pages) };
    })
    .sort((a, b) => b.growth - a.growth || b.pages - a.pages);
  print(
    `what grew more than ${steady} ×`,
    grown.filter(({ growth }) => growth > steady),
  );
  print("what reads most", [...grown].sort((a, b) => b.pages - a.pages).slice(0, 10));
  print("what takes longest", [...grown].sort((a, b) => b.ms - a.ms).slice(0, 10));
  const all = grown.map(({ ms }) => ms);
  console.log(
    `\n${grown.length} cases of ${Object.keys(reads).length} verbs at ${messages} messages: p50 ${quantile(all, 0.5).toFixed(1)} ms, p95 ${quantile(all, 0.95).toFixed(1)} ms; ` +
      `${grown.filter(({ growth }) => growth <= steady).length} read no more than ${steady} × of what they read at ${small}`,
  );
}

type Row = { name: string; pages: number; ms: number; base: Measured; growth: number };

function print(title: string, rows: Row[]): void {
  console.log(`\n${title.padEnd(70)} pages   at ${small}        ×          ms   at ${small}`);
  for (const { name, pages, ms, base, growth } of rows)
    console.log(
      `${name.padEnd(70)} ${String(pages).padStart(6)} ${String(base.pages).padStart(10)} ${growth.toFixed(1).padStart(8)} ${ms.toFixed(1).padStart(10)} ${base.ms.toFixed(1).padStart(10)}`,
    );
}

async function measureAt(messages: number): Promise<Table> {
  const name = `size_${messages}`;
  const url = await emptyDatabase(name);
  const client = await openClient(url);
  const recorded = recorder(url);
  const table: Table = new Map();
  try {
    await bringUpToDate(client);
    const began = performance.now();
    const volume = volumeOf(messages);
    await fill(
      { query: async (text) => (await client.query(text)).rows },
      () => client.query("analyze"),
      volume,
    );
    await client.query("vacuum analyze");
    console.log(
      `\n${messages} messages, filled in ${((performance.now() - began) / 1_000).toFixed(0)} s, ${await sizeOf(client)}`,
    );
    const credential = await openCredential(client);
    for (const project of ["busy", "quiet", "lapsed"] as const) {
      const scene = await sceneOf(client, { name: project, credential, db: recorded.database.db, volume });
      for (const [verb, casesOf] of Object.entries(reads))
        for (const [of, call] of casesOf(scene)) {
          const sent = (await recorded.during(call)).filter(hasPlan);
          let pages = 0;
          for (const statement of sent) pages += (await explainAlone(client, statement)).pages;
          const at = performance.now();
          await call();
          table.set([project, verb, of].filter(Boolean).join(", "), { pages, ms: performance.now() - at });
        }
    }
    return table;
  } finally {
    await recorded.database.close();
    await client.end();
    await onCluster(`drop database ${name} with (force)`);
  }
}

async function sizeOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ size: string }>(
    "select pg_size_pretty(pg_database_size(current_database())) as size",
  );
  return rows[0]?.size ?? "";
}

async function emptyDatabase(name: string): Promise<string> {
  await onCluster(`create database ${name}`);
  const url = new URL(env().DATABASE_URL ?? "");
  url.pathname = `/${name}`;
  return url.href;
}

async function onCluster(statement: string): Promise<void> {
  const client = await openClient(env().DATABASE_URL ?? "");
  await client.query(statement).finally(() => client.end());
}
