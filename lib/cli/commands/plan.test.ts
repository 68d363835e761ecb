import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { cli, provisionServer } from "@/lib/cli/testing";

const job = (name: string, body: string) => `      ${name}:
        name: ${name}
        adaptor: '@openfn/language-common@latest'
        credential: null
        body: '${body}'
`;
const specOf = (jobs: string, condition = "on_job_success") => `name: registry
workflows:
  Intake:
    name: Intake
    jobs:
${jobs}    triggers:
      webhook:
        type: webhook
        enabled: true
    edges:
      webhook->Check:
        source_trigger: webhook
        target_job: Check
      Check->Send:
        source_job: Check
        target_job: Send
        condition_type: ${condition}
`;

let cwd: string;
let server: Awaited<ReturnType<typeof provisionServer>>;
beforeEach(async () => {
  cwd = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-cli-"));
  server = await provisionServer();
  write(specOf(job("Check", "a") + job("Send", "b")));
});
afterEach(async () => {
  await server.close();
  fs.rmSync(cwd, { recursive: true });
});

const write = (text: string) => fs.writeFileSync(path.join(cwd, "project.yaml"), text);
const run = (line: string) =>
  cli(line.split(" "), { cwd, env: { WAYBILL_API_KEY: "key", WAYBILL_ENDPOINT: server.url } });

it("says of a new project that it is one", async () => {
  const ran = await run("plan --exit-code");
  expect(ran.code).toBe(2);
  expect(ran.stdout).toContain(`Deploying to ${server.url}, a new project:\n  + project registry\n`);
  expect(server.posted()).toEqual([]);
  expect(fs.readdirSync(cwd)).toEqual(["project.yaml"]);
});

it("has a line for each record that a deploy would change, by the names of people", async () => {
  await run("deploy -y");
  expect((await run("plan --exit-code")).stdout).toContain("Nothing to deploy.");
  write(specOf(job("Check", "a2") + job("Send", "b") + job("Tell", "c"), "on_job_failure"));
  const ran = await run("plan");
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain(`  ~ job Intake/Check: body (+1 -1 lines)
  + job Intake/Tell
  ~ edge Intake/Check->Send: condition_type "on_job_success" → "on_job_failure"
`);
  const { changes } = JSON.parse((await run("plan --json")).stdout);
  expect(changes).toHaveLength(3);
  expect(changes[1]).toMatchObject({ change: "added", kind: "job", name: "Intake/Tell", fields: [] });
});

it("tells apart what is deployed and what was changed on the server", async () => {
  await run("deploy -y");
  const [project] = server.projects.values();
  const [check, send] = project?.workflows[0]?.jobs ?? [];
  Object.assign(check ?? {}, { body: "theirs" });
  const text = fs.readFileSync(path.join(cwd, "project.yaml"), "utf8");
  write(text.replace("'b'", "'mine'"));
  const ran = await run("plan");
  expect(send?.body).toBe("b");
  const [mine = "", theirs = ""] = ran.stdout.split("Changed on the server since the last pull or deploy:");
  expect(mine).toContain("~ job Intake/Send: body");
  expect(theirs).toContain("~ job Intake/Check: body");
  expect(theirs).not.toContain("Send");
  expect(theirs).toContain("waybill merge");
  expect(mine).not.toContain("Check");
  expect(ran.stderr).toContain("A deploy would set back what was changed there");
  const { setBack } = JSON.parse((await run("plan --json")).stdout);
  expect(setBack).toMatchObject([{ kind: "job", name: "Intake/Check" }]);
  const deploy = await run("deploy --dry-run");
  expect(deploy.stderr).toContain("This sets back what was changed on the server since the last pull");
  write(text);
  expect((await run("plan --exit-code")).code).toBe(0);
});

it("says which workflows a deploy would refuse to lose", async () => {
  await run("deploy -y");
  write(
    "name: registry\nworkflows:\n  Other:\n    name: Other\n    jobs: {}\n    triggers: {}\n    edges: {}\n",
  );
  const ran = await run("plan --exit-code");
  expect(ran.code).toBe(2);
  expect(ran.stdout).toContain("+ workflow Other");
  expect(ran.stdout).not.toContain("- workflow Intake");
  expect(ran.stderr).toContain("Workflow Intake is not in the spec any more");
});
