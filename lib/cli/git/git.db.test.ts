import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createProjectToken } from "@/lib/domain/project-token/create";
import { createToken } from "@/lib/domain/token/create";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { type Served, serveRoutes } from "@/lib/testing/api/served";
import { testDatabase } from "@/lib/testing/database";
import { contextFor, createTestUser, type TestUser, userContextFor } from "@/lib/testing/fixtures";

testDatabase();
const here = import.meta.dirname;
const launcher = path.resolve("lib/launcher/main.mjs");
const script = path.join(here, "waybill.sh");
const spec = `# Comments stay.
name: clinic-in-git
workflows:
  Referrals:
    name: Referrals
    jobs:
      Notify:
        name: Notify
        adaptor: '@openfn/language-common@latest'
        credential: null
        body:
          path: jobs/notify.js
      Log:
        name: Log
        adaptor: '@openfn/language-common@latest'
        credential: null
        body:
          path: jobs/log.js
    triggers:
      webhook: { type: webhook, enabled: true }
    edges:
      webhook->Notify: { source_trigger: webhook, target_job: Notify, condition_type: always, enabled: true }
      Notify->Log: { source_job: Notify, target_job: Log, condition_type: on_job_success, enabled: true }
`;

let server: Served;
let ada: TestUser;
let folder: string;
let work: string;
let projectId: string;
/** A repository's: what the host of git is given. */
let token: string;

type Ran = { code: number | null; stdout: string; stderr: string };

/** Runs a program with nothing of this machine's configuration. */
function run(command: string, args: string[], cwd: string, env: Record<string, string> = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const ran = { stdout: "", stderr: "" };
    const child = spawn(command, args, {
      cwd,
      env: {
        NODE_ENV: "test",
        PATH: process.env.PATH,
        HOME: folder,
        GIT_CONFIG_NOSYSTEM: "1",
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.on("data", (text) => {
      ran.stdout += text;
    });
    child.stderr.on("data", (text) => {
      ran.stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...ran }));
  });
}

async function git(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run("git", args, work, {
    GIT_AUTHOR_NAME: "Ada",
    GIT_AUTHOR_EMAIL: ada.email,
    GIT_COMMITTER_NAME: "Ada",
    GIT_COMMITTER_EMAIL: ada.email,
  });
  if (code !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** What a host of git does: a fresh copy of what was pushed, and the line of its workflow file in it. */
async function host(line: string, env: Record<string, string> = {}): Promise<Ran> {
  const copy = fs.mkdtempSync(path.join(folder, "host-"));
  await git("clone", "--quiet", path.join(folder, "origin.git"), copy);
  return run("sh", ["-c", line], copy, {
    WAYBILL_ENDPOINT: server.url,
    WAYBILL_API_KEY: token,
    WAYBILL: `${process.execPath} ${launcher}`,
    GITHUB_REF_NAME: "main",
    ...env,
  });
}

const commitAll = async (message: string) => {
  await git("add", "--all");
  await git("commit", "--quiet", "--message", message);
  await git("push", "--quiet", "origin", "HEAD:main");
};

const notify = async () => {
  const ctx = contextFor(ada, { id: projectId, name: "clinic-in-git" });
  const [row] = await testDatabase().query<{ id: string }>("select id from workflows where project_id = $1", [
    projectId,
  ]);
  return { ctx, workflow: await getWorkflow(ctx, { id: row?.id ?? "" }) };
};

const bodyOf = async (name: string) =>
  (await notify()).workflow.graph.jobs.find((job) => job.name === name)?.body;

async function changeInBrowser(body: string): Promise<void> {
  const { ctx, workflow } = await notify();
  const { graph, id, lockVersion } = workflow;
  const jobs = graph.jobs.map(({ adaptorVersion: _, ...job }) =>
    job.name === "Notify" ? { ...job, body } : job,
  );
  await saveWorkflow(
    ctx,
    { ...graph, jobs, id, lockVersion },
    { resolveAdaptor: async (_, version) => ({ version }) },
  );
}

beforeAll(async () => {
  server = await serveRoutes();
  ada = await createTestUser();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-git-"));
  work = path.join(folder, "work");
  fs.mkdirSync(path.join(work, "jobs"), { recursive: true });
  fs.writeFileSync(path.join(work, "project.yaml"), spec);
  fs.writeFileSync(path.join(work, "jobs/notify.js"), "fn(state => state);\n");
  fs.writeFileSync(path.join(work, "jobs/log.js"), "fn(state => state);\n");
  fs.copyFileSync(script, path.join(work, "waybill.sh"));
  await git("init", "--quiet", "--initial-branch", "main");
  await git("init", "--quiet", "--bare", "--initial-branch", "main", path.join(folder, "origin.git"));
  await git("remote", "add", "origin", path.join(folder, "origin.git"));
  await commitAll("A project");
  // A person makes the project; from then on its repository has a token.
  token = (await createToken(userContextFor(ada), { name: "first" })).token;
  const first = await run(process.execPath, [launcher, "deploy", "--no-confirm"], work, {
    WAYBILL_ENDPOINT: server.url,
    WAYBILL_API_KEY: token,
  });
  expect(first, first.stderr).toMatchObject({ code: 0 });
  await commitAll("Its state");
  const state = fs.readdirSync(work).find((name) => name.toLowerCase().endsWith("state.json")) ?? "";
  projectId = JSON.parse(fs.readFileSync(path.join(work, state), "utf8")).id;
  const ctx = contextFor(ada, { id: projectId, name: "clinic-in-git" });
  token = (await createProjectToken(ctx, { name: "github", scopes: ["read", "deploy"] })).token;
}, 180_000);
afterAll(async () => {
  await server?.close();
  if (folder) fs.rmSync(folder, { recursive: true, force: true });
});

describe("the script for hosts of git", { timeout: 120_000 }, () => {
  it("says what a push would deploy, deploys it, and commits the state that this wrote", async () => {
    fs.writeFileSync(path.join(work, "jobs/notify.js"), "fn(state => ({ ...state, told: true }));\n");
    await commitAll("Tell");
    const before = await git("rev-parse", "HEAD");
    const plan = await host("sh waybill.sh plan");
    expect(plan, plan.stderr).toMatchObject({ code: 0 });
    expect(plan.stdout).toContain("Notify");
    expect(await bodyOf("Notify")).toBe("fn(state => state);\n");
    const deployed = await host("sh waybill.sh deploy");
    expect(deployed, deployed.stderr).toMatchObject({ code: 0 });
    expect(await bodyOf("Notify")).toContain("told: true");
    await git("pull", "--quiet", "origin", "main");
    expect(await git("log", "--format=%an %s", `${before.trim()}..HEAD`)).toBe(
      `Waybill Deployed to ${server.url} [skip ci]\n`,
    );
    expect(await git("diff", "--name-only", before.trim(), "HEAD")).toMatch(/^\S*state\.json\n$/i);
    expect(deployed.stdout + deployed.stderr + plan.stdout + plan.stderr).not.toContain(token);
  });

  it("commits exactly what was changed in the browser, and nothing where nothing was", async () => {
    await changeInBrowser("fn(state => ({ ...state, told: true, at: 1 }));\n");
    const pulled = await host("sh waybill.sh pull");
    expect(pulled, pulled.stderr).toMatchObject({ code: 0 });
    await git("pull", "--quiet", "origin", "main");
    expect(await git("show", "--format=", "HEAD", "--", "jobs", "project.yaml")).toMatch(
      /-fn\(state => \(\{ \.\.\.state, told: true \}\)\);\n\+fn\(state => \(\{ \.\.\.state, told: true, at: 1 \}\)\);\n$/,
    );
    const head = await git("rev-parse", "HEAD");
    expect(await host("sh waybill.sh pull")).toMatchObject({ code: 0 });
    expect(await host("sh waybill.sh deploy")).toMatchObject({ code: 0 });
    await git("pull", "--quiet", "origin", "main");
    expect(await git("rev-parse", "HEAD")).toBe(head);
  });

  it("joins what both have changed, and stops where both have changed the same", async () => {
    await changeInBrowser("fn(state => ({ ...state, told: 2 }));\n");
    fs.writeFileSync(path.join(work, "jobs/log.js"), "fn(state => { console.log(state); return state; });\n");
    await commitAll("Log");
    const joined = await host("sh waybill.sh deploy");
    expect(joined, joined.stderr).toMatchObject({ code: 0 });
    await git("pull", "--quiet", "origin", "main");
    expect(fs.readFileSync(path.join(work, "jobs/notify.js"), "utf8")).toContain("told: 2");
    expect(await bodyOf("Notify")).toContain("told: 2");
    expect(await bodyOf("Log")).toContain("console.log(state)");
    await changeInBrowser("fn(state => ({ ...state, told: 3 }));\n");
    fs.writeFileSync(path.join(work, "jobs/notify.js"), "fn(state => ({ ...state, told: 4 }));\n");
    await commitAll("Tell otherwise");
    const head = await git("rev-parse", "HEAD");
    const refused = await host("sh waybill.sh deploy");
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("Both sides changed");
    expect(await bodyOf("Notify")).toContain("told: 3");
    await git("fetch", "--quiet", "origin");
    expect(await git("rev-parse", "origin/main")).toBe(head);
  });

  it("commits and deploys nothing when it is refused", async () => {
    const head = await git("rev-parse", "HEAD");
    for (const [line, env, words] of [
      ["sh waybill.sh deploy", { WAYBILL_API_KEY: "wb_revoked" }, "401 Unauthorized"],
      ["sh waybill.sh deploy", { WAYBILL_API_KEY: "" }, "Give WAYBILL_API_KEY"],
      ["sh waybill.sh deploy", { WAYBILL: "" }, "Give WAYBILL_SOURCE"],
      ["sh waybill.sh", {}, "Usage: sh waybill.sh plan | deploy | pull"],
    ] as const) {
      const refused = await host(line, env);
      expect(refused.code, words).not.toBe(0);
      expect(refused.stderr).toContain(words);
    }
    await git("fetch", "--quiet", "origin");
    expect(await git("rev-parse", "origin/main")).toBe(head);
  });
});

describe("the workflow files", () => {
  const read = (name: string) => parse(fs.readFileSync(path.join(here, name), "utf8"));

  it("call the script and nothing else with the token, on GitHub", () => {
    const { jobs } = read("github.yml");
    const lines = Object.entries<{ steps: { run?: string; env?: object }[] }>(jobs).map(
      ([name, { steps }]) => [name, steps.flatMap(({ run, env }) => (run ? [run] : env ? ["env"] : []))],
    );
    expect(lines).toEqual(["plan", "deploy", "pull"].map((name) => [name, [`sh waybill.sh ${name}`]]));
  });

  it("and on GitLab", () => {
    const { image: _, ".waybill": __, ...jobs } = read("gitlab.yml");
    const lines = Object.entries<{ script: string[] }>(jobs).map(([name, job]) => [name, job.script]);
    expect(lines).toEqual(["plan", "deploy", "pull"].map((name) => [name, [`sh waybill.sh ${name}`]]));
  });
});
