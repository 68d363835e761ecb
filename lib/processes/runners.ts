import { database } from "@/db/client";
import { answerCollections } from "@/lib/collections/answer";
import { runsDoor } from "@/lib/collections/run-door";
import { artefactStore } from "@/lib/domain/adaptor/artefacts";
import { runnerBook } from "@/lib/domain/runner/book";
import { type Env, env } from "@/lib/env";
import { Refusal } from "@/lib/refusal";
import { runnerUrls } from "@/lib/runner/address";
import { connectRunner } from "@/lib/runner/client";
import type { Runner } from "@/lib/runner/contract";
import type { Runners } from "@/lib/runner/fleet";
import { Fleet } from "@/lib/runner/fleet/fleet";
import type { Connect } from "@/lib/runner/fleet/place";
import type { Trust } from "@/lib/runner/tls/agent";
import { pemFile } from "@/lib/runner/tls/files";
import { withArtefacts } from "@/lib/runner/with-artefacts";
import { listed } from "@/lib/settings/checks.mjs";

/** By then a step that was given its whole time has ended, and its result is still kept. */
const afterStepMs = 60_000;

let shared: Fleet | null | undefined;

/** The runners that this process may call, one fleet a process; null when it has no token for them. */
export function sharedFleet(): Fleet | null {
  if (shared === undefined) shared = fleetOf(env());
  return shared;
}

/** The same for who executes. Throws `unavailable` when there is no token. */
export function runners(): Runners {
  const known = sharedFleet();
  if (!known)
    throw new Refusal(
      "unavailable",
      "RUNNER_TOKEN is not set: start Waybill with `npm start`, which starts a runner.",
    );
  return known;
}

/** Whichever runner answers; null when this process has no token for them. */
export const sharedRunner = (): Runner | null => sharedFleet()?.any() ?? null;

function fleetOf(e: Env): Fleet | null {
  const { RUNNER_URL, RUNNER_TOKEN: token, RUNNER_ALLOW_PLAIN: allowPlain } = e;
  if (!token) return null;
  const trust = trustOf(e);
  const { db } = database();
  const store = artefactStore(db);
  const connect: Connect = ({ address, fingerprint }, life) =>
    withArtefacts(
      connectRunner({
        url: address,
        token,
        life,
        answerer: (request) => answerCollections(request, () => runsDoor(request, db)),
        trust: fingerprint ? { ...trust, fingerprints: [fingerprint] } : trust,
      }),
      store,
    );
  return new Fleet({
    addresses: runnerUrls(RUNNER_URL),
    book: runnerBook(db),
    connect,
    allowPlain,
    // A runner that others hear may be running the step for as long as a step may take.
    patience: { heardMs: e.STEP_TIMEOUT_MS + afterStepMs, pauseMs: 1_000 },
  });
}

/** How the settings say that runners are known, and what callers show. Throws a sentence for a file that is none. */
function trustOf(e: Env): Trust {
  const { RUNNER_FINGERPRINT, RUNNER_CA, RUNNER_CLIENT_CERT: cert, RUNNER_CLIENT_KEY: key } = e;
  return {
    ...(RUNNER_FINGERPRINT ? { fingerprints: listed(RUNNER_FINGERPRINT) } : {}),
    ...(RUNNER_CA ? { authorities: pemFile("RUNNER_CA", RUNNER_CA) } : {}),
    ...(cert && key
      ? { own: { cert: pemFile("RUNNER_CLIENT_CERT", cert), key: pemFile("RUNNER_CLIENT_KEY", key) } }
      : {}),
  };
}
