import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cli, provisionServer } from "@/lib/cli/testing";

const spec = `# Kept by hand
name: field-registry
description: Some sample
workflows:
  Intake:
    name: Intake
    jobs:
      Check:
        name: Check
        adaptor: '@openfn/language-common@latest'
        credential: null
        body: |
          fn(state => state);
      Send:
        name: Send
        adaptor: '@openfn/language-http@latest'
        credential: null
        body:
          path: ./jobs/send.js
    triggers:
      webhook:
        type: webhook
        enabled: true
    edges:
      webhook->Check:
        source_trigger: webhook
        target_job: Check
        condition_type: always
        enabled: true
      Check->Send:
        source_job: Check
        target_job: Send
        condition_type: on_job_success
        enabled: true
`;

let cwd: string;
let server: Awaited<ReturnType<typeof provisionServer>>;
beforeEach(async () => {
  cwd = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-cli-"));
  server = await provisionServer();
  write("project.yaml", spec);
  write("jobs/send.js", 'post("/x", (state) => state.data);\n');
  write(
    "config.json",
    `{ // where\n "endpoint": "${server.url}/api/provision", "statePath": "projectState.json" }`,
  );
});
afterEach(async () => {
  await server.close();
  fs.rmSync(cwd, { recursive: true });
});

const at = (name: string) => path.join(cwd, name);
function write(name: string, text: string) {
  fs.mkdirSync(path.dirname(at(name)), { recursive: true });
  fs.writeFileSync(at(name), text);
}
const read = (name: string) => fs.readFileSync(at(name), "utf8");
const edit = (name: string, from: string, to: string) => {
  expect(read(name)).toContain(from);
  write(name, read(name).replace(from, to));
};
const run = (line: string, stdin = "") =>
  cli(line.split(" "), { cwd, stdin, env: { OPENFN_API_KEY: "key" } });
const deployed = async () => expect(await run("deploy -y")).toMatchObject({ code: 0, stderr: "" });

it("makes a new project, keeps its ids, and has nothing to deploy then", async () => {
  const first = await run("deploy --no-confirm");
  expect(first).toMatchObject({ code: 0, stderr: "" });
  for (const words of ["Checking for existing project.", "No existing project found.", "[CLI] ♦ Deployed."])
    expect(first.stdout).toContain(words);
  const state = JSON.parse(read("projectState.json"));
  expect(server.projects.get(state.id)?.workflows[0]?.jobs.map(({ name }) => name)).toEqual([
    "Check",
    "Send",
  ]);
  expect(state.workflows.Intake.edges["Check->Send"].source_job_id).toBe(
    state.workflows.Intake.jobs.Check.id,
  );
  const again = await run("deploy --no-confirm");
  expect(again).toMatchObject({ code: 0, stderr: "" });
  expect(again.stdout).toContain("Project found.\n[CLI] ♦ No changes to deploy.");
  expect(server.posted()).toHaveLength(1);
});

it("shows a changed body in the form of OpenFn's, asks, and deploys what was said yes to", async () => {
  await deployed();
  edit("project.yaml", "fn(state => state);", "fn(state => ({ ...state, a: 1 }));");
  const ran = await run("deploy", "y\n");
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain(`[CLI] ♦ Changes:
 {
   workflows: [
     {
       jobs: [
         {
-          body: "fn(state => state);\\n"
+          body: "fn(state => ({ ...state, a: 1 }));\\n"
         }`);
  expect(ran.stdout).toContain("? Deploy? (y/N) yes\n[CLI] ♦ Deployed.");
});

it.each(["n\n", "", "\n", "whatever\n"])("deploys nothing for the answer %j", async (stdin) => {
  const ran = await run("deploy", stdin);
  expect(ran).toMatchObject({ code: 1 });
  expect(ran.stdout).toContain("Cancelled.");
  expect(server.posted()).toEqual([]);
  expect(fs.existsSync(at("projectState.json"))).toBe(false);
});

it("changes nothing with --dry-run, or where the config says so", async () => {
  const ran = await run("deploy --dry-run --no-confirm");
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stdout).toContain("Changes:");
  write("config.json", `{"endpoint": "${server.url}", "dryRun": true, "requireConfirmation": false}`);
  expect(await run("deploy")).toMatchObject({ code: 0 });
  expect(server.posted()).toEqual([]);
});

it("deletes a job with its edges, and leaves alone what only the server has", async () => {
  await deployed();
  const [project] = server.projects.values();
  project?.workflows[0]?.jobs.push({
    id: "made-there",
    name: "There",
    adaptor: "a",
    body: "b",
    project_credential_id: null,
  });
  const text = read("project.yaml");
  const start = text.indexOf("      Send:\n");
  write(
    "project.yaml",
    text.slice(0, start) + text.slice(text.indexOf("    triggers:"), text.indexOf("      Check->Send:")),
  );
  const ran = await run("deploy", "yes\n");
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain("+          delete: true");
  expect(ran.stdout).not.toContain("There");
  const [workflow] = project ? [server.projects.get(project.id)?.workflows[0]] : [];
  expect(workflow?.jobs.map(({ name }) => name)).toEqual(["Check", "There"]);
  expect(workflow?.edges).toHaveLength(1);
});

it("refuses a workflow that is gone from the spec before anything is sent, and deletes it when told to", async () => {
  await deployed();
  const { id } = JSON.parse(read("projectState.json"));
  write("project.yaml", spec.replaceAll("Intake", "Other"));
  const before = server.asked.length;
  const ran = await run("deploy -y");
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain("Critical error! Cannot continue");
  expect(ran.stderr).toContain("Workflow found in project state but not spec: Intake (");
  expect(ran.stderr).toContain("waybill deploy --remove-workflows");
  expect(server.asked).toHaveLength(before);
  expect(await run("deploy -y --remove-workflows")).toMatchObject({ code: 0 });
  expect(server.projects.get(id)?.workflows.map(({ name }) => name)).toEqual(["Other"]);
});

describe("an error of the server", () => {
  it("of 422 is printed whole, with its remedy, and the state stays as it was", async () => {
    await deployed();
    const state = read("projectState.json");
    edit("project.yaml", "fn(state => state);", "fn(state => 1);");
    const errors = { workflows: { Intake: { base: ["extraneous parameters: workflow_id"] } } };
    server.refuse({ status: 422, body: { errors } });
    const ran = await run("deploy -y");
    expect(ran.code).toBe(10);
    expect(ran.stderr).toContain(
      `[CLI] ✘ Failed to deploy project field-registry:\n${JSON.stringify({ errors }, null, 2)}`,
    );
    expect(ran.stderr).toContain("Run `waybill pull` to update your local files and keep IDs in sync");
    expect(read("projectState.json")).toBe(state);
  });

  it("of 422 leaves no state file where there was none", async () => {
    server.refuse({ status: 422, body: { errors: { name: ["has already been taken"] } } });
    expect(await run("deploy -y")).toMatchObject({ code: 10 });
    expect(fs.existsSync(at("projectState.json"))).toBe(false);
  });

  it("that leaves open whether it was deployed makes nothing twice", async () => {
    server.refuse({ status: 502, body: "<html>bad gateway</html>" });
    expect(await run("deploy -y")).toMatchObject({ code: 10 });
    const { id } = JSON.parse(read("projectState.json"));
    expect(await run("deploy -y")).toMatchObject({ code: 0 });
    expect([...server.projects.keys()]).toEqual([id]);
  });

  it("never prints the token", async () => {
    const ran = await cli(["deploy", "-y", "-l", "debug"], { cwd, env: { WAYBILL_API_KEY: "s3cret" } });
    expect(ran.code).toBe(10);
    expect(ran.stderr).toContain(
      `Failed to authorize request with endpoint ${server.url}/api/provision, got 401`,
    );
    expect(ran.stdout + ran.stderr).not.toContain("s3cret");
  });
});

it("asks no server without a key, at no address, or with a spec that is wrong, of which it says everything", async () => {
  expect((await cli(["deploy"], { cwd })).stderr).toContain("Missing API key");
  write("config.json", '{ "endpoint": "there" }');
  expect((await run("deploy")).stderr).toContain("Invalid endpoint");
  write("config.json", `{ "endpoint": "${server.url}" }`);
  edit("project.yaml", "path: ./jobs/send.js", "path: ./jobs/none.js");
  edit("project.yaml", "target_job: Check", "target_job: Chek");
  const ran = await run("deploy");
  expect(ran.code).toBe(10);
  expect(ran.stderr).toContain("job/body/path :: Failed to read file ./jobs/none.js");
  expect(ran.stderr).toContain("project.yaml:27 workflows/Intake/edges/webhook->Check/target_job :: ");
  expect(ran.stderr).toContain("project.yaml has errors");
  fs.rmSync(at("project.yaml"));
  expect((await run("deploy -p project.yaml")).stderr).toContain(`File not found: ${at("project.yaml")}`);
  expect(server.asked).toEqual([]);
});

it("reads no file out of the repository, whatever a spec names", async () => {
  const outside = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-cli-other-"));
  try {
    fs.writeFileSync(path.join(outside, "secret"), "a private key");
    fs.rmSync(at("jobs/send.js"));
    fs.symlinkSync(path.join(outside, "secret"), at("jobs/send.js"));
    const linked = await run("deploy --dry-run");
    expect(linked.code).toBe(10);
    edit("project.yaml", "./jobs/send.js", `../${path.basename(outside)}/secret`);
    const named = await run("deploy --dry-run");
    expect(named.code).toBe(10);
    for (const { stdout, stderr } of [linked, named]) expect(stdout + stderr).not.toContain("a private key");
  } finally {
    fs.rmSync(outside, { recursive: true });
  }
});

it.each(["../.git/config", ".env", ".ENV.local", "config.json", ".config.json", ".npmrc"])(
  "sends no file of settings as code: %s",
  async (name) => {
    fs.mkdirSync(at(".git"));
    for (const file of [".git/config", ".env", ".ENV.local", "config.json", ".config.json", ".npmrc"])
      fs.writeFileSync(at(file), JSON.stringify({ endpoint: server.url, apiKey: "s3cret-token" }));
    edit("project.yaml", "./jobs/send.js", name.replace("../", "./"));
    const ran = await run("deploy -y");
    expect(ran.code).toBe(10);
    expect(ran.stderr).toContain("Failed to read file");
    expect(JSON.stringify([server.asked.map(({ body }) => body), ran])).not.toContain("s3cret");
  },
);

it("refuses a state file of another server, or of a project that is gone, and makes it anew only when told to", async () => {
  await deployed();
  const state = read("projectState.json");
  server.projects.clear();
  const ran = await run("deploy -y");
  expect(ran.code).toBe(10);
  expect(ran.stderr).toContain("has no such project: it was deleted, or the file is of another server.");
  expect(ran.stderr).toContain("waybill deploy --new -s other.json");
  expect(read("projectState.json")).toBe(state);
  expect(server.projects.size).toBe(0);
  expect(await run("deploy -y --new -s other.json")).toMatchObject({ code: 0 });
  expect([...server.projects.keys()]).toEqual([JSON.parse(read("other.json")).id]);
});

it.each(["{", "[]", '{"workflows": []}', '{"id": "a"}'])("refuses the state file %j", async (text) => {
  write("projectState.json", text);
  const ran = await run("deploy -y");
  expect(ran).toMatchObject({ code: 10 });
  expect(ran.stderr).toContain("is not a state file");
  expect(read("projectState.json")).toBe(text);
});

it("sends the version it began with, and none when it is to set others' changes back", async () => {
  await deployed();
  edit("project.yaml", "fn(state => state);", "fn(state => 1);");
  await deployed();
  edit("project.yaml", "fn(state => 1);", "fn(state => 2);");
  expect(await run("deploy -y --force")).toMatchObject({ code: 0 });
  const versions = server
    .posted()
    .map(({ workflows: [workflow] }) => workflow && "jobs" in workflow && workflow.lock_version);
  expect(versions).toEqual([undefined, 1, null]);
});

it("sends what is ours only to a server that knows it", async () => {
  edit("project.yaml", "    name: Intake\n", "    name: Intake\n    order_key: data.id\n");
  await deployed();
  expect(server.posted()[0]?.workflows[0]).toMatchObject({ order_key: "data.id" });
  const other = await provisionServer({ isWaybill: false });
  try {
    const ran = await run(`deploy -y --new -s other.json --endpoint ${other.url}`);
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain("order_key");
    expect(other.posted()[0]?.workflows[0]).not.toHaveProperty("order_key");
    expect(other.asked.at(-1)?.url).toBe("/api/provision/");
  } finally {
    await other.close();
  }
});

it("answers in JSON", async () => {
  const ran = await run("deploy -y --json");
  expect(JSON.parse(ran.stdout)).toMatchObject({ project: { name: "field-registry" }, deployed: true });
  expect(JSON.parse((await run("deploy -y --json")).stdout)).toMatchObject({
    difference: "",
    deployed: false,
  });
  server.projects.clear();
  expect(JSON.parse((await run("deploy -y --json")).stdout)).toMatchObject({ error: { exitCode: 10 } });
});

it.each([
  ["malformed", "name: [broken\n"],
  ["nested past reading", `name: ${"[".repeat(50_000)}`],
  [
    "a bomb of aliases",
    `a: &a [1,1,1,1,1,1,1,1,1]\n${"bcdefghij"
      .split("")
      .map((key, i) => `${key}: &${key} [${Array(9).fill(`*${"abcdefghi"[i]}`).join(",")}]`)
      .join("\n")}\nname: x\nworkflows: {}\n`,
  ],
])("answers YAML that is %s with what is wrong, and sends nothing", async (_, text) => {
  write("project.yaml", text);
  const ran = await run("deploy -y");
  expect(ran.code).toBe(10);
  expect(ran.stderr).toContain("project.yaml has errors");
  expect(ran.stderr).not.toContain("    at ");
  expect(server.asked).toEqual([]);
});
