import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseEnv } from "@/lib/env";
import { makeCertificate, neverEnds } from "@/lib/runner/tls/certificate";
import { fingerprintOf } from "@/lib/runner/tls/fingerprint";
import { placeOfRunner } from "./runner-address";

const pair = await makeCertificate({ name: "given", validFrom: new Date(0), validTo: neverEnds });

let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-place-"));
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(dir, { recursive: true });
});

const place = (more: Record<string, string>) =>
  placeOfRunner(parseEnv({ RUNNER_TOKEN: "t", DATA_DIR: dir, ...more }));
const file = (name: string, text: string): string => {
  const at = path.join(dir, name);
  fs.writeFileSync(at, text);
  return at;
};

test("a place is its own, also where several runners keep their files in one folder", async () => {
  const at = async (url: string, more: Record<string, string> = {}) =>
    (await place({ RUNNER_URL: url, ...more })).key;
  const one = await at("http://127.0.0.1:4000");
  expect(await at("http://127.0.0.1:4000", { RUNNER_NAME: "another name" })).toBe(one);
  expect(await at("http://127.0.0.1:4001")).not.toBe(one);
  expect(await at("http://127.0.0.1:4000", { RUNNER_ADDRESS: "https://10.0.0.5:4000" })).not.toBe(one);
  // Two containers that listen at the same address, each in its own network.
  vi.spyOn(os, "hostname").mockReturnValue("another-machine");
  expect(await at("http://127.0.0.1:4000")).not.toBe(one);
});

test("a runner is called by its machine and port, and reached where it listens, unless it is told otherwise", async () => {
  expect(await place({ RUNNER_URL: "unix:/run/r.sock" })).toMatchObject({
    name: os.hostname(),
    reachedAt: "unix:/run/r.sock",
    fingerprint: null,
    serving: { address: { socketPath: "/run/r.sock" }, token: "t" },
  });
  expect((await place({ RUNNER_URL: "http://127.0.0.1:4000" })).name).toBe(`${os.hostname()}:4000`);
  const told = { RUNNER_NAME: "one", RUNNER_ADDRESS: "https://10.0.0.5:4000" };
  expect(await place({ RUNNER_URL: "http://127.0.0.1:4000", ...told })).toMatchObject({
    name: "one",
    reachedAt: "https://10.0.0.5:4000",
  });
});

test("a runner has one address", async () => {
  await expect(place({})).rejects.toThrow("RUNNER_URL and RUNNER_TOKEN must be set");
  await expect(place({ RUNNER_URL: "https://a:1,https://b:1" })).rejects.toThrow(
    "give each its own RUNNER_URL",
  );
});

describe("a runner at https:", () => {
  const RUNNER_URL = "https://0.0.0.0:4000";

  test("makes its certificate once, for itself alone, and keeps it", async () => {
    const first = await place({ RUNNER_URL, RUNNER_ADDRESS: "https://runner.example:4000" });
    const kept = path.join(dir, "runner/certificate.pem");
    expect(fs.statSync(kept).mode & 0o777).toBe(0o600);
    expect(fs.readdirSync(path.dirname(kept))).toEqual(["certificate.pem"]);
    expect((await place({ RUNNER_URL })).fingerprint).toBe(first.fingerprint);
    expect(first.serving.tls?.cert).toContain("BEGIN CERTIFICATE");
  });

  test("has the same one as others that begin in its place at the same moment", async () => {
    const begun = await Promise.all(Array.from({ length: 4 }, () => place({ RUNNER_URL })));
    const kept = fs.readFileSync(path.join(dir, "runner/certificate.pem"), "utf8");
    expect(new Set(begun.map(({ fingerprint }) => fingerprint))).toEqual(new Set([fingerprintOf(kept)]));
    expect(fs.readdirSync(path.join(dir, "runner"))).toEqual(["certificate.pem"]);
  });

  test("says so when the one that it kept is damaged, and makes no other by itself", async () => {
    const { fingerprint } = await place({ RUNNER_URL });
    const kept = path.join(dir, "runner/certificate.pem");
    const text = fs.readFileSync(kept, "utf8");
    for (const damaged of ["", text.slice(0, 100), text.slice(0, text.indexOf("-----BEGIN PRIVATE"))]) {
      fs.writeFileSync(kept, damaged);
      await expect(place({ RUNNER_URL })).rejects.toThrow("is damaged");
    }
    fs.writeFileSync(kept, text);
    expect((await place({ RUNNER_URL })).fingerprint).toBe(fingerprint);
  });

  test("shows the one that it is given, and hears those whom it is told to", async () => {
    const given = {
      RUNNER_CERT: file("cert.pem", pair.cert),
      RUNNER_KEY: file("key.pem", pair.key),
      RUNNER_CLIENT_CA: file("ca.pem", pair.cert),
    };
    expect(await place({ RUNNER_URL, ...given })).toMatchObject({
      fingerprint: fingerprintOf(pair.cert),
      serving: { tls: { ...pair, callers: pair.cert } },
    });
    expect(fs.existsSync(path.join(dir, "runner"))).toBe(false);
  });

  test.each([
    [
      "RUNNER_CERT",
      "/nowhere/cert.pem",
      "RUNNER_CERT names /nowhere/cert.pem, which cannot be read (ENOENT).",
    ],
    ["RUNNER_CLIENT_CA", "", "which is no PEM file"],
  ])("says which file of %s is none", async (name, at, words) => {
    const given = { RUNNER_CERT: file("cert.pem", pair.cert), RUNNER_KEY: file("key.pem", pair.key) };
    await expect(place({ RUNNER_URL, ...given, [name]: at || file("empty.pem", "empty") })).rejects.toThrow(
      words,
    );
  });
});
