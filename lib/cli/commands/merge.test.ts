import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { cli, provisionServer } from "@/lib/cli/testing";

const spec = `# Ours
name: clinic
workflows:
  Intake:
    name: Intake
    jobs:
      Check: # first
        name: Check
        adaptor: '@openfn/language-common@3.3.4'
        body: |
          one();
          two();
          three();
          four();
      Send:
        name: Send
        adaptor: '@openfn/language-http@7.2.10'
        body:
          path: send.js
    triggers:
      webhook:
        type: webhook
    edges:
      webhook->Check:
        source_trigger: webhook
        target_job: Check
        condition_type: always
      Check->Send:
        source_job: Check
        target_job: Send
        condition_type: on_job_success
`;

let cwd: string;
let server: Awaited<ReturnType<typeof provisionServer>>;
beforeEach(async () => {
  cwd = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-cli-"));
  server = await provisionServer();
  write("project.yaml", spec);
  write("send.js", "send();\n");
  expect(await run("deploy -y")).toMatchObject({ code: 0 });
});
afterEach(async () => {
  await server.close();
  fs.rmSync(cwd, { recursive: true });
});

const write = (name: string, text: string) => fs.writeFileSync(path.join(cwd, name), text);
const read = (name: string) => fs.readFileSync(path.join(cwd, name), "utf8");
const edit = (name: string, from: string, to: string) => write(name, read(name).replace(from, to));
const run = (line: string) =>
  cli(line.split(" "), { cwd, env: { WAYBILL_API_KEY: "key", WAYBILL_ENDPOINT: server.url } });
const jobs = () => [...server.projects.values()][0]?.workflows[0]?.jobs ?? [];
const there = (name: string, change: object) =>
  Object.assign(jobs().find((job) => job.name === name) ?? {}, change);

it("joins what each side changed, in the person's own lines, and both are deployed then", async () => {
  edit("project.yaml", "one();", "one(1);");
  there("Check", { body: "one();\ntwo();\nthree();\nfour(4);\n" });
  there("Send", { body: "send(9);\n", adaptor: "@openfn/language-http@7.2.11" });
  const ran = await run("merge");
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect(ran.stdout).toContain("~ job Intake/Check: body (+1 -1 lines)");
  expect(read("project.yaml")).toBe(
    spec.replace("one();", "one(1);").replace("four();", "four(4);").replace("7.2.10", "7.2.11"),
  );
  expect(read("send.js")).toBe("send(9);\n");
  expect((await run("plan")).stdout).toContain("~ job Intake/Check: body (+1 -1 lines)\n");
  expect(await run("deploy -y")).toMatchObject({ code: 0 });
  expect(jobs().map(({ body }) => body)).toEqual(["one(1);\ntwo();\nthree();\nfour(4);\n", "send(9);\n"]);
  expect((await run("merge")).stdout).toContain("Nothing to merge");
});

it("leaves a block where both changed the same lines, which is not deployed before it is resolved", async () => {
  edit("project.yaml", "two();", "mine();");
  there("Check", { body: "one();\ntheirs();\nthree();\nfour();\n" });
  const ran = await run("merge");
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain("Joined, with 1 conflict.");
  expect(read("project.yaml")).toContain(`          one();
          <<<<<<< yours
          mine();
          ||||||| last pulled
          two();
          =======
          theirs();
          >>>>>>> server
          three();
`);
  const refused = await run("deploy -y");
  expect(refused.code).toBe(10);
  expect(refused.stderr).toContain("The code of Intake/Check holds conflicts that are not resolved.");
  expect(server.posted()).toHaveLength(1);
});

it("keeps yours of a field that both changed, and says so", async () => {
  edit("project.yaml", "language-http@7.2.10", "language-http@8.0.0");
  there("Send", { adaptor: "@openfn/language-http@7.2.11" });
  const ran = await run("merge --json");
  expect(ran.code).toBe(2);
  expect(JSON.parse(ran.stdout).conflicts).toMatchObject([
    { path: ["workflows", "Intake", "jobs", "Send", "adaptor"], kept: "yours" },
  ]);
  expect(read("project.yaml")).toContain("@openfn/language-http@8.0.0");
});

it("takes over a job that was made there, and keeps one taken away here", async () => {
  const text = read("project.yaml");
  const without = text.slice(0, text.indexOf("      Send:")) + text.slice(text.indexOf("    triggers:"));
  write("project.yaml", without.slice(0, without.indexOf("      Check->Send:")));
  jobs().push({
    id: "made-there",
    name: "Made there",
    adaptor: "@openfn/language-common@3.3.4",
    body: "new();\n",
    project_credential_id: null,
  });
  expect(await run("merge")).toMatchObject({ code: 0 });
  expect(read("project.yaml")).toContain("      Made-there:\n        name: Made there\n");
  expect(read("project.yaml")).not.toContain("Send:");
  expect(await run("deploy -y")).toMatchObject({ code: 0 });
  expect(jobs().map(({ name }) => name)).toEqual(["Check", "Made there"]);
});

it("writes nothing with --dry-run, nor for a project that is gone", async () => {
  edit("project.yaml", "two();", "mine();");
  there("Check", { body: "one();\ntheirs();\nthree();\nfour();\n" });
  const before = [read("project.yaml"), read(".state.json")];
  expect(await run("merge --dry-run")).toMatchObject({ code: 2 });
  server.projects.clear();
  expect(await run("merge")).toMatchObject({ code: 10 });
  expect([read("project.yaml"), read(".state.json")]).toEqual(before);
});
