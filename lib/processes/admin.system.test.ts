import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { build } from "@/lib/launcher/build.mjs";
import { neutralEnvironment, startThrowAway } from "@/lib/launcher/throw-away.mjs";

let parent: string;
let dataDir: string;
beforeAll(async () => {
  await build();
  parent = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-system-"));
  dataDir = path.join(parent, "data");
}, 600_000);
afterAll(() => fs.rmSync(parent, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

/** Runs one operator's command, as `npm run -s admin -- …` does. */
function admin(...args: string[]) {
  const env = neutralEnvironment({ DATA_DIR: dataDir });
  const script = path.resolve("lib/launcher/main.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, "admin", ...args], {
    env,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}
const made = (...args: string[]) => {
  const { status, stdout, stderr } = admin(...args);
  expect(stderr, args.join(" ")).toBe("");
  expect(status).toBe(0);
  return JSON.parse(stdout);
};

it("makes users, projects and tokens while the server is stopped and while it runs, one JSON object each", async () => {
  const ada = made(
    "create-user",
    "--email",
    "Ada@example.org",
    "--password",
    "a long enough password",
    "--name",
    "Ada",
  );
  expect(ada).toMatchObject({ id: expect.any(String), email: "ada@example.org" });
  const empty = made("create-project", "--name", "empty", "--owner", "ada@example.org");
  expect(empty).toMatchObject({ name: "empty", inboxUrl: expect.stringContaining(`/i/${empty.inboxId}`) });

  const server = await startThrowAway({ dataDir });
  try {
    const sample = made("create-project", "--name", "from-sample", "--owner", "ada@example.org", "--sample");
    expect(sample.workflows.length).toBeGreaterThan(0);
    expect(sample.inboxUrl).toBe(`${server.url}/i/${sample.inboxId}`);
    const { token } = made(
      "create-token",
      "--email",
      "ada@example.org",
      "--project",
      sample.id,
      "--name",
      "script",
      "--scopes",
      "read",
      "--expires",
      `${new Date().getUTCFullYear() + 1}-01-01`,
    );
    const headers = { authorization: `Bearer ${token}` };
    const read = (id: string) => fetch(`${server.url}/api/projects/${id}/messages`, { headers });
    expect((await read(sample.id)).status).toBe(200);
    expect((await read(empty.id)).status).toBe(404);
    const save = await fetch(`${server.url}/api/projects/${sample.id}/workflows`, {
      method: "POST",
      headers,
    });
    expect([save.status, (await save.json()).error.details]).toEqual([403, { scope: ["deploy"] }]);
    const planned = made("set-plan", "--project", sample.id, "--runs-per-month", "1", "--limit", "hard");
    expect(planned).toEqual({ id: sample.id, runsPerMonth: 1, runsPerMinute: null, limitKind: "hard" });
    const send = () => fetch(sample.inboxUrl, { method: "POST", body: '{"form":"home-visit"}' });
    expect([(await send()).status, (await send()).status]).toEqual([202, 429]);
    expect(made("set-plan", "--project", sample.id, "--limit", "none")).toMatchObject({ runsPerMonth: null });
    expect((await send()).status).toBe(202);
    const scheduled = made("delete-project", "--project", empty.id, "--confirm", "empty");
    expect(new Date(scheduled.deletesAt).getTime()).toBeGreaterThan(Date.now() + 6 * 86_400_000);
    const purged = made("delete-project", "--project", sample.id, "--confirm", "from-sample", "--now");
    expect(purged).toMatchObject({ id: sample.id, isPurged: true });
    // The token worked in it alone.
    expect((await read(sample.id)).status).toBe(401);
    expect((await fetch(sample.inboxUrl, { method: "POST", body: "{}" })).status).toBe(404);
  } finally {
    await server.stop();
  }
  made("delete-project", "--project", empty.id, "--confirm", "empty", "--now");
  const grace = made("create-user", "--email", "grace@example.org", "--password", "a long enough password");
  made("create-project", "--name", "hers", "--owner", "grace@example.org");
  const gone = made("delete-user", "--email", "grace@example.org", "--with-projects", "--now");
  expect(gone).toMatchObject({ id: grace.id, isPurged: true });
});

it.each([
  [["create-user", "--email", "ada@example.org"], "--password is missing"],
  [["create-user", "--email", "x", "--password", "short"], "Enter an e-mail address"],
  [["create-token", "--email", "nobody@example.org"], "An account for nobody@example.org was not found"],
  [["create-token", "--email", "ada@example.org", "--scopes", "read,fly"], 'There is no scope "fly"'],
  [["create-token", "--email", "ada@example.org", "--expires", "soon"], "--expires takes a day"],
  [["set-plan", "--project", "x"], "Give --runs-per-month"],
  [["set-plan", "--project", "x", "--limit", "firm"], "--limit takes soft, hard or none"],
  [["set-plan", "--project", "x", "--runs-per-month", "-1"], "--runs-per-month"],
  [["set-plan", "--project", "x", "--runs-per-minute", "many"], "--runs-per-minute takes a number or none"],
  [["create-castle"], 'There is no command "create-castle"'],
  [["create-user", "--colour", "red"], "--colour"],
])("refuses %j with one sentence on standard error", (args, words) => {
  const { status, stdout, stderr } = admin(...args);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toContain(words);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});
