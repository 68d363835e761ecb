import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { startHealthStub } from "@/lib/runner/fixtures/health-stub";
import type { Stub } from "@/lib/runner/fixtures/listen";
import { startMariadb } from "@/lib/runner/fixtures/mariadb";
import { startMongoStub } from "@/lib/runner/fixtures/mongo-stub";
import { startTdsStub } from "@/lib/runner/fixtures/tds-stub";
import type { LocalRunner } from "@/lib/runner/host/runner";
import {
  type Ran,
  runStep,
  stepRequest,
  type TestServer,
  testRunner,
  testServer,
} from "@/lib/runner/testing/local-runner";
import { AdaptorInstallError } from "./errors";

const installTimeoutMs = 300_000;
const password = "pw-12345";
const setup = [
  "create database app",
  `create user 'u'@'localhost' identified by '${password}'`,
  "grant all on app.* to 'u'@'localhost'",
  "create table app.patients (id int primary key auto_increment, name varchar(50) unique, seen datetime)",
];

let http: TestServer;
let health: Awaited<ReturnType<typeof startHealthStub>>;
let mongo: Stub;
let tds: Stub;
let mariadb: Stub | null;
let runner: LocalRunner;

beforeAll(async () => {
  [http, health, mongo, tds, mariadb] = await Promise.all([
    testServer(),
    startHealthStub(),
    startMongoStub("u", password),
    startTdsStub(),
    startMariadb(setup),
  ]);
  const ports = [http, health, mongo, tds, mariadb].flatMap((stub) =>
    stub ? [`127.0.0.1:${stub.port}`] : [],
  );
  runner = await testRunner({ egressAllow: ports });
}, installTimeoutMs);

afterAll(async () => {
  await runner?.close();
  await Promise.all([http, health, mongo, tds, mariadb].map((stub) => stub?.close()));
});

/** Installs the newest version, or skips the test where there is no registry. */
async function install(context: TestContext, name: string) {
  try {
    return await runner.resolveAdaptor(`@openfn/language-${name}`, "latest");
  } catch (error) {
    if (error instanceof AdaptorInstallError && error.problem === "unreachable") context.skip(error.message);
    if (error instanceof AdaptorInstallError) console.error(error.output);
    throw error;
  }
}

async function run(
  context: TestContext,
  name: string,
  source: string,
  configuration: Record<string, unknown> | null,
): Promise<Ran> {
  const { name: packageName, version } = await install(context, name);
  const job = { id: "a", name: "a", source, adaptor: { name: packageName, version } };
  const result = await runStep(
    runner,
    stepRequest("", { job, configuration, state: { data: { items: [1, 2, 3] } } }),
  );
  expect(result.error, JSON.stringify(result.logs)).toBeNull();
  expect(result.reason).toBe("success");
  return result;
}

describe("every adaptor of the registry does its work in a worker without permissions", {
  timeout: installTimeoutMs,
}, () => {
  it("common: dates, CSV, schemas, iteration", async (context) => {
    const source = `each("data.items[*]", fn(s => { s.sum = (s.sum ?? 0) + s.data; return s }));
      fn(s => ({ ...s, year: dateFns.format(new Date(0), "yyyy"), rows: _.chunk([1, 2, 3], 2) }));
      fn(async s => ({ ...s, csv: (await parseCsv("a,b\\n1,2")(s)).data }));
      validate({ type: "object", required: ["q"] }, { q: 1 });`;
    const { state } = await run(context, "common", source, null);
    expect(state).toMatchObject({ sum: 6, year: "1970", rows: [[1, 2], [3]], csv: [{ a: "1", b: "2" }] });
  });

  it("http: requests, redirects, XML", async (context) => {
    const source = `get("/redirect", { query: { to: "/json?x=1" } }); fn(s => ({ ...s, url: s.data.url }));
      post("/echo", { a: 1 }); fn(s => ({ ...s, sent: s.data.body, auth: s.data.headers.authorization }));
      parseXML("<table><tr><td>1</td></tr></table>", $ => JSON.stringify($("table").parsetable()))`;
    const { state } = await run(context, "http", source, { baseUrl: http.url, username: "u", password });
    expect(state).toMatchObject({ url: "/json?x=1", sent: '{"a":1}' });
  });

  it("collections: set and get", async (context) => {
    const source = `collections.set("c", "k1", { a: 1 }); collections.get("c", "k1")`;
    const { state } = await run(context, "collections", source, {
      collections_endpoint: `http://127.0.0.1:${health.port}/collections`,
      collections_token: "t",
    });
    expect(JSON.stringify(state)).toContain('"a":1');
    expect(health.exchanges.some((exchange) => exchange.authorization === "Bearer t")).toBe(true);
  });

  it("fhir: read and create", async (context) => {
    const source = `get("Patient/1"); fn(s => ({ ...s, read: s.data.id })); create("Patient", { active: true }); fn(s => ({ read: s.read, made: s.data }))`;
    const { state } = await run(context, "fhir", source, {
      baseUrl: `http://127.0.0.1:${health.port}`,
      apiPath: "fhir",
    });
    expect(state).toMatchObject({ read: "1", made: { resourceType: "Patient", active: true, id: "2" } });
  });

  it("openmrs: search and create", async (context) => {
    const source = `get("patient", { q: "x" }); fn(s => ({ ...s, found: s.data })); create("person", { names: [] }); fn(s => ({ found: s.found, made: s.data }))`;
    const { state } = await run(context, "openmrs", source, {
      instanceUrl: `http://127.0.0.1:${health.port}`,
      username: "u",
      password,
    });
    expect(state).toMatchObject({ made: { names: [], uuid: "u2" } });
    expect(JSON.stringify(state)).toContain('"uuid":"u1"');
  });

  it("mysql: insert, upsert and query a real MariaDB", async (context) => {
    if (!mariadb) return context.skip("No mariadbd on this machine: apt-get install mariadb-server.");
    const source = `insert("patients", { name: "Ana" }); upsert("patients", { id: 1, name: "Ana María" }); insert("patients", { name: "Bo" });
      sql("select id, name from patients where name like ? order by id", { values: ["%a%"] }); fn(s => ({ rows: s.data?.result ?? s.response?.body ?? s.data }))`;
    const { state } = await run(context, "mysql", source, {
      host: "127.0.0.1",
      port: mariadb.port,
      database: "app",
      user: "u",
      password,
    });
    expect(JSON.stringify(state)).toContain('{"id":1,"name":"Ana María"}');
  });

  it("mssql: log in and query", async (context) => {
    const source = `sql({ query: "select 42 as n" }); fn(s => ({ rows: s.response?.rows ?? s.data }))`;
    const { state } = await run(context, "mssql", source, {
      server: "127.0.0.1",
      port: tds.port,
      userName: "u",
      password,
      database: "app",
      encrypt: false,
    });
    expect(JSON.stringify(state)).toContain("42");
  });

  it("mongodb: log in with SCRAM, insert and find", async (context) => {
    const source = `insertDocuments({ database: "app", collection: "c", documents: [{ name: "Ana", n: 1.5 }] });
      findDocuments({ database: "app", collection: "c", query: {} }); fn(s => ({ ...s, found: s.data }))`;
    const { state } = await run(context, "mongodb", source, {
      clusterHostname: `127.0.0.1:${mongo.port}`,
      username: "u",
      password,
      protocol: "mongodb",
      options: {},
    });
    expect(JSON.stringify(state)).toContain('"name":"Ana","n":1.5');
  });
});

it("an adaptor that the registry lacks is refused with a sentence", {
  timeout: installTimeoutMs,
}, async (context) => {
  await install(context, "common");
  await expect(runner.resolveAdaptor("@openfn/language-dhis2", "latest")).rejects.toThrow(
    "@openfn/language-dhis2 is not on the npm registry",
  );
});
