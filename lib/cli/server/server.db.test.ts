import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { cli } from "@/lib/cli/testing";
import { createProjectToken } from "@/lib/domain/project-token/create";
import { createToken } from "@/lib/domain/token/create";
import { type Served, serveRoutes } from "@/lib/testing/api/served";
import { type Clinic, createClinic, elevenSecondsLater } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { createTestProject, createTestUser, userContextFor } from "@/lib/testing/fixtures";
import { failure, result } from "@/lib/testing/scripted-runner";

testDatabase();
let server: Served;
let clinic: Clinic;
let cwd: string;
let token: string;
let messageId: string;

const line = (message: string, seq = 0) => ({
  seq,
  at: Date.parse("2026-11-26T08:00:00Z"),
  level: "info" as const,
  source: "JOB" as const,
  message,
});
const waybill = (args: string[], more: { stdin?: string; token?: string; signal?: AbortSignal } = {}) =>
  cli(args, {
    cwd,
    env: { WAYBILL_ENDPOINT: server.url, WAYBILL_API_KEY: more.token ?? token },
    ...(more.stdin === undefined ? {} : { stdin: more.stdin }),
    ...(more.signal ? { signal: more.signal } : {}),
  });
const ownToken = async (user: { id: string; email: string }, scopes?: ["read"]) =>
  (await createToken(userContextFor(user), { name: "cli", ...(scopes ? { scopes } : {}) })).token;

beforeAll(async () => {
  server = await serveRoutes();
  clinic = await createClinic();
  cwd = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-cli-"));
  fs.writeFileSync(path.join(cwd, "projectState.json"), JSON.stringify({ id: clinic.project.id }));
  const { actor } = clinic.ctx;
  if (actor.type !== "user") throw new Error("A person owns the clinic.");
  token = await ownToken({ id: actor.userId, email: actor.label });
  messageId = await clinic.receive({ form: "visit", name: "Ada" });
  await clinic.execute(
    messageId,
    ({ job }) => result(job.name === "Referral" ? {} : failure("JobError", "no\u001b[2Jmoney")),
    [line("begun"), line("two\nlines \u001b]0;x\u0007", 1)],
  );
});
afterAll(async () => {
  await server.close();
  fs.rmSync(cwd, { recursive: true, force: true });
});

describe("waybill messages", () => {
  it("lists messages with the states of their jobs, under filters", async () => {
    const said = await waybill(["messages"]);
    expect(said).toMatchObject({ code: 0, stderr: "" });
    expect(said.stdout).toContain(messageId);
    expect(said.stdout).toMatch(/Visit\/Payment +failure JobError +run [0-9a-f-]{36}/);
    expect(said.stdout).toMatch(/Visit\/Referral +success/);
    expect((await waybill(["messages", "--state", "waiting"])).stdout).toContain("No message.");
    for (const job of ["payment", "Visit/Payment", clinic.jobs.payment])
      expect((await waybill(["messages", "--job", job])).stdout).toContain(messageId);
    expect((await waybill(["messages", "--job", "Hooked"])).stdout).toContain("No message.");
    expect((await waybill(["messages", "--text", "Ada"])).stdout).toContain(messageId);
  });

  it("gives JSON to other programs, as many as are asked for, and one by its id", async () => {
    for (let i = 0; i < 4; i++) await clinic.receive({ form: "other", i });
    const all = JSON.parse((await waybill(["messages", "--json"])).stdout);
    expect(all).toHaveLength(5);
    const two = JSON.parse((await waybill(["messages", "--json", "--limit", "2"])).stdout);
    expect(two).toEqual(all.slice(0, 2));
    const one = JSON.parse((await waybill(["messages", messageId, "--json"])).stdout);
    expect(one).toMatchObject({ id: messageId, jobStates: expect.arrayContaining([]) });
  });

  it("says what it does not find, and what it was not given", async () => {
    expect((await waybill(["messages", clinic.jobs.payment])).stderr).toContain("has no message");
    expect((await waybill(["messages", "--job", "Nowhere"])).stderr).toContain("Say which: Hook/Hooked");
    expect((await waybill(["messages", "--limit", "0"])).code).toBe(1);
    expect((await waybill(["messages", "--from", "yesterday"])).code).toBe(1);
    expect(await waybill(["messages"], { token: "wb_nobody" })).toMatchObject({ code: 10 });
  });

  it("shows a stranger nothing", async () => {
    const said = await waybill(["messages"], { token: await ownToken(await createTestUser()) });
    expect(said.code).not.toBe(0);
    expect(said.stdout).toBe("");
  });

  it("takes the only project that a token sees, and asks which where there are more", async () => {
    const owner = await createTestUser();
    const elsewhere = {
      cwd: os.tmpdir(),
      env: { WAYBILL_ENDPOINT: server.url, WAYBILL_API_KEY: await ownToken(owner) },
    };
    expect((await cli(["messages"], elsewhere)).stderr).toContain("Say --project <uuid>");
    const { name } = await createTestProject({ owner });
    expect((await cli(["messages"], elsewhere)).stdout).toContain("No message.");
    await createTestProject({ owner });
    expect((await cli(["messages"], elsewhere)).stderr).toContain(name);
    const { token: repository } = await createProjectToken(clinic.ctx, {
      name: "repository",
      scopes: ["read"],
    });
    const own = { ...elsewhere, env: { ...elsewhere.env, WAYBILL_API_KEY: repository } };
    expect((await cli(["messages", "--project", clinic.project.id], own)).stdout).toContain(messageId);
    expect((await cli(["messages"], own)).stdout).toContain(messageId);
    const { token: deployer } = await createProjectToken(clinic.ctx, { name: "deploys", scopes: ["deploy"] });
    const other = { ...elsewhere, env: { ...elsewhere.env, WAYBILL_API_KEY: deployer } };
    expect((await cli(["messages"], other)).stderr).toContain("Say --project <uuid>");
    expect((await cli(["messages", "--project", "it"], elsewhere)).stderr).toContain(
      '"it" is no project\'s UUID',
    );
  });
});

describe("waybill logs", () => {
  it("prints what the newest run has logged, and obeys no sign in it", async () => {
    const said = await waybill(["logs"]);
    expect(said.code).toBe(0);
    expect(said.stdout).toContain("2026-11-26T08:00:00.000Z Payment [JOB] begun\n");
    expect(said.stdout).toContain("two\nlines \\x1b]0;x\\x07\n");
    expect(said.stdout).toMatch(/Run [0-9a-f-]{36} of Visit: failed, JobError: no\\x1b\[2Jmoney/);
    expect(said.stdout).not.toContain("\u001b");
  });

  it("follows a run until it has ended, and ends as it did", async () => {
    const id = await clinic.receive({ form: "visit", name: "Bo" });
    const [run] = await testDatabase().query<{ id: string }>("select id from runs where message_id = $1", [
      id,
    ]);
    const following = waybill(["logs", run?.id ?? "", "--follow", "--json"]);
    await clinic.execute(id, undefined, [line("later")]);
    const said = await following;
    expect(said.code).toBe(0);
    const lines = said.stdout
      .trim()
      .split("\n")
      .map((text) => JSON.parse(text));
    expect(lines.map(({ job, message }) => [job, message])).toEqual([
      ["Referral", "later"],
      ["Payment", "later"],
    ]);
    const failed = await clinic.receive({ form: "visit", name: "Cy" });
    await clinic.execute(failed, () => result(failure()));
    const [bad] = await testDatabase().query<{ id: string }>("select id from runs where message_id = $1", [
      failed,
    ]);
    expect((await waybill(["logs", bad?.id ?? "", "-f"])).code).toBe(1);
    expect((await waybill(["logs", bad?.id ?? ""])).code).toBe(0);
  });

  it("follows a project: what goes on and what comes, each line once, until it is told to stop", async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const following = cli(["logs", "-f"], {
      cwd,
      env: { WAYBILL_ENDPOINT: server.url, WAYBILL_API_KEY: token },
      signal: stop.signal,
      onStdout: (text) => seen.push(text),
    });
    const looks = () => server.asked.filter((one) => one.includes("/runs?limit=50")).length;
    // The first look is over when the second begins.
    await vi.waitFor(() => expect(looks()).toBeGreaterThan(1), { timeout: 20_000 });
    const waiting = await clinic.receive({ form: "visit", name: "Di" });
    await clinic.execute(waiting, undefined, [line("first")]);
    await vi.waitFor(() => expect(seen.join("")).toContain("first"), { timeout: 20_000 });
    const later = await clinic.receive({ form: "visit", name: "Ed" });
    await clinic.execute(later, undefined, [line("second")]);
    await vi.waitFor(() => expect(seen.join("").match(/second/g)).toHaveLength(2), { timeout: 20_000 });
    stop.abort(new DOMException("Stopped.", "AbortError"));
    expect((await following).code).toBe(130);
    expect(seen.join("").match(/begun/g)).toBeNull();
  });

  it("says that there is no such run", async () => {
    expect((await waybill(["logs", messageId])).stderr).toContain("The project has no run");
    expect((await waybill(["logs", "x"])).code).not.toBe(0);
  });
});

describe("waybill rerun", () => {
  const runsOf = (id: string) =>
    testDatabase().query<{ id: string }>("select id from runs where message_id = $1 order by id", [id]);

  it("says what would be done a second time, and does nothing without a yes", async () => {
    const before = await runsOf(messageId);
    const said = await waybill(["rerun", messageId], { stdin: "n\n" });
    expect(said.code).toBe(1);
    expect(said.stdout).toContain("Visit/Referral has succeeded for this input once already");
    expect(said.stdout).toContain("Cancelled.");
    expect((await waybill(["rerun", messageId])).code).toBe(1);
    expect(await runsOf(messageId)).toEqual(before);
  });

  it("runs a message again: whole, one workflow of it, or from a job on", async () => {
    const count = async () => (await runsOf(messageId)).length;
    const before = await count();
    await elevenSecondsLater(messageId);
    expect(await waybill(["rerun", messageId], { stdin: "y\n" })).toMatchObject({ code: 0, stderr: "" });
    await elevenSecondsLater(messageId);
    expect((await waybill(["rerun", messageId, "--workflow", "visit", "-y"])).code).toBe(0);
    await elevenSecondsLater(messageId);
    const from = await waybill(["rerun", messageId, "--from", "Payment", "--original", "-y", "--json"]);
    const { runIds } = JSON.parse(from.stdout);
    expect(await count()).toBe(before + 3);
    const [run] = await testDatabase().query("select starting_job_id from runs where id = $1", [runIds[0]]);
    expect(run).toEqual({ starting_job_id: clinic.jobs.payment });
  });

  it("runs a run again from one of its steps on, and follows it to its end", async () => {
    const id = await clinic.receive({ form: "visit", name: "Fi" });
    await clinic.execute(id);
    await elevenSecondsLater(id);
    const [first] = await runsOf(id);
    const following = waybill(["rerun", first?.id ?? "", "--from", "payment", "-y", "--follow"]);
    await vi.waitFor(async () => expect(await runsOf(id)).toHaveLength(2), { timeout: 20_000 });
    await clinic.execute(id, undefined, [line("again")]);
    const said = await following;
    expect(said.code).toBe(0);
    expect(said.stdout).toContain("Payment [JOB] again");
    expect(said.stdout).not.toContain("Referral [JOB] again");
  });

  it("needs the scope run, and says what it does not find", async () => {
    const { actor } = clinic.ctx;
    if (actor.type !== "user") throw new Error("A person owns the clinic.");
    const reader = await ownToken({ id: actor.userId, email: actor.label }, ["read"]);
    expect((await waybill(["rerun", messageId, "-y"], { token: reader })).code).toBe(10);
    const [run] = await runsOf(messageId);
    expect((await waybill(["rerun", run?.id ?? "", "--from", "None"])).stderr).toContain("It has: Referral");
    expect((await waybill(["rerun", run?.id ?? "", "--workflow", "Visit"])).code).toBe(1);
    expect((await waybill(["rerun", clinic.jobs.payment])).stderr).toContain("no message or run");
    expect((await waybill(["rerun", "newest"])).stderr).toContain('"newest" is no UUID');
    expect((await waybill(["rerun", messageId, "--workflow", "None"])).stderr).toContain("These have: Visit");
  });
});
