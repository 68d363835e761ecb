/// <reference types="vite/client" />
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planSettings } from "@/db/guard";
import { migratedDatabase, type OwnDatabase } from "./own-database";
import { background } from "./plans/background";
import { bulkCases, type Case, personCases, reads, type Scene } from "./plans/cases";
import { explainAlone, hasPlan } from "./plans/explain";
import { fill, type middle, volume } from "./plans/fill";
import { broken, exceptions } from "./plans/limits";
import { type Recorder, recorder } from "./plans/record";
import { openCredential, sceneOf } from "./plans/scene";

const needed = new Set<(typeof exceptions)[number]>();
let own: OwnDatabase;
let recorded: Recorder;
let client: pg.Client;
let credential: string;

/** A database of its own: what is filled in here would be in the way of every other suite. */
beforeAll(async () => {
  process.env.SECRET_KEY ||= "test-secret-key-test-secret-key-test-secret-key";
  own = await migratedDatabase();
  client = new pg.Client({ connectionString: own.url });
  await client.connect();
  await fill({ query: async (text) => (await client.query(text)).rows }, () => client.query("analyze"));
  credential = await openCredential(client);
  recorded = recorder(own.url);
}, 120_000);

afterAll(async () => {
  await recorded?.database.close();
  await client?.end();
  await own?.drop();
});

const scene = (name: keyof typeof middle): Promise<Scene> =>
  sceneOf(client, { name, credential, db: recorded.database.db, volume });

/** What of the statements that the cases send breaks its limits. With SHOW_PLANS set, prints what each came to. */
async function faults(verb: string, cases: Case[]): Promise<string[]> {
  const found: string[] = [];
  for (const [name, call] of cases) {
    const sent = (await recorded.during(call)).filter(hasPlan);
    expect(sent.length, `statements of ${verb} ${name}`).toBeGreaterThan(0);
    const exception = exceptions.find((one) => one.verb === verb && one.cases.test(name));
    for (const statement of sent) {
      const cost = await explainAlone(client, statement);
      if (process.env.SHOW_PLANS) console.log(verb, name, cost.pages, cost.sorted);
      if (exception && broken(cost).length > 0) needed.add(exception);
      for (const fault of broken(cost, exception))
        found.push(`${verb} (${name}) ${fault}: ${statement.text}`);
    }
  }
  return found;
}

describe.each([
  ["of a tenth of what is there", ""],
  ["of now", "vacuum analyze"],
])("with statistics %s", (_, refresh) => {
  beforeAll(async () => {
    if (refresh) await client.query(refresh);
  });

  describe.each(["busy", "quiet", "lapsed"] as const)("in the %s project", (name) => {
    test.each(Object.entries(reads))("%s reads no more than what it shows", async (verb, casesOf) => {
      expect(await faults(verb, casesOf(await scene(name)))).toEqual([]);
    });

    test("a bulk act reads no more than its batch", async () => {
      expect(await faults("bulk", bulkCases(await scene(name)))).toEqual([]);
    });

    test("a search for a person reads no more than its page", async () => {
      expect(await faults("person", personCases(await scene(name)))).toEqual([]);
    });
  });

  test("what runs in the background reads a bounded number of rows", async () => {
    await client.query(`select ${planSettings}`);
    for (const [verb, call] of background(recorded.database))
      expect(await faults(verb, [["tick", call]])).toEqual([]);
    await client.query("reset enable_seqscan");
  });
});

test("no exception outlives its cause", () => {
  expect(exceptions.filter((one) => !needed.has(one)).map((one) => `${one.verb} ${one.cases}`)).toEqual([]);
});

test("every verb that reads is guarded", async () => {
  const modules = import.meta.glob<Record<string, unknown>>(["/lib/domain/**/*.ts", "!**/*.test.ts"]);
  const loaded = await Promise.all(Object.values(modules).map((load) => load()));
  const exported = loaded
    .flatMap((module) => Object.entries(module))
    .flatMap(([name, one]) => (typeof one === "function" ? [name] : []));
  const verbs = exported.filter((name) => /^(list|get)[A-Z]/.test(name));
  expect(verbs.filter((name) => !(name in reads))).toEqual([]);
  expect(Object.keys(reads).filter((name) => !exported.includes(name))).toEqual([]);
});
