import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cli, provisionServer } from "@/lib/cli/testing";
import type { JobDocument } from "@/lib/portability/document";

const id = "57862287-23e6-4650-8d79-e1dd88b24b1c";

let cwd: string;
let server: Awaited<ReturnType<typeof provisionServer>>;
let job: JobDocument;
beforeEach(async () => {
  cwd = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-cli-"));
  server = await provisionServer();
  job = {
    id: "j",
    name: "Check it",
    adaptor: "@openfn/language-common@latest",
    body: "fn(s => s);\n",
    project_credential_id: null,
  };
  server.projects.set(id, {
    id,
    name: "field-registry",
    description: null,
    inserted_at: "2026-01-01T00:00:00Z",
    project_credentials: [],
    workflows: [
      {
        id: "w",
        name: "Intake",
        lock_version: 1,
        jobs: [job],
        triggers: [{ id: "t", type: "webhook", enabled: true }],
        edges: [
          { id: "e", source_trigger_id: "t", target_job_id: "j", condition_type: "always", enabled: true },
        ],
      },
    ],
  });
});
afterEach(async () => {
  await server.close();
  fs.rmSync(cwd, { recursive: true });
});

const at = (name: string) => path.join(cwd, name);
const read = (name: string) => fs.readFileSync(at(name), "utf8");
const run = (line: string) =>
  cli(line.split(" "), { cwd, env: { OPENFN_API_KEY: "key", OPENFN_ENDPOINT: server.url } });

it("writes spec and state, after which there is nothing to deploy, and nothing to pull", async () => {
  const ran = await run(`pull ${id}`);
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect(ran.stdout).toContain("Downloading existing project state (as JSON) from the server.");
  expect(ran.stdout).toContain("Project pulled successfully");
  expect(read("project.yaml")).toContain("Check-it:\n");
  const [spec, state] = [read("project.yaml"), read(".state.json")];
  expect((await run("deploy")).stdout).toContain("No changes to deploy.");
  expect(await run("pull")).toMatchObject({ code: 0, stderr: "" });
  expect([read("project.yaml"), read(".state.json")]).toEqual([spec, state]);
});

it("takes over exactly what was changed on the server", async () => {
  await run(`pull ${id}`);
  const before = read("project.yaml");
  job.body = "fn(s => 2);\n";
  await run("pull");
  expect(read("project.yaml")).toBe(before.replace("fn(s => s);", "fn(s => 2);"));
});

it("keeps the key that a job has in the file when it is called otherwise there", async () => {
  await run(`pull ${id}`);
  const before = read("project.yaml");
  job.name = "Look at it";
  await run("pull");
  expect(read("project.yaml")).toBe(before.replace("name: Check it", "name: Look at it"));
});

it("overwrites nothing that was changed here and not deployed, unless it is told to", async () => {
  await run(`pull ${id}`);
  fs.writeFileSync(at("project.yaml"), read("project.yaml").replace("fn(s => s);", "fn(s => mine);"));
  const mine = read("project.yaml");
  job.adaptor = "@openfn/language-common@3.0.0";
  const ran = await run("pull");
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain(
    "project.yaml has changes that were not deployed:\n  ~ job Intake/Check it: body (+1 -1 lines)",
  );
  expect(ran.stderr).toContain("waybill merge");
  expect(read("project.yaml")).toBe(mine);
  expect(await run("pull --force")).toMatchObject({ code: 0 });
  expect(read("project.yaml")).not.toContain("mine");
});

it("overwrites no project.yaml of which it does not know where it is from", async () => {
  fs.writeFileSync(at("project.yaml"), "name: another\nworkflows:\n  w:\n    name: W\n    jobs: {}\n");
  const ran = await run(`pull ${id}`);
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain("--force");
  expect(read("project.yaml")).toContain("another");
  fs.writeFileSync(at("project.yaml"), "name: [broken\n");
  expect(await run(`pull ${id}`)).toMatchObject({ code: 1 });
  expect(read("project.yaml")).toContain("broken");
  expect(await run(`pull ${id} --force`)).toMatchObject({ code: 0 });
  expect(read("project.yaml")).toContain("field-registry");
});

it("says 1 and what to do for a project that is not there, a wrong key, and no id", async () => {
  const gone = await run("pull 00000000-0000-4000-8000-000000000000");
  expect(gone.code).toBe(1);
  expect(gone.stderr).toContain("ERROR: Project not found.");
  expect(gone.stderr).toContain("Please check the UUID and verify your endpoint and apiKey in your config.");
  const wrong = await cli(["pull", id], { cwd, env: { OPENFN_API_KEY: "x", OPENFN_ENDPOINT: server.url } });
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain("Failed to authorize request");
  expect((await run("pull")).stderr).toContain("waybill pull <project id>");
  expect(fs.existsSync(at("project.yaml"))).toBe(false);
});

it("asks for snapshots as OpenFn's command line does", async () => {
  await run(`pull ${id} --snapshots a b`);
  expect(server.asked[0]?.url).toBe(
    `/api/provision/${id}?snapshots%5B%5D=a&snapshots%5B%5D=b&extensions=true`,
  );
});

it("refuses an answer that is no project, and writes nothing", async () => {
  server.projects.set(id, { data: [] } as never);
  const ran = await run(`pull ${id}`);
  expect(ran.code).toBe(1);
  expect(fs.readdirSync(cwd)).toEqual([]);
});

it("keeps comments, order, old spellings and code in files of its own, and changes only what is different there", async () => {
  const spec = `# Ours
name: kept   # as it is
workflows:
  In:
    name: "In take"
    edges:
      hook->A: { source_trigger: hook, target_job: A, condition: always }
      A->B: { source_job: A, target_job: B, condition: on_job_failure } # rarely
    triggers:
      hook: { type: webhook }
    jobs:
      B:
        adaptor: common@3.0.0
        enabled: true
        name: Bee
        body:
          path: ../shared/b.js
      A: # the first
        name: A
        adaptor: '@openfn/language-http@7.2.10'
        credential: null
        body: fn(state => state);
`;
  fs.mkdirSync(at("project"));
  fs.mkdirSync(at("shared"));
  fs.mkdirSync(at(".git"));
  fs.writeFileSync(at("project/project.yaml"), spec);
  fs.writeFileSync(at("shared/b.js"), "// b\n");
  const inProject = (line: string) =>
    cli(line.split(" "), {
      cwd: at("project"),
      env: { OPENFN_API_KEY: "key", OPENFN_ENDPOINT: server.url },
    });
  expect(await inProject("deploy -y")).toMatchObject({ code: 0 });
  expect(await inProject("pull")).toMatchObject({ code: 0, stderr: "" });
  expect(read("project/project.yaml")).toBe(spec);
  const workflow = [...server.projects.values()].at(-1)?.workflows[0];
  const [b, a] = workflow?.jobs ?? [];
  Object.assign(b ?? {}, { body: "// b\n// more\n" });
  Object.assign(a ?? {}, { adaptor: "@openfn/language-http@7.2.11" });
  expect(await inProject("pull")).toMatchObject({ code: 0, stderr: "" });
  expect(read("project/project.yaml")).toBe(spec.replace("7.2.10", "7.2.11"));
  expect(read("shared/b.js")).toBe("// b\n// more\n");
});

describe("code that a spec wants in a place that is not its own", () => {
  const spec = (place: string) => `name: placed
workflows:
  In:
    name: In
    jobs:
      A:
        name: A
        adaptor: '@openfn/language-common@latest'
        body:
          path: ${place}
`;

  /** Deploys code in a file, then names another place for it and pulls what was changed on the server. */
  async function pulledInto(place: string) {
    fs.mkdirSync(at(".git"), { recursive: true });
    fs.mkdirSync(at("jobs"));
    fs.writeFileSync(at("jobs/a.js"), "// a\n");
    fs.writeFileSync(at("project.yaml"), spec("jobs/a.js"));
    expect(await run("deploy -y")).toMatchObject({ code: 0 });
    const [job] = [...server.projects.values()].at(-1)?.workflows[0]?.jobs ?? [];
    Object.assign(job ?? {}, { body: "[core]\n  fsmonitor = evil\n" });
    fs.writeFileSync(at("project.yaml"), spec(place));
    return run("pull --force");
  }

  it.each([".git/config", ".GIT/hooks/pre-commit", "./.env", ".npmrc"])(
    "is not written: %s",
    async (place) => {
      await pulledInto(place);
      expect(fs.existsSync(at(place))).toBe(false);
      expect(fs.readdirSync(at(".git"))).toEqual([]);
    },
  );

  it("is not written through a folder that is a link out of the repository", async () => {
    const outside = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-cli-other-"));
    try {
      fs.symlinkSync(outside, at("linked"));
      await pulledInto("linked/autostart/a.js");
      expect(fs.readdirSync(outside)).toEqual([]);
    } finally {
      fs.rmSync(outside, { recursive: true });
    }
  });
});
