import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { build } from "./build.mjs";
import { neutralEnvironment, startThrowAway } from "./throw-away.mjs";

let parent: string;
let dataDir: string;
beforeAll(async () => {
  await build();
  parent = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-system-"));
  dataDir = path.join(parent, "data");
}, 600_000);
afterAll(() => fs.rmSync(parent, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

const main = path.resolve("lib/launcher/main.mjs");
const launch = (args: string[], env: Record<string, string>) =>
  spawnSync(process.execPath, [main, ...args], {
    env: neutralEnvironment({ DATA_DIR: dataDir, ...env }),
    encoding: "utf8",
    timeout: 120_000,
  });

const start = async (env: Record<string, string> = {}) => {
  const server = await startThrowAway({ dataDir, env });
  const { status } = await fetch(`${server.url}/api/health`);
  await server.stop();
  return status;
};
const refusal = (env: Record<string, string>) =>
  start(env).then(
    (status) => `started, ${status}`,
    (error: { detail: string }) => error.detail,
  );

it("a start with another key than the database's is refused with the expected fingerprint, the right one goes on", async () => {
  expect(await start()).toBe(200);
  const SECRET_KEY = randomBytes(32).toString("base64");
  const said = await refusal({ SECRET_KEY });
  const [, wrong, expected] =
    /SECRET_KEY is not the key of this database: its fingerprint is (\w{8}), and (\w{8}) is expected\. Start with/.exec(
      said,
    ) ?? [];
  expect(expected, said).toMatch(/^[0-9a-f]{8}$/);
  expect(wrong).not.toBe(expected);
  expect(said).not.toContain(SECRET_KEY);
  expect(said).not.toContain("Check DATABASE_URL");
  expect(await start()).toBe(200);

  const CREDENTIAL_KEY = randomBytes(32).toString("base64");
  expect(await start({ CREDENTIAL_KEY })).toBe(200);
  expect(await refusal({})).toContain("CREDENTIAL_KEY lacks a key that stored secrets are sealed with");

  const tried = launch(["admin", "create-user", "--email", "a@example.org", "--password", "long enough pw"], {
    SECRET_KEY,
    CREDENTIAL_KEY,
  });
  expect({ status: tried.status, said: tried.stderr.trim().split("\n") }).toEqual({
    status: 1,
    said: [expect.stringContaining(`${expected} is expected`)],
  });

  const accepted = launch(["admin", "accept-keys"], { SECRET_KEY, CREDENTIAL_KEY });
  expect(accepted.stderr).toBe("");
  expect(JSON.parse(accepted.stdout)).toMatchObject({ secretKey: wrong });
  expect(await start({ SECRET_KEY, CREDENTIAL_KEY })).toBe(200);
  expect(await refusal({ CREDENTIAL_KEY })).toContain(`${wrong} is expected`);
});
