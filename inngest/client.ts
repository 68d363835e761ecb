import { randomBytes } from "node:crypto";
import { Inngest } from "inngest";
import { deriveKey } from "@/lib/crypto/keys";
import { type Env, env, usesEmbeddedEngine } from "@/lib/env";
import { log } from "@/lib/log";
import { seedingFetch } from "./server/seeding-fetch";

export type EngineMode = "embedded" | "dev" | "self-hosted" | "cloud";

/** Which engine drives the functions. The environment alone decides. */
export function engineMode(e: Env): EngineMode {
  if (usesEmbeddedEngine(e)) return "embedded";
  if (e.INNGEST_DEV && e.INNGEST_DEV !== "0" && e.INNGEST_DEV !== "false") return "dev";
  return e.INNGEST_BASE_URL ? "self-hosted" : "cloud";
}

/** Even-length hex, as the SDK wants it. Without SECRET_KEY (during a build) nobody knows the key, so nobody can call. */
const key = (purpose: string, bytes: number): string =>
  (env().SECRET_KEY ? deriveKey(purpose, bytes) : randomBytes(bytes)).toString("hex");

/** Keys of the embedded engine: the same in every process of an installation. */
export const embeddedKeys = {
  signingKey: `signkey-embedded-${key("inngest signing key", 32)}`,
  eventKey: key("inngest event key", 16),
};

let engineFetch: typeof fetch | undefined;

/** Makes this process's client talk to the engine in it. */
export function attachEngine(fetch: typeof globalThis.fetch): void {
  engineFetch = fetch;
}

const embeddedFetch: typeof fetch = (input, init) => {
  if (engineFetch) return engineFetch(input, init);
  throw new Error(
    "No engine runs in this process. Write an outbox row in the transaction that the event belongs to.",
  );
};

const inngestPatienceMs = 30_000;

/** The SDK itself would wait for a silent server for as long as that is. */
const fetchInTime: typeof fetch = (input, init) => {
  const patience = AbortSignal.timeout(inngestPatienceMs);
  return fetch(input, {
    ...init,
    signal: init?.signal ? AbortSignal.any([init.signal, patience]) : patience,
  });
};

const quiet = {
  debug: () => {},
  info: () => {},
  warn: (...parts: unknown[]) => log.warn("inngest", { detail: parts.map(String).join(" ") }),
  // The engine and the functions report errors themselves, with the run they belong to.
  error: (...parts: unknown[]) => log.debug("inngest", { detail: parts.map(String).join(" ") }),
};

/** Options of the client for one environment; outside of dev and embedded mode signatures are mandatory. */
function clientOptions(e: Env) {
  const mode = engineMode(e);
  if (mode === "embedded") {
    // Calls never leave the engine's process, and the web's route refuses all of them (app/api/inngest): signing each
    // one to ourselves would only cost time.
    return { isDev: true, ...embeddedKeys, baseUrl: "http://embedded.local", fetch: embeddedFetch };
  }
  return {
    fetch: seedingFetch(fetchInTime),
    isDev: mode === "dev",
    ...(e.INNGEST_BASE_URL ? { baseUrl: e.INNGEST_BASE_URL } : {}),
    ...(e.INNGEST_EVENT_KEY ? { eventKey: e.INNGEST_EVENT_KEY } : {}),
    ...(e.INNGEST_SIGNING_KEY ? { signingKey: e.INNGEST_SIGNING_KEY } : {}),
  };
}

/** The one client. Functions are written against it and know nothing of the mode. */
export const inngest = new Inngest({ id: "waybill", logger: quiet, ...clientOptions(env()) });
