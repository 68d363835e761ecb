import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { neutralEnvironment } from "./throw-away.mjs";

let parent: string;
beforeEach(() => {
  parent = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-settings-"));
});
afterEach(() => fs.rmSync(parent, { recursive: true }));

/** Runs the launcher with these settings. None of them gets as far as an installation, a build or a data directory. */
function launch(command: string, settings: Record<string, string>) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.resolve("lib/launcher/main.mjs"), command],
    {
      env: neutralEnvironment({ DATA_DIR: path.join(parent, "data"), ...settings }),
      encoding: "utf8",
      timeout: 60_000,
    },
  );
  expect(stdout).toBe("");
  expect(fs.readdirSync(parent)).toEqual([]);
  return { status, said: stderr.trim().split("\n") };
}

it.each([
  ["start", { PUBLIC_URL: "notaurl" }, 'PUBLIC_URL is "notaurl", which is no origin'],
  ["start", { RUNNER_URL: "bogus" }, 'RUNNER_URL is "bogus", which is no address of a runner'],
  ["start", { RUNNER_URL: "http://10.0.0.5:4000" }, "set RUNNER_ALLOW_PLAIN=1 where nobody else can listen"],
  [
    "start",
    { RUNNER_URL: "https://a:1,https://b:1" },
    "RUNNER_URL names several runners, and this starts one",
  ],
  [
    "runner",
    { RUNNER_URL: "https://a:1,https://b:1" },
    "RUNNER_URL names several runners, and this starts one",
  ],
  ["engine", { RUNNER_URL: "https://a:1,http://b:1" }, "RUNNER_URL names http://b:1"],
  ["runner", { RUNNER_CERT: "/c.pem" }, "RUNNER_CERT is set without RUNNER_KEY"],
  ["start", { SECRET_KEY: "short" }, "SECRET_KEY has 5 characters"],
  ["start", { PORT: "http" }, 'PORT is "http", which is no port'],
  ["start", { EGRESS_ALLOW: "10.0.0.0/99" }, 'EGRESS_ALLOW is "10.0.0.0/99", which holds'],
  ["start", { GITHUB_ID: "a" }, "GITHUB_ID is set without GITHUB_SECRET"],
  ["dev", { ALLOW_SIGNUP: "off" }, "ALLOW_SIGNUP"],
  ["web", { MAX_BODY_BYTES: "10MB" }, "MAX_BODY_BYTES"],
  ["engine", { INNGEST_EVENT_KEY: "a" }, "INNGEST_EVENT_KEY is set without INNGEST_SIGNING_KEY"],
  ["runner", { WORKER_REUSE: "always" }, "WORKER_REUSE"],
  ["build", { LOG_LEVEL: "loud" }, "LOG_LEVEL"],
  ["admin", { DATABASE_URL: "mysql://me:pass@db/waybill" }, "DATABASE_URL is no address of a PostgreSQL"],
] as const)("%s with %j ends at once with one sentence", (command, settings, words) => {
  const { status, said } = launch(command, settings);
  expect({ status, lines: said.length }).toEqual({ status: 1, lines: 1 });
  expect(said[0]).toContain(words);
  expect(said[0]).not.toContain("pass@");
});

it("says everything that is wrong at once", () => {
  const { said } = launch("start", { PUBLIC_URL: "notaurl", RUNNER_URL: "bogus", SECRET_KEY: "short" });
  expect(said.map((line) => line.split(" ")[0])).toEqual(["PUBLIC_URL", "SECRET_KEY", "RUNNER_URL"]);
});
