import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cli as commandLine, type Ran } from "@/lib/cli/testing";

const project = `name: clinic
workflows:
  Referrals:
    name: Referrals
    jobs:
      Notify:
        name: Notify the ward
        adaptor: '@openfn/language-common'
        body: |
          fn(state => { console.log("to", state.data.ward); return { ...state, told: true }; });
      Send:
        name: Send
        adaptor: '@openfn/language-http'
        body:
          path: jobs/send.js
`;
const send = `post('http://' + $.configuration.host + '/patients', $.data, { headers: { "x-key": state => state.configuration.key } });\n`;

let cwd: string;
let server: http.Server;
let host: string;
const hits: string[] = [];
const cli = (args: string[], more: { stdin?: string } = {}): Promise<Ran> =>
  commandLine(args, {
    cwd,
    env: { XDG_CACHE_HOME: path.join(os.tmpdir(), "waybill-test-cli-cache") },
    ...more,
  });
const write = (name: string, value: unknown) => {
  const file = path.join(cwd, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
};
const read = (name: string) => JSON.parse(fs.readFileSync(path.join(cwd, name), "utf8"));

beforeAll(async () => {
  cwd = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-cli-"));
  write("project.yaml", project);
  write("jobs/send.js", send);
  server = http.createServer((request, response) => {
    hits.push(`${request.method} ${request.url} ${request.headers["x-key"]}`);
    response.setHeader("content-type", "application/json").end('{"id":7}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  host = `127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
});
afterAll(() => {
  server.close();
  fs.rmSync(cwd, { recursive: true, force: true });
});

describe("waybill run", () => {
  it("runs a job of the project here: state to standard output, log lines to standard error", async () => {
    write("state.json", { data: { ward: "B" } });
    const said = await cli(["run", "Referrals/Notify", "--input", "state.json"]);
    // In a new clone the adaptors that come with Waybill are prepared first, by whoever is the first to need them.
    expect(said.code).toBe(0);
    expect(said.stderr.replace(/^Preparing the adaptors .*\n/, "")).toBe("[JOB] ℹ to B\n");
    expect(JSON.parse(said.stdout)).toEqual({ data: { ward: "B" }, told: true });
    expect((await cli(["run", "notify-the-ward", "-i", "state.json"])).stdout).toBe(said.stdout);
  });

  it("reads standard input, and writes the state that a file is to have", async () => {
    const stdin = '{"data":{"ward":"B","at":7}}';
    const said = await cli(["run", "Notify", "-i", "-", "-o", "out/state.json"], { stdin });
    expect(said).toMatchObject({ code: 0, stdout: "" });
    expect(read("out/state.json")).toEqual({ data: { ward: "B", at: 7 }, told: true });
  });

  it("sends what the job sends, masks the configuration on the way out, and closes this machine unless it is allowed", async () => {
    write("input.json", { data: { name: "Ada" }, configuration: { host, key: "s3cret-key" } });
    const closed = await cli(["run", "jobs/send.js", "-i", "input.json"]);
    expect(closed.code).toBe(1);
    expect(hits).toEqual([]);
    const said = await cli(["run", "jobs/send.js", "-i", "input.json", "--allow", host, "--json"]);
    expect(said.code).toBe(0);
    expect(hits).toEqual(["POST /patients s3cret-key"]);
    expect(said.stdout + said.stderr).not.toContain("s3cret-key");
    expect(JSON.parse(said.stdout)).toMatchObject({
      reason: "success",
      exitCode: 0,
      state: { data: { id: 7 } },
    });
  });

  it("sends nothing in a dry run, and says what it would", async () => {
    write("key.json", { host: "api.example.org", key: "s3cret-key" });
    const before = hits.length;
    const said = await cli(["run", "Send", "--configuration", "key.json", "--dry-run"]);
    expect(said).toMatchObject({ code: 0 });
    expect(said.stderr).toContain("Would send: POST http://api.example.org:80/patients");
    expect(hits.length).toBe(before);
  });

  it.each([
    ["fn(state => { throw new Error('no'); });", 1, "JobError: no"],
    ["fn(state => nothing);", 10, "ReferenceError: nothing is not defined (1:13)"],
    ["fn(state => {;", 10, "Unexpected token"],
    ["fn(() => new Promise(() => {}));", 2, "Job took longer than 500ms"],
  ])("ends as the execution does: %s", async (source, code, words) => {
    write("job.js", source);
    const said = await cli(["run", "job.js", "--timeout", "500"]);
    expect(said.stderr).toContain(words);
    expect(said.code).toBe(code);
  });

  it.each([
    [["run", "nowhere.js"], "File not found: "],
    [["run", "Notfy"], "Is it Notify?"],
    [["run", "Elsewhere/Whatever"], "There are: Referrals/Notify, Referrals/Send."],
    [["run", "Notify", "-i", "none.json"], "File not found: "],
    [["run", "Notify", "-a", "no-such-adaptor!"], "is not an adaptor"],
  ])("says what it cannot find: %j", async (args, words) => {
    const said = await cli(args);
    expect(said.stderr).toContain(words);
    expect(said.code).not.toBe(0);
    expect(said.stdout).toBe("");
  });

  it("says what an input is that is no state", async () => {
    expect((await cli(["run", "Notify", "-i", "-"], { stdin: "[1]" })).stderr).toContain(
      "Standard input cannot be read: A state is a JSON object",
    );
    expect((await cli(["run", "Notify", "-i", "-"], { stdin: "{" })).code).toBe(1);
  });
});

describe("waybill test", () => {
  const folder = "tests/Referrals/Notify";

  it("keeps what comes, then finds what is otherwise", async () => {
    write(`${folder}/ward b.input.json`, { data: { ward: "B" } });
    const unknown = await cli(["test", "Referrals/Notify"]);
    expect(unknown.code).toBe(1);
    expect(unknown.stdout).toContain("Nothing is expected of it yet");
    expect((await cli(["test", "--update", "Referrals/Notify"])).stdout).toContain("(kept)");
    expect(read(`${folder}/ward b.output.json`)).toEqual({ data: { ward: "B" }, told: true });
    const passed = await cli(["test", "Referrals/Notify"]);
    expect(passed).toMatchObject({ code: 0 });
    expect(passed.stdout).toContain("1 of 1 case is as expected.");
    write(`${folder}/ward b.output.json`, { told: true, data: { ward: "C" } });
    const failed = await cli(["test"]);
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain('-     "ward": "C"');
    expect(failed.stdout).toContain('+     "ward": "B"');
    write(`${folder}/ward b.output.json`, { told: true, data: { ward: "B" } });
    expect((await cli(["test"])).code).toBe(0);
  });

  it("compares what would be sent, and the error of what ends a job", async () => {
    write("tests/jobs/send/one.input.json", {
      data: { name: "Ada" },
      configuration: { host: "api.example.org", key: "made-up-key" },
    });
    write("jobs/broken.js", "fn(state => nothing);\n");
    write("tests/jobs/broken/one.input.json", {});
    expect((await cli(["test", "jobs/", "-u"])).code).toBe(0);
    expect(read("tests/jobs/send/one.requests.json")).toEqual([
      { method: "POST", url: "http://api.example.org/patients", body: { name: "Ada" } },
    ]);
    expect(read("tests/jobs/broken/one.error.json")).toMatchObject({ type: "ReferenceError" });
    expect((await cli(["test", "jobs/"])).code).toBe(0);
    write("jobs/send.js", send.replace("/patients", "/people"));
    const failed = await cli(["test", "jobs/", "--json"]);
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.stdout)).toMatchObject({ passed: 1, failed: 1 });
    expect(failed.stdout).toContain("http://api.example.org/people");
    write("jobs/send.js", send);
  });

  it("says what is wrong with a case without stopping at it", async () => {
    write("tests/Referrals/None/one.input.json", {});
    write("tests/Referrals/Notify/broken.input.json", "{");
    const said = await cli(["test", "Referrals/"]);
    expect(said.code).toBe(1);
    expect(said.stdout).toContain('There is no job "Referrals/None" in clinic.');
    expect(said.stdout).toContain("1 of 3 cases are as expected.");
  });

  it("asks for cases where there are none", async () => {
    expect(await cli(["test", "--tests", "nowhere"])).toMatchObject({ code: 1 });
    expect((await cli(["test", "no such"])).stderr).toContain("No case has such a name.");
  });
});
