import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "@/db/client";
import { createToken } from "@/lib/domain/token/create";
import { createUser } from "@/lib/domain/user/create";
import { neutralEnvironment, startThrowAway, type ThrowAway } from "@/lib/launcher/throw-away.mjs";
import { announce } from "@/lib/live/shared";
import { processDatabase } from "@/lib/testing/process-database";

/** Seed 2's story, told by the command line as a process, in somebody's own repository, to a whole running server. */
const main = path.resolve("lib/launcher/main.mjs");

const spec = `# The team's own words stay
name: openhie-project
description: Some sample
workflows:
  OpenHIE-Workflow:
    name: OpenHIE Workflow
    jobs:
      FHIR-standard-Data-with-change:
        name: FHIR-standard-Data-with-change
        adaptor: '@openfn/language-http@7.2.10'
        enabled: true
        credential: null
        body:
          path: ./jobs/my-fancy-script.js
      Send-to-OpenHIM-to-route-to-SHR:
        name: Send-to-OpenHIM-to-route-to-SHR
        adaptor: '@openfn/language-http@7.2.10'
        enabled: true
        body: |
          fn(state => {
            console.log("ok")
            return state
          });
      Notify-CHW-upload-failed: # rarely
        name: Notify-CHW-upload-failed
        adaptor: '@openfn/language-common@3.3.4'
        enabled: true
        credential: null
        body: fn(state => state);
    triggers:
      webhook:
        type: webhook
    edges:
      webhook->FHIR-standard-Data-with-change:
        source_trigger: webhook
        target_job: FHIR-standard-Data-with-change
        condition: always
      FHIR-standard-Data-with-change->Send-to-OpenHIM-to-route-to-SHR:
        source_job: FHIR-standard-Data-with-change
        target_job: Send-to-OpenHIM-to-route-to-SHR
        condition: on_job_success
      Send-to-OpenHIM-to-route-to-SHR->Notify-CHW-upload-failed:
        source_job: Send-to-OpenHIM-to-route-to-SHR
        target_job: Notify-CHW-upload-failed
        condition: on_job_failure
`;

let home: string;
let server: ThrowAway;
let database: Database;
let token: string;
let colleague: string;

beforeAll(async () => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-story-"));
  server = await startThrowAway();
  database = processDatabase(server.databaseUrl);
  token = await tokenOfSomebody(database);
  const repo = new Repo("first");
  repo.write("project.yaml", spec);
  repo.write("jobs/my-fancy-script.js", 'get("/patients");\n');
  repo.write(
    "config.json",
    `{
  // Optional: can be set using -p
  "specPath": "project.yaml",
  "statePath": "projectState.json",
  "endpoint": "${server.url}/api/provision", // OPENFN_ENDPOINT overrides it
}
`,
  );
  repo.git("init", "-q");
  repo.commit();
}, 600_000);
afterAll(async () => {
  await database?.close();
  await server?.stop();
  fs.rmSync(home, { recursive: true, force: true });
});

async function tokenOfSomebody({ db }: Database): Promise<string> {
  const email = `${randomUUID()}@example.org`;
  const { id: userId } = await createUser({ db }, { email, password: randomUUID(), isEmailVerified: true });
  const actor = { type: "user", userId, label: email } as const;
  return (await createToken({ db, actor, announce }, { name: "story" })).token;
}

/** Somebody's folder of files, under git. */
class Repo {
  readonly dir: string;

  constructor(name: string) {
    this.dir = path.join(home, name);
    fs.mkdirSync(this.dir, { recursive: true });
  }

  at = (name: string) => path.join(this.dir, name);
  read = (name: string) => fs.readFileSync(this.at(name), "utf8");
  state = () => JSON.parse(this.read("projectState.json"));

  write(name: string, text: string) {
    fs.mkdirSync(path.dirname(this.at(name)), { recursive: true });
    fs.writeFileSync(this.at(name), text);
  }

  edit(name: string, from: string, to: string) {
    expect(this.read(name)).toContain(from);
    this.write(name, this.read(name).replace(from, to));
  }

  git(...args: string[]): string {
    const ran = spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...args], {
      cwd: this.dir,
      encoding: "utf8",
      timeout: 60_000,
    });
    expect(ran.stderr).toBe("");
    return ran.stdout;
  }

  commit() {
    this.git("add", "-A");
    this.git("commit", "-q", "-m", "as it is");
  }

  /** Changed lines, without those around them. */
  changed = (): string[] =>
    this.git("diff", "-U0", "--", ".", ":!projectState.json")
      .split("\n")
      .filter((line) => /^[+-](?![+-]{2} )/.test(line));

  waybill(line: string, { stdin = "", env = {} }: { stdin?: string; env?: Record<string, string> } = {}) {
    const ran: SpawnSyncReturns<string> = spawnSync(process.execPath, [main, ...line.split(" ")], {
      cwd: this.dir,
      env: neutralEnvironment({ HOME: home, XDG_CONFIG_HOME: home, OPENFN_API_KEY: token, ...env }),
      input: stdin,
      encoding: "utf8",
      timeout: 120_000,
    });
    return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
  }
}

const first = () => new Repo("first");

/** What a colleague does in the browser, in as many words of the API. */
async function inBrowser(repo: Repo, change: (graph: Graph) => void) {
  const { id, workflows } = repo.state();
  const workflow = workflows["OpenHIE-Workflow"].id;
  const at = `${server.url}/api/projects/${id}/workflows/${workflow}`;
  const headers = { authorization: `Bearer ${colleague}`, "content-type": "application/json" };
  const found = await (await fetch(at, { headers })).json();
  const { graph, lockVersion } = found;
  change(graph);
  const jobs = graph.jobs.map(({ adaptorVersion, ...job }: Graph["jobs"][number]) => job);
  const body = JSON.stringify({ ...graph, jobs, lockVersion });
  const saved = await fetch(at, { method: "PUT", headers, body });
  expect(saved.status, await saved.text()).toBe(200);
}
type Graph = { jobs: { name: string; body: string; adaptor: string; adaptorVersion?: unknown }[] };
const jobIn = (graph: Graph, name: string) => {
  const job = graph.jobs.find((one) => one.name === name);
  if (!job) throw new Error(`There is no job ${name}.`);
  return job;
};

describe("seed 2's story", () => {
  it("a new project is deployed", () => {
    const repo = first();
    const ran = repo.waybill("deploy -c config.json --no-confirm");
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stdout).toContain("No existing project found.");
    expect(ran.stdout).toContain("[CLI] ♦ Deployed.");
    repo.commit();
    const again = repo.waybill("deploy -c config.json --no-confirm");
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toContain("Project found.");
    expect(again.stdout).toContain("No changes to deploy.");
    expect(repo.git("status", "--short")).toBe("");
  });

  it("a changed body is shown, confirmed and deployed", () => {
    const repo = first();
    repo.edit("project.yaml", 'console.log("ok")', 'console.log("some changes here!")');
    const declined = repo.waybill("deploy -c config.json", { stdin: "n\n" });
    expect(declined).toMatchObject({ code: 1 });
    expect(declined.stdout).toContain("Cancelled.");
    const ran = repo.waybill("deploy -c config.json", { stdin: "y\n" });
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stdout).toContain(`[CLI] ♦ Changes:
 {
   workflows: [
     {
       jobs: [
         ...
         {
-          body: "fn(state => {\\n  console.log(\\"ok\\")\\n  return state\\n});\\n"
+          body: "fn(state => {\\n  console.log(\\"some changes here!\\")\\n  return state\\n});\\n"
         }`);
    expect(ran.stdout).toContain("? Deploy? (y/N) yes\n[CLI] ♦ Deployed.");
    repo.commit();
  });

  it("a job is deleted", () => {
    const repo = first();
    const text = repo.read("project.yaml");
    const [job, edge] = [
      "      Notify-CHW-upload-failed: #",
      "      Send-to-OpenHIM-to-route-to-SHR->Notify",
    ];
    const without =
      text.slice(0, text.indexOf(job)) + text.slice(text.indexOf("    triggers:"), text.indexOf(edge));
    repo.write("project.yaml", without);
    const ran = repo.waybill("deploy -c config.json -y");
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stdout).toContain("+          delete: true");
    expect(repo.waybill("deploy -c config.json -y").stdout).toContain("No changes to deploy.");
    repo.commit();
  });

  it("the project is pulled elsewhere, and there is nothing to deploy there", () => {
    const repo = new Repo("elsewhere");
    const { id } = first().state();
    const env = { WAYBILL_ENDPOINT: server.url };
    const ran = repo.waybill(`pull ${id} -s projectState.json`, { env });
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(repo.read("project.yaml")).toContain("get(");
    expect(repo.state().id).toBe(id);
    expect(repo.waybill("deploy -s projectState.json", { env }).stdout).toContain("No changes to deploy.");
  });

  it("what was changed in the browser comes as exactly that change", async () => {
    const repo = first();
    colleague = token;
    await inBrowser(repo, (graph) => {
      jobIn(graph, "FHIR-standard-Data-with-change").body = 'get("/patients/all");\n';
    });
    await inBrowser(repo, (graph) => {
      jobIn(graph, "Send-to-OpenHIM-to-route-to-SHR").adaptor = "@openfn/language-common@3.3.4";
    });
    expect(repo.waybill("pull -c config.json")).toMatchObject({ code: 0, stderr: "" });
    expect(repo.changed()).toEqual([
      '-get("/patients");',
      '+get("/patients/all");',
      "-        adaptor: '@openfn/language-http@7.2.10'",
      "+        adaptor: '@openfn/language-common@3.3.4'",
    ]);
    expect(repo.read("project.yaml")).toContain("# The team's own words stay");
    repo.commit();
  });

  it("a state that does not belong is refused with what to do, and that helps", () => {
    const repo = first();
    const state = repo.state();
    state.workflows["OpenHIE-Workflow"].workflow_id = randomUUID();
    repo.write("projectState.json", JSON.stringify(state));
    repo.edit("project.yaml", "some changes here!", "more changes");
    const refused = repo.waybill("deploy -c config.json -y");
    expect(refused.code).toBe(10);
    expect(refused.stderr).toContain("[CLI] ✘ Failed to deploy project openhie-project:");
    expect(refused.stderr).toContain('"extraneous parameters: workflow_id"');
    expect(refused.stderr).toContain("Run `waybill pull` to update your local files");
    expect(repo.state()).toEqual(state);
    repo.git("checkout", "-q", "project.yaml");
    expect(repo.waybill("pull -c config.json")).toMatchObject({ code: 0 });
    repo.edit("project.yaml", "some changes here!", "more changes");
    expect(repo.waybill("deploy -c config.json -y")).toMatchObject({ code: 0 });
    repo.commit();
  });

  it("what both sides changed is refused at a deploy, joined by merge, and deployed then", async () => {
    const repo = first();
    await inBrowser(repo, (graph) => {
      jobIn(graph, "FHIR-standard-Data-with-change").body = 'get("/patients/new");\n';
      jobIn(graph, "Send-to-OpenHIM-to-route-to-SHR").adaptor = "@openfn/language-http@7.2.10";
    });
    repo.write("jobs/my-fancy-script.js", '// all of them\nget("/patients/all");\n');
    repo.edit("project.yaml", "more changes", "most changes");
    const plan = repo.waybill("plan -c config.json");
    expect(plan.stdout).toContain("Changed on the server since the last pull or deploy:");
    const state = repo.state();
    const refused = repo.waybill("deploy -c config.json -y");
    expect(refused.code).toBe(10);
    expect(refused.stderr).toContain("was changed since you pulled");
    expect(refused.stderr).toContain("Run `waybill merge`");
    expect(repo.state()).toEqual(state);
    expect(repo.waybill("pull -c config.json")).toMatchObject({ code: 1 });

    const merged = repo.waybill("merge -c config.json");
    expect(merged).toMatchObject({ code: 2 });
    expect(repo.read("project.yaml")).toContain("most changes");
    expect(repo.changed()).toContain("+        adaptor: '@openfn/language-http@7.2.10'");
    const code = repo.read("jobs/my-fancy-script.js");
    expect(code).toContain("<<<<<<< yours\n");
    expect(repo.waybill("deploy -c config.json -y")).toMatchObject({ code: 10 });
    repo.write("jobs/my-fancy-script.js", '// all of them\nget("/patients/new");\n');
    expect(repo.waybill("deploy -c config.json -y")).toMatchObject({ code: 0 });
    expect(repo.waybill("merge -c config.json").stdout).toContain("Nothing to merge");
    repo.commit();
  });

  it("the project is ported to a second instance, where it has ids of its own", async () => {
    const second = await startThrowAway();
    try {
      const other = processDatabase(second.databaseUrl);
      try {
        const repo = first();
        const env = { WAYBILL_ENDPOINT: second.url, WAYBILL_API_KEY: await tokenOfSomebody(other) };
        const foreign = repo.waybill("deploy -c config.json -y", { env });
        expect(foreign.code).toBe(10);
        expect(foreign.stderr).toContain("it was deleted, or the file is of another server");
        expect(repo.waybill("deploy -c config.json -s second.json -y", { env })).toMatchObject({ code: 0 });
        const [state, ported] = [repo.state(), JSON.parse(repo.read("second.json"))];
        expect(ported.id).not.toBe(state.id);
        expect(ported.workflows["OpenHIE-Workflow"].jobs["Send-to-OpenHIM-to-route-to-SHR"].body).toBe(
          state.workflows["OpenHIE-Workflow"].jobs["Send-to-OpenHIM-to-route-to-SHR"].body,
        );
        for (const more of [{}, { env }] as { env?: typeof env }[])
          expect(
            repo.waybill(`deploy -c config.json -s ${more.env ? "second.json" : "projectState.json"}`, more)
              .stdout,
          ).toContain("No changes to deploy.");
      } finally {
        await other.close();
        processDatabase(server.databaseUrl, database);
      }
    } finally {
      await second.stop();
    }
  });

  it("a revoked token and a server that is away are said in OpenFn's words, and nothing is lost", () => {
    const repo = first();
    const wrong = repo.waybill("deploy -c config.json -y", { env: { WAYBILL_API_KEY: "wb_none" } });
    expect(wrong.code).toBe(10);
    expect(wrong.stderr).toContain(`with endpoint ${server.url}/api/provision, got 401 Unauthorized.`);
    const away = repo.waybill("deploy -c config.json -y", {
      env: { WAYBILL_ENDPOINT: "http://127.0.0.1:9" },
    });
    expect(away.code).toBe(10);
    expect(away.stderr).toContain("Failed to connect to endpoint http://127.0.0.1:9");
    expect(repo.git("status", "--short", "--", "project.yaml", "projectState.json", "jobs")).toBe("");
  });
});
