// @ts-check
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { account } from "../testing/seeds/account.mjs";
import { seeds } from "../testing/seeds/matrix.mjs";
import { build } from "./build.mjs";
import { forSpawn } from "./environment.mjs";
import { report } from "./failure.mjs";
import { install } from "./install.mjs";
import { inRoot, root } from "./paths.mjs";
import { freePort } from "./postgres.mjs";
import { checkPlatform } from "./preflight.mjs";
import { isStopping, onStop, stopAll, stopOnSignals } from "./signals.mjs";
import { neutralEnvironment, startThrowAway } from "./throw-away.mjs";

/**
 * @typedef {{ passed: number, failed: number, failures: string[], names?: string[], flaky?: string[] }} Counts `failures`
 * names each, with its first words; `names` those that passed, `flaky` those of them that did only when tried again
 */
/** @typedef {{ env: import("./environment.mjs").Variables, dir: string, args: string[] }} StageOptions */
/**
 * Parts that are read of vitest's JSON report.
 * @typedef {{ status: string, fullName?: string, failureMessages?: string[] | null }} VitestTest
 * @typedef {{ status: string, name?: string, message?: string, assertionResults: VitestTest[] }} VitestFile
 * @typedef {{ numPassedTests: number, numFailedTests: number, testResults: VitestFile[] }} VitestReport
 */
/**
 * Parts that are read of Playwright's JSON report.
 * @typedef {{ status: string, results?: { error?: { message?: string } }[] }} PlaywrightTest
 * @typedef {{ file: string, title: string, tests: PlaywrightTest[] }} PlaywrightSpec
 * @typedef {{ specs: PlaywrightSpec[], suites?: PlaywrightSuite[] }} PlaywrightSuite
 * @typedef {{ stats: { expected: number, flaky: number, unexpected: number }, suites?: PlaywrightSuite[], errors: object[] }} PlaywrightReport
 */

/** @param {string} file */
const bin = (file) => inRoot("node_modules", file);
const biome = bin("@biomejs/biome/bin/biome");
const next = bin("next/dist/bin/next");
const tsc = bin("typescript/bin/tsc");
const knip = bin("knip/bin/knip.js");
const vitest = bin("vitest/vitest.mjs");
const playwright = bin("@playwright/test/cli.js");

/**
 * Runs a Node script in the terminal. Resolves to its exit code.
 * @param {string} script
 * @param {string[]} args
 * @param {import("./environment.mjs").Variables} env
 * @returns {Promise<number>}
 */
async function node(script, args, env) {
  if (isStopping()) return 130;
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    env: forSpawn(env),
    stdio: ["ignore", "inherit", "inherit"],
  });
  const withdraw = onStop(() => child.kill("SIGTERM"));
  return new Promise((resolve) => {
    /** @param {number | null} code */
    const done = (code) => {
      withdraw();
      resolve(code ?? 1);
    };
    child.once("error", () => done(1));
    child.once("exit", done);
  });
}

/** @param {boolean} isPassed @returns {Counts} */
const check = (isPassed) =>
  isPassed ? { passed: 1, failed: 0, failures: [] } : { passed: 0, failed: 1, failures: [] };

const shownChars = 400;

/**
 * A failure as it is listed at the end, where a log that is cut still has it.
 * @param {string} where
 * @param {string} [words]
 */
const failure = (where, words = "") =>
  `${where}${words ? `\n    ${stripVTControlCharacters(words).trim().slice(0, shownChars).replaceAll("\n", "\n    ")}` : ""}`;

/**
 * What the file holds, or null.
 * @template T
 * @param {string} file
 * @returns {T | null}
 */
const readJson = (file) => {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return null;
  }
};

/**
 * Counts of vitest's JSON report. A file that could not be loaded, a crash after the tests, and a test that passed
 * only on a retry are failures too.
 * @param {VitestReport | null} results
 * @param {number} exitCode
 * @returns {Counts}
 */
export function countVitest(results, exitCode) {
  if (!results) return check(false);
  const retried = results.testResults
    .flatMap((file) => file.assertionResults)
    .filter((test) => test.status === "passed" && (test.failureMessages ?? []).length > 0);
  for (const { fullName = "" } of retried)
    console.log(`Passed only on a retry, which counts as failed: ${fullName}`);
  const broken = results.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  const failed = results.numFailedTests + broken.length + retried.length;
  return {
    passed: results.numPassedTests - retried.length,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    names: results.testResults.flatMap((file) =>
      file.assertionResults
        .filter((test) => test.status === "passed" && !retried.includes(test))
        .map((test) => `${placeOf(file)} > ${test.fullName ?? ""}`),
    ),
    failures: [
      ...broken.map((file) => failure(placeOf(file), file.message)),
      ...results.testResults.flatMap((file) =>
        file.assertionResults
          .filter((test) => test.status === "failed" || retried.includes(test))
          .map((test) =>
            failure(`${placeOf(file)} > ${test.fullName ?? ""}`, test.failureMessages?.[0] ?? undefined),
          ),
      ),
    ],
  };
}

/** @param {VitestFile} file */
const placeOf = ({ name = "" }) => path.relative(root, name);

/**
 * Counts of Playwright's JSON report. A test that passed only when it was tried again passed, and is named.
 * @param {PlaywrightReport | null} results
 * @param {number} exitCode
 * @returns {Counts}
 */
export function countPlaywright(results, exitCode) {
  if (!results) return check(false);
  const { expected, flaky, unexpected } = results.stats;
  const suites = results.suites ?? [];
  const shaky = specsOf(suites, "flaky");
  const failed = unexpected + results.errors.length;
  return {
    passed: expected + flaky,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    names: [...specsOf(suites, "expected"), ...shaky].map(({ file, title }) => `e2e/${file} > ${title}`),
    flaky: shaky.map((spec) => failure(titleOf(spec), firstErrorOf(spec))),
    failures: specsOf(suites, "unexpected").map((spec) => failure(titleOf(spec), firstErrorOf(spec))),
  };
}

/** @param {PlaywrightSuite[]} suites @param {string} status @returns {PlaywrightSpec[]} */
const specsOf = (suites, status) =>
  suites.flatMap((suite) => [
    ...suite.specs.filter((spec) => spec.tests.some((test) => test.status === status)),
    ...specsOf(suite.suites ?? [], status),
  ]);

/** @param {PlaywrightSpec} spec */
const titleOf = ({ file, title }) => `${file}: ${title}`;

/** @param {PlaywrightSpec} spec */
const firstErrorOf = ({ tests }) =>
  tests.flatMap((test) => test.results ?? []).find((result) => result.error)?.error?.message;

/**
 * A stage that runs vitest's projects whose names begin so (`lib/testing/vitest.config.ts`).
 * @param {string} name
 * @param {string[]} others
 * @returns {(options: StageOptions) => Promise<Counts>}
 */
const suite =
  (name, ...others) =>
  async ({ env, dir, args }) => {
    const file = path.join(dir, `${name}.json`);
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const projects = [name, ...others].flatMap((project) => ["--project", `${project}*`]);
    const code = await node(
      vitest,
      ["run", "-c", "lib/testing/vitest.config.ts", ...projects, ...reporters, ...args],
      env,
    );
    return countVitest(readJson(file), code);
  };

/** @param {StageOptions} options @returns {Promise<Counts>} */
async function endToEnd({ env, dir, args }) {
  const { findBrowser } = await import("../testing/browser.mjs");
  let browser = await findBrowser();
  if (!browser) {
    await node(playwright, ["install", "chromium"], env);
    browser = await findBrowser();
  }
  console.log(`Browser: ${browser?.name ?? "none could be found or installed; set E2E_CHROMIUM to one"}`);
  if (!browser) return check(false);
  const edgeUrl = `http://127.0.0.1:${await freePort()}/sql`;
  const server = await startThrowAway({
    // Tests play the destination on this machine, which jobs may not reach otherwise, and Neon at an address set before.
    env: { EGRESS_ALLOW: "127.0.0.1,localhost", EDGE_DATABASE_FETCH_URL: edgeUrl },
  });
  const withdraw = onStop(server.stop);
  const file = path.join(dir, "e2e.json");
  const told = {
    ...env,
    BASE_URL: server.url,
    E2E_REPORT: file,
    E2E_DATABASE_URL: server.databaseUrl,
    E2E_DATA_DIR: server.dataDir,
    E2E_EDGE_DATABASE_FETCH_URL: edgeUrl,
  };
  try {
    const code = await node(playwright, ["test", "-c", "e2e", ...args], told);
    const counts = countPlaywright(readJson(file), code);
    if (counts.failed > 0) console.log(`The server said:\n${server.log().slice(-10_000)}`);
    return counts;
  } finally {
    withdraw();
    await server.stop();
  }
}

/** @type {Record<string, { title: string, run(options: StageOptions): Promise<Counts> }>} */
const stages = {
  lint: {
    title: "format and lint",
    run: async ({ env }) => check((await node(biome, ["check", "--error-on-warnings", "."], env)) === 0),
  },
  types: {
    title: "types",
    run: async ({ env }) =>
      check((await node(next, ["typegen"], env)) === 0 && (await node(tsc, ["--noEmit"], env)) === 0),
  },
  dead: {
    title: "dead code",
    run: async ({ env }) => check((await node(knip, ["--no-progress"], env)) === 0),
  },
  unit: { title: "unit", run: suite("unit") },
  integration: { title: "integration", run: suite("integration", "neon") },
  build: { title: "build", run: async () => check(Boolean(await build())) },
  system: { title: "system", run: suite("system") },
  e2e: { title: "end to end", run: endToEnd },
};
/** Those whose tests show what the seeds ask for. */
const suites = ["unit", "integration", "system", "e2e"];
const maxListed = 20;
const quick = ["lint", "types", "dead", "unit"];

/** Installs what the stages need. Resolves to whether it could, and has said why when not: that counts as a failure. */
async function prepare() {
  try {
    checkPlatform();
    await install();
    return true;
  } catch (error) {
    report(error);
    return false;
  }
}

/**
 * Says how much of what the seeds ask for was shown. Returns what was not, and is not open.
 * @param {string[]} passed
 */
function saySeeds(passed) {
  const { asked, shown, open, failed } = account(seeds, passed);
  const issues = [...new Set(open.map(({ issue }) => issue))].sort((a, b) => a - b);
  const later = open.length > 0 ? `, ${open.length} open (issues ${issues.join(", ")})` : "";
  console.log(`seeds: ${shown} of ${asked} sentences shown${later}, ${failed.length} not shown\n`);
  return {
    failures: failed.map(({ id, says, tests }) =>
      failure(`seeds: ${id} is not shown`, `${says}\n${tests.join("\n")}`),
    ),
  };
}

/**
 * `npm test`, `npm run verify`. Names of stages choose among them; other arguments go to their test runner.
 * @param {string} name
 * @param {string[]} given
 * @returns {Promise<number>}
 */
export async function run(name, given) {
  stopOnSignals({ say: () => console.error("Stopping …"), code: null });
  const args = given.filter((arg) => !Object.hasOwn(stages, arg));
  const asked = given.filter((arg) => Object.hasOwn(stages, arg));
  const names = asked.length > 0 ? asked : name === "verify" ? quick : Object.keys(stages);
  const chosen = names.flatMap((one) => stages[one] ?? []);
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-results-"));
  onStop(() => fs.rmSync(dir, { recursive: true, force: true }));
  /** @type {[title: string, counts: string, ms: number][]} */
  const lines = [];
  try {
    const began = Date.now();
    const isReady = await prepare();
    lines.push(["install", isReady ? "" : "0 passed, 1 failed", Date.now() - began]);
    const env = neutralEnvironment({ NODE_ENV: undefined });
    const total = isReady ? { ...check(true), passed: 0 } : check(false);
    /** @type {string[]} */
    const passed = [];
    /** @type {string[]} */
    const flaky = [];
    for (const { title, run: runStage } of isReady ? chosen : []) {
      console.log(`\n── ${title}`);
      const start = Date.now();
      const counts = await runStage({ env, dir, args }).catch((/** @type {unknown} */ error) => {
        report(error);
        return check(false);
      });
      passed.push(...(counts.names ?? []));
      flaky.push(...(counts.flaky ?? []).map((one) => `${title}: ${one}`));
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.failures.push(...counts.failures.map((one) => `${title}: ${one}`));
      lines.push([title, `${counts.passed} passed, ${counts.failed} failed`, Date.now() - start]);
    }
    console.log(
      `\n${lines.map(([title, counts, ms]) => `${title.padEnd(16)} ${`${(ms / 1000).toFixed(1)} s`.padStart(8)}  ${counts}`.trimEnd()).join("\n")}\n`,
    );
    if (isReady && args.length === 0 && suites.every((one) => names.includes(one))) {
      const { failures } = saySeeds(passed);
      total.failed += failures.length;
      total.failures.push(...failures);
    }
    for (const one of flaky) console.log(`flaky: ${one}\n`);
    for (const one of total.failures.slice(0, maxListed)) console.log(`Failed: ${one}\n`);
    if (total.failures.length > maxListed) console.log(`… and ${total.failures.length - maxListed} more\n`);
    await stopAll();
    console.log(`${total.passed} passed, ${total.failed} failed`);
    return total.failed > 0 ? 1 : 0;
  } finally {
    await stopAll();
  }
}
