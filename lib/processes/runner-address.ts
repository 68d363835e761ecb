import { createHash } from "node:crypto";
import os from "node:os";
import path from "node:path";
import type { Env } from "@/lib/env";
import { isTls, parseRunnerUrl, runnerUrls } from "@/lib/runner/address";
import type { Serving } from "@/lib/runner/host/server";
import type { KeyPair } from "@/lib/runner/tls/certificate";
import { pemFile } from "@/lib/runner/tls/files";
import { fingerprintOf } from "@/lib/runner/tls/fingerprint";
import { ownCertificate } from "@/lib/runner/tls/own";

/** Where a runner listens, what it is called, and where others reach it. */
export type RunnerPlace = {
  name: string;
  /**
   * Names the place among those that a folder may be shared by: only who listens there comes after whoever did. The same
   * address on another machine, or in another container, is another place.
   */
  key: string;
  url: string;
  serving: Serving;
  /** Of its certificate, at `https:`. */
  fingerprint: string | null;
  /** Where others reach it. */
  reachedAt: string;
};

/** What the settings say of this runner; makes its certificate when there is none. Throws a sentence. */
export async function placeOfRunner(e: Env): Promise<RunnerPlace> {
  const { RUNNER_URL, RUNNER_TOKEN: token } = e;
  const [url, ...others] = runnerUrls(RUNNER_URL);
  if (!url || !token) throw new Error("RUNNER_URL and RUNNER_TOKEN must be set for the runner.");
  if (others.length > 0) throw new Error("A runner listens at one address: give each its own RUNNER_URL.");
  const address = parseRunnerUrl(url);
  const where = "socketPath" in address ? "" : `:${address.port}`;
  const name = e.RUNNER_NAME ?? `${os.hostname()}${where}`.slice(0, 100);
  const reachedAt = e.RUNNER_ADDRESS ?? url;
  const key = keyOf([url, reachedAt, os.hostname()]);
  if (!isTls(address)) return { name, key, url, reachedAt, serving: { address, token }, fingerprint: null };
  const pair = await certificateOf(e, name, [address.host, hostOf(reachedAt), os.hostname(), "localhost"]);
  const callers = e.RUNNER_CLIENT_CA ? { callers: pemFile("RUNNER_CLIENT_CA", e.RUNNER_CLIENT_CA) } : {};
  const serving = { address, token, tls: { ...pair, ...callers } };
  return { name, key, url, reachedAt, serving, fingerprint: fingerprintOf(pair.cert) };
}

const keyOf = (place: string[]): string =>
  createHash("sha256").update(JSON.stringify(place)).digest("hex").slice(0, 16);

async function certificateOf(
  { RUNNER_CERT: cert, RUNNER_KEY: key, DATA_DIR }: Env,
  name: string,
  hosts: string[],
): Promise<KeyPair> {
  if (cert && key) return { cert: pemFile("RUNNER_CERT", cert), key: pemFile("RUNNER_KEY", key) };
  return ownCertificate(path.resolve(DATA_DIR, "runner/certificate.pem"), {
    name,
    hosts: [...new Set(hosts.filter((host) => /^[\x21-\x7e]+$/.test(host)))],
  });
}

const hostOf = (url: string): string => {
  const address = parseRunnerUrl(url);
  return "host" in address ? address.host : "localhost";
};
