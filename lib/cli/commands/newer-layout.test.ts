import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { cli, provisionServer } from "@/lib/cli/testing";
import type { JobDocument, ProjectDocument } from "@/lib/portability/document";
import { toV2Files } from "@/lib/portability/v2";

/** A folder as OpenFn's `project pull` leaves it. */
const id = "57862287-23e6-4650-8d79-e1dd88b24b1c";

let cwd: string;
let server: Awaited<ReturnType<typeof provisionServer>>;
let check: JobDocument;
let project: ProjectDocument;
beforeEach(async () => {
  cwd = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-cli-"));
  server = await provisionServer();
  const common = { adaptor: "@openfn/language-common@3.3.4", project_credential_id: null };
  check = { id: "j1", name: "Check it", body: "one();\n", ...common };
  const send: JobDocument = { id: "j2", name: "Send it", body: "two();\n", ...common };
  project = {
    id,
    name: "field-registry",
    description: null,
    inserted_at: "2026-01-01T00:00:00Z",
    project_credentials: [],
    workflows: [
      {
        id: "w",
        name: "In take",
        lock_version: 3,
        jobs: [check, send],
        triggers: [{ id: "t", type: "webhook", enabled: true }],
        edges: [
          { id: "e1", source_trigger_id: "t", target_job_id: "j1", condition_type: "always", enabled: true },
          {
            id: "e2",
            source_job_id: "j1",
            target_job_id: "j2",
            condition_type: "on_job_success",
            enabled: true,
          },
        ],
      },
    ],
  };
  server.projects.set(id, structuredClone(project));
  for (const [name, text] of Object.entries(toV2Files(project, { endpoint: server.url, alias: "main" }))) {
    fs.mkdirSync(path.dirname(path.join(cwd, name)), { recursive: true });
    fs.writeFileSync(path.join(cwd, name), text);
  }
});
afterEach(async () => {
  await server.close();
  fs.rmSync(cwd, { recursive: true });
});

const run = (line: string) =>
  cli(line.split(" "), { cwd, env: { WAYBILL_API_KEY: "key", WAYBILL_ENDPOINT: server.url } });
const code = () => path.join(cwd, "workflows/in-take/check-it.js");

it("has nothing to deploy, and a changed step is deployed to the project that it is of, under its ids", async () => {
  const same = await run("deploy -y");
  expect(same).toMatchObject({ code: 0 });
  expect(same.stdout).toContain("No changes to deploy.");
  fs.writeFileSync(code(), "one(1);\n");
  expect((await run("plan")).stdout).toContain("~ job In take/Check it: body (+1 -1 lines)\n");
  expect(await run("deploy -y")).toMatchObject({ code: 0 });
  expect(server.posted()[0]?.workflows[0]).toMatchObject({ id: "w", lock_version: 3 });
  const [workflow] = server.projects.get(id)?.workflows ?? [];
  expect(workflow?.jobs.map((job) => [job.id, job.body])).toEqual([
    ["j1", "one(1);\n"],
    ["j2", "two();\n"],
  ]);
  expect(workflow?.edges.map((edge) => edge.id)).toEqual(["e1", "e2"]);
  expect([...server.projects.keys()]).toEqual([id]);
  expect(fs.readdirSync(cwd).sort()).toEqual([".projects", "openfn.yaml", "workflows"]);
});

it("deletes a step that is gone from a workflow's file, and leaves alone workflows that only the server has", async () => {
  const [workflow] = project.workflows;
  const less = {
    ...project,
    workflows: [{ ...workflow, jobs: [check], edges: workflow?.edges.slice(0, 1) ?? [] }],
  };
  const { "workflows/in-take/in-take.yaml": text } = toV2Files(less as ProjectDocument);
  fs.writeFileSync(path.join(cwd, "workflows/in-take/in-take.yaml"), text ?? "");
  server.projects.get(id)?.workflows.push({ id: "w2", name: "There", jobs: [], triggers: [], edges: [] });
  expect(await run("deploy -y")).toMatchObject({ code: 0 });
  const workflows = server.projects.get(id)?.workflows ?? [];
  expect(workflows.map(({ jobs }) => jobs.map((job) => job.id))).toEqual([["j1"], []]);
});

it("is never taken for a new project when its own is not there", async () => {
  server.projects.clear();
  const ran = await run("deploy -y");
  expect(ran.code).toBe(10);
  expect(ran.stderr).toContain(`openfn.yaml is of the project ${id}`);
  expect(server.posted()).toEqual([]);
});

it.each(["pull", "merge"])("is not half rewritten by %s, which says what does it", async (command) => {
  const before = fs.readFileSync(code(), "utf8");
  const ran = await run(command);
  expect(ran.code).not.toBe(0);
  expect(ran.stderr).toContain("openfn project pull");
  expect(fs.readFileSync(code(), "utf8")).toBe(before);
});
