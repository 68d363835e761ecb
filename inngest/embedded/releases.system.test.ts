import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, type TestContext } from "vitest";
import { connect, type Database } from "@/db/client";
import { catalogOf, difference } from "@/lib/testing/catalog";
import { migratedDatabase, type OwnDatabase } from "@/lib/testing/own-database";
import { migration, migrations } from "./migrations";
import { applySchema } from "./schema";
import { until } from "./testing/harness";
import {
  bundleCommit,
  bundleRelease,
  done,
  doneOnce,
  type Engine,
  hasCommit,
  launch,
  load,
  ready,
} from "./testing/releases";

/** The release before this one, whose engines must get along with this one's. It moves on with each release. */
const previous = "9cfcf6b0ef4feb8c85bce202d85abe50a4e82d23";
/** The schema of every installation: the previous release knows by its comment that it may leave it alone. */
const schema = "durable";

const outdir = path.resolve(".build", `releases-test-${randomBytes(4).toString("hex")}`);
const isPreviousThere = hasCommit(previous);
const engines: Engine[] = [];
let own: OwnDatabase;
let database: Database;

const needsPrevious = (ctx: TestContext) =>
  ctx.skip(
    !isPreviousThere,
    `This copy of the repository has no commit ${previous.slice(0, 7)}: a shallow clone, or no git.`,
  );

function begin(release: "previous" | "current"): Engine {
  const engine = launch(path.join(outdir, `${release}.mjs`), schema, own.url);
  engines.push(engine);
  return engine;
}
const start = (release: "previous" | "current") => ready(begin(release));

const allOver = () =>
  until(
    async () =>
      (await database.query(`select 1 from ${schema}.run where status = 'running' limit 1`)).length === 0,
    60_000,
  );

async function expectOneRunEach(accepted: string[]): Promise<void> {
  const runs = await database.query<{ event: string; n: number; ok: number }>(
    `select events->0->>'id' as event, count(*)::int as n, count(*) filter (where status = 'completed')::int as ok
      from ${schema}.run where fn <> 't-tick' group by 1`,
  );
  expect(runs.map((run) => run.event).sort()).toEqual([...accepted].sort());
  expect(runs.filter((run) => run.n !== 1 || run.ok !== 1)).toEqual([]);
}

/** Changes whenever a function is made anew. */
const functionIds = async () =>
  (
    await database.query<{ oid: string }>(
      "select oid::text from pg_proc where pronamespace = $1::regnamespace order by 1",
      [schema],
    )
  ).map(({ oid }) => oid);

beforeAll(async () => {
  await bundleRelease("current", outdir);
  if (isPreviousThere) await bundleCommit("previous", outdir, previous);
});
beforeEach(async () => {
  own = await migratedDatabase();
  database = connect(own.url, { max: 4 });
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.kill("SIGKILL")));
  await database.close();
  await own.drop();
});
afterAll(() => fs.rmSync(outdir, { recursive: true, force: true }));

describe("two releases on one database, under load", () => {
  it("replace each other one by one and back: every function runs once", async (ctx) => {
    needsPrevious(ctx);
    const first = await start("previous");
    const traffic = load(engines);
    await traffic.more(50);
    const second = await start("current");
    const made = await functionIds();
    // An engine of the previous release that starts when the schema is this release's already.
    const third = await start("previous");
    expect(await functionIds()).toEqual(made);
    await traffic.more(100);
    expect(await first.kill("SIGTERM")).toBe(0);
    await traffic.more(50);
    // Back to the previous release alone, and forth again.
    expect(await second.kill("SIGTERM")).toBe(0);
    await traffic.more(50);
    const fourth = await start("current");
    await traffic.more(50);
    expect(await third.kill("SIGTERM")).toBe(0);
    await traffic.more(50);
    await traffic.end();
    await allOver();

    await expectOneRunEach(traffic.accepted);
    expect(done(engines).sort()).toEqual(doneOnce(traffic.accepted).sort());
    for (const engine of engines) expect(done([engine]).length).toBeGreaterThan(10);
    expect(engines.flatMap((engine) => engine.errors)).toEqual([]);
    expect(await fourth.kill("SIGTERM")).toBe(0);
    expect(await database.query(`select * from ${schema}.queue`)).toEqual([]);
  });

  it("lose nothing when engines are killed, and repeat only what the killed one had begun", async (ctx) => {
    needsPrevious(ctx);
    const young = await start("current");
    const made = await functionIds();
    const old = await start("previous");
    expect(await functionIds()).toEqual(made);
    const traffic = load(engines);
    await traffic.more(50);
    await old.kill("SIGKILL");
    await start("previous");
    await traffic.more(50);
    await young.kill("SIGKILL");
    await traffic.more(50);
    await start("current");
    await traffic.end();
    await allOver();

    await expectOneRunEach(traffic.accepted);
    expect([...new Set(done(engines))].sort()).toEqual(doneOnce(traffic.accepted).sort());
    const repeated = done(engines).filter((line, i, all) => all.indexOf(line) !== i);
    const byKilled = done([old, young]);
    expect(repeated.filter((line) => !byKilled.includes(line))).toEqual([]);
  });

  it("have the same schema whether this release made it or took it over", async (ctx) => {
    needsPrevious(ctx);
    await (await start("previous")).kill("SIGTERM");
    await applySchema(database, schema);
    await applySchema(database, "fresh");
    const all = { storage: true };
    const [taken, fresh] = [await catalogOf(database, schema, all), await catalogOf(database, "fresh", all)];
    expect(difference(taken, fresh)).toEqual({ onlyFirst: [], onlySecond: [] });
  });

  it("keep the previous one from starting, and from touching the schema, after a breaking migration", async (ctx) => {
    needsPrevious(ctx);
    const known = [...migrations, migration("0900_breaking", "-- breaking: a test\nselect 1;")];
    await applySchema(database, schema, { known });
    const made = await functionIds();
    const old = begin("previous");
    expect(await old.ended).not.toBe(0);
    expect(old.isUp()).toBe(false);
    expect(await functionIds()).toEqual(made);
  });
});
