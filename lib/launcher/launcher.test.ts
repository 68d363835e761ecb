import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseEnv } from "@/lib/env";
import { environmentFor, loadDotEnv, variables } from "./environment.mjs";
import { tryLock, withLock } from "./lock.mjs";
import { socketPath } from "./paths.mjs";
import { identify, isRunning, self } from "./processes.mjs";
import { secrets } from "./secrets.mjs";
import { backOffMs } from "./supervise.mjs";
import { countPlaywright, countVitest } from "./test.mjs";

let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-unit-"));
});
afterEach(() => fs.rmSync(dir, { recursive: true }));

describe("a socket of ours", () => {
  it("lies in the data directory when its path is short enough for the kernel", () => {
    expect(socketPath("/srv/waybill", "runner")).toBe("/srv/waybill/runner.sock");
    expect(socketPath("/srv/waybill", "web")).toBe("/srv/waybill/web.sock");
  });

  it("moves to a short directory of its own when the path is too long, one for each data directory", () => {
    const long = (name: string) => socketPath(`/${"é".repeat(50)}/${name}`, "runner", "/tmp");
    expect(Buffer.byteLength(long("a"))).toBeLessThan(104);
    expect(long("a")).toMatch(/^\/tmp\/waybill-.+\/runner\.sock$/);
    expect(long("a")).not.toBe(long("b"));
  });
});

describe("what the processes are told", () => {
  const source = {
    ...Object.fromEntries(variables.web.map((name) => [name, "x"])),
    PATH: "/bin",
    AWS_SECRET: "x",
  };

  it("tells the runner neither the database nor the master key", () => {
    const told = environmentFor("runner", source);
    expect(told).toMatchObject({ PATH: "/bin", RUNNER_TOKEN: "x", RUNNER_URL: "x" });
    for (const name of [
      "DATABASE_URL",
      "SECRET_KEY",
      "CREDENTIAL_KEY",
      "SMTP_URL",
      "GITHUB_SECRET",
      "AWS_SECRET",
    ])
      expect(told).not.toHaveProperty(name);
  });

  it("tells the engine no sign-in secrets, and the database server nothing", () => {
    expect(environmentFor("engine", source)).not.toHaveProperty("OIDC_CLIENT_SECRET");
    const nothing = { PATH: "/bin", NEXT_TELEMETRY_DISABLED: "1" };
    const usual = { MALLOC_ARENA_MAX: "1", MALLOC_MMAP_THRESHOLD_: "131072" };
    expect(environmentFor("database", source)).toEqual({ ...nothing, ...usual });
    const chosen = { ...source, MALLOC_ARENA_MAX: "4" };
    expect(environmentFor("database", chosen)).toEqual({ ...nothing, ...usual, MALLOC_ARENA_MAX: "4" });
  });

  it("tells the web process everything that lib/env.ts reads, but what is one other role's own", () => {
    const known = Object.keys(parseEnv({ ALLOW_SIGNUP: "1" }));
    const others = known.filter((name) => !variables.web.includes(name));
    expect(others.filter((name) => !/^(INBOX|ENGINE)_PROBE_|^RUNNER_/.test(name))).toEqual([]);
    for (const name of ["RUNNER_URL", "RUNNER_TOKEN", "RUNNER_FINGERPRINT", "RUNNER_CA", "RUNNER_CLIENT_KEY"])
      expect(others).not.toContain(name);
    // A key of the runner's is for nobody else, and the callers' for nobody but them.
    expect(variables.runner).not.toContain("RUNNER_CLIENT_KEY");
    for (const role of ["inbox", "web", "engine"] as const)
      expect(variables[role]).not.toContain("RUNNER_KEY");
  });

  it("reads .env without overriding what the environment has", () => {
    fs.writeFileSync(
      path.join(dir, ".env"),
      "# words\nA=1\nexport B='two words' \nC=3 # three\nnot a line\n",
    );
    const target: Record<string, string> = { A: "kept" };
    loadDotEnv(path.join(dir, ".env"), target);
    expect(target).toEqual({ A: "kept", B: "two words", C: "3" });
  });
});

describe("secrets", () => {
  it("are made once, for this user only, and the runner's token follows from the key", () => {
    const first = secrets(dir, {});
    expect(fs.statSync(path.join(dir, "secrets.json")).mode & 0o777).toBe(0o600);
    expect(secrets(dir, {})).toEqual(first);
    expect(Buffer.from(first.SECRET_KEY, "base64")).toHaveLength(32);
    expect(first.RUNNER_TOKEN).not.toContain(first.SECRET_KEY);
  });

  it("of the environment win, and nothing is written", () => {
    expect(secrets(dir, { SECRET_KEY: "k", RUNNER_TOKEN: "t" })).toEqual({
      SECRET_KEY: "k",
      RUNNER_TOKEN: "t",
    });
    expect(fs.readdirSync(dir)).toEqual([]);
  });
});

describe("the lock", () => {
  it("is held by one at a time and can be taken again after its release", () => {
    const file = path.join(dir, "lock");
    const first = tryLock(file);
    expect(tryLock(file)).toMatchObject({ held: false, holder: { pid: process.pid } });
    if (first.held) first.release();
    expect(tryLock(file).held).toBe(true);
  });

  it("of a process that is gone is taken over, even when its pid is somebody else's now", () => {
    const file = path.join(dir, "lock");
    fs.writeFileSync(file, JSON.stringify({ pid: process.pid, start: "before", nonce: "x" }));
    expect(tryLock(file).held).toBe(true);
    fs.writeFileSync(file, "half a lo");
    expect(tryLock(file).held).toBe(true);
  });

  it("lets the work of two happen one after the other", async () => {
    const file = path.join(dir, "lock");
    let inside = 0;
    const work = async () => {
      inside += 1;
      await new Promise((resolve) => setImmediate(resolve));
      expect(inside).toBe(1);
      inside -= 1;
    };
    await Promise.all([withLock(file, work), withLock(file, work)]);
    expect(fs.readdirSync(dir)).toEqual([]);
  });
});

it("a process is known by its pid and its start, and gone once it has ended", async () => {
  expect(isRunning(self())).toBe(true);
  expect(isRunning({ ...self(), start: "1" })).toBe(false);
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const identity = identify(child.pid ?? 0);
  expect(isRunning(identity)).toBe(true);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
  expect(isRunning(identity)).toBe(false);
});

it("waits longer after each death, half a minute at most", () => {
  expect([1, 2, 3, 20].map(backOffMs)).toEqual([200, 400, 800, 30_000]);
});

describe("the launcher's own scripts", () => {
  const scripts = ["lib/cli", "lib/launcher", "lib/limits", "lib/settings"].flatMap((folder) =>
    fs
      .readdirSync(folder)
      .filter((name) => name.endsWith(".mjs"))
      .map((name) => ({ name, text: fs.readFileSync(path.join(folder, name), "utf8") })),
  );

  it("are type-checked, every one", () => {
    const unchecked = scripts.filter(({ text }) => !/^(#!.*\n)?\/\/ @ts-check\n/.test(text));
    expect(unchecked.map(({ name }) => name)).toEqual([]);
  });

  it("need no package: what they import is Node's or their own", () => {
    const imports = scripts.flatMap(({ text }) =>
      [...text.matchAll(/^(?:import|export)\s(?:[^;"=]*\sfrom\s)?"([^"]+)"/gm)].map(([, from]) => from ?? ""),
    );
    expect(imports.length).toBeGreaterThan(50);
    expect(
      imports.filter(
        (from) =>
          !/^(node:|\.\/|\.\.\/(cli\/names|processes\/tidy)\.mjs$|\.\.\/(limits|testing\/seeds|settings)\/)/.test(
            from,
          ),
      ),
    ).toEqual([]);
  });
});

describe("the count of a test run", () => {
  const file = (status: string, ...tests: string[]) => ({
    status,
    assertionResults: tests.map((s) => ({ status: s })),
  });

  it("adds a file that could not be loaded to the failures", () => {
    const results = {
      numPassedTests: 2,
      numFailedTests: 1,
      testResults: [file("passed", "passed", "passed"), file("failed", "failed"), file("failed")],
    };
    expect(countVitest(results, 1)).toMatchObject({ passed: 2, failed: 2 });
  });

  it("never calls a run without a report, or with a bad exit code, a success", () => {
    expect(countVitest(null, 0)).toMatchObject({ passed: 0, failed: 1 });
    expect(countVitest({ numPassedTests: 3, numFailedTests: 0, testResults: [] }, 1)).toMatchObject({
      passed: 3,
      failed: 1,
    });
    expect(countPlaywright(null, 0)).toMatchObject({ passed: 0, failed: 1 });
    const calm = { expected: 4, flaky: 0, unexpected: 0 };
    expect(countPlaywright({ stats: calm, errors: [] }, 0)).toMatchObject({ passed: 4, failed: 0 });
    expect(countPlaywright({ stats: calm, errors: [{}] }, 1)).toMatchObject({ passed: 4, failed: 1 });
    expect(countPlaywright({ stats: calm, errors: [] }, 1)).toMatchObject({ passed: 4, failed: 1 });
  });

  it("names what passed only when the browser tried it again, with its first failure, and counts it as passed", () => {
    const stats = { expected: 1, flaky: 1, unexpected: 0 };
    const tried = [{ error: { message: "no button\nat all" } }, {}];
    const spec = (title: string, status: string, results: object[]) => ({
      file: "a.spec.ts",
      title,
      tests: [{ status, results }],
    });
    const suites = [
      {
        specs: [spec("calm", "expected", [{}])],
        suites: [{ specs: [spec("shaky", "flaky", tried)] }],
      },
    ];
    expect(countPlaywright({ stats, suites, errors: [] }, 0)).toEqual({
      passed: 2,
      failed: 0,
      names: ["e2e/a.spec.ts > calm", "e2e/a.spec.ts > shaky"],
      flaky: ["a.spec.ts: shaky\n    no button\n    at all"],
      failures: [],
    });
  });

  it("calls what passed only on a retry a failure, by its name", () => {
    const said = vi.spyOn(console, "log").mockImplementation(() => {});
    const retried = { status: "passed", fullName: "unsteady", failureMessages: ["expected 1 to be 2"] };
    const results = {
      numPassedTests: 2,
      numFailedTests: 0,
      testResults: [
        { status: "passed", assertionResults: [{ status: "passed", failureMessages: [] }, retried] },
      ],
    };
    expect(countVitest(results, 0)).toMatchObject({ passed: 1, failed: 1 });
    expect(said.mock.calls.flat()).toEqual(["Passed only on a retry, which counts as failed: unsteady"]);
    said.mockRestore();
  });

  it("names each failure with its first words, for a log of which only the end is kept", () => {
    const failed = { status: "failed", fullName: "a door is shut", failureMessages: ["expected 1\nto be 2"] };
    const testResults = [
      { status: "failed", name: path.resolve("lib/door.test.ts"), assertionResults: [failed] },
      {
        status: "failed",
        name: path.resolve("lib/roof.test.ts"),
        message: "\u001b[31mno such file\u001b[39m",
        assertionResults: [],
      },
    ];
    expect(countVitest({ numPassedTests: 0, numFailedTests: 1, testResults }, 1).failures).toEqual([
      "lib/roof.test.ts\n    no such file",
      "lib/door.test.ts > a door is shut\n    expected 1\n    to be 2",
    ]);
    const tests = [{ status: "unexpected", results: [{}, { error: { message: "no button" } }] }];
    const suites = [{ specs: [{ file: "a.spec.ts", title: "opens", tests }] }];
    const stats = { expected: 0, flaky: 0, unexpected: 1 };
    expect(countPlaywright({ stats, suites, errors: [] }, 1).failures).toEqual([
      "a.spec.ts: opens\n    no button",
    ]);
  });
});
