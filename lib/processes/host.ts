import { database } from "@/db/client";
import { forgetMentions } from "@/inngest/embedded/forget";
import { signRunToken } from "@/lib/collections/run-token";
import type { BulkHost } from "@/lib/domain/bulk/batch";
import { LastUses } from "@/lib/domain/credential/last-uses";
import { operatorPolicy } from "@/lib/domain/credential/open";
import { credentialSource } from "@/lib/domain/credential/source";
import { askForIssues } from "@/lib/domain/issue/ask";
import type { Collector } from "@/lib/domain/issue/collector";
import type { NoticeHost } from "@/lib/domain/notice/host";
import type { Purger } from "@/lib/domain/purge/due";
import type { TestHost } from "@/lib/domain/test-run/host";
import { adaptorResolver, type ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { env } from "@/lib/env";
import { Beginnings } from "@/lib/execution/beginnings";
import { Executor } from "@/lib/execution/executor";
import { HeldStates } from "@/lib/execution/held";
import { type ExecutionHost, usualPatience } from "@/lib/execution/host";
import { postgresStorage } from "@/lib/execution/postgres/storage";
import type { ExecutionStorage } from "@/lib/execution/storage";
import { announce } from "@/lib/live/shared";
import type { Runner } from "@/lib/runner/contract";
import { runners, sharedRunner } from "./runners";
import { beforeTheEnd, isStopping } from "./stopping";

/** Where the parts meet: what verbs and runs are given by the process that they happen in. One of each a process. */

/** The runner that answers. Throws `unavailable` when this process has no token for one. */
export const runner = (): Runner => runners().any();

/** Pins adaptors: asks the runner, knows what is stored without one. */
export const resolveAdaptor: ResolveAdaptor = (name, spec) =>
  adaptorResolver(database().db, sharedRunner())(name, spec);

/** What deleting for good needs. The embedded engine's tables are empty, or not there, where a real Inngest is used. */
export const purger = (): Purger => ({
  database: database(),
  announce,
  forgetInEngine: (projectId, pace) => forgetMentions(database(), "durable", projectId, pace),
});

/** What carries out bulk acts. */
export const bulkHost = (): BulkHost => ({ db: database().db, announce });

/** What makes issues of failures. */
export const collector = (): Collector => ({ db: database().db, announce });

let bell: (() => void) | undefined;

/** One a process: what is asked for at the same time is asked for once. */
function issuesBell(): () => void {
  bell ??= askForIssues(database());
  return bell;
}
/** What sends notices. */
export const noticeHost = (): NoticeHost => ({ database: database(), policy: operatorPolicy() });

const held = new HeldStates();
const beginnings = new Beginnings();

let storage: ExecutionStorage | undefined;

/** One storage, because what it is asked for at the same time goes together. */
function sharedStorage(): ExecutionStorage {
  storage ??= postgresStorage(database(), announce, () => kept.waybillExecutor?.busy ?? 0);
  return storage;
}

const kept = globalThis as { waybillExecutor?: Executor };

/** Who executes runs in this process, from the first time that somebody asks; as `stopping.ts`, one for all bundles. */
function executor(): Executor {
  if (!kept.waybillExecutor) {
    const made = new Executor({ storage: sharedStorage(), announce });
    kept.waybillExecutor = made;
    beforeTheEnd(() => made.leave());
  }
  return kept.waybillExecutor;
}

let uses: LastUses | undefined;

/** One in the process whose runs use credentials. What it has noted and not yet written is written before the end. */
function lastUses(): LastUses {
  if (!uses) {
    const made = new LastUses(database());
    uses = made;
    beforeTheEnd(() => made.write());
  }
  return uses;
}

/** By what jobs of a run, or of a test that really sends, prove themselves to their project's collections. */
const collectionsToken: ExecutionHost["collectionsToken"] = (run, forMs) =>
  signRunToken({ ...run, endsAt: Math.ceil((Date.now() + forMs) / 1000) });

/** What runs tests of drafts. */
export const testHost = (): TestHost => ({
  db: database().db,
  announce,
  runner,
  credentials: credentialSource(database().db, lastUses()),
  collectionsToken,
  resolveAdaptor,
  stepTimeoutMs: env().STEP_TIMEOUT_MS,
  memoryMb: env().STEP_MEMORY_MB,
  isStopping,
});

export const executionHost = (): ExecutionHost => ({
  storage: sharedStorage(),
  executor: executor(),
  beginnings,
  runners: runners(),
  patience: usualPatience,
  credentials: credentialSource(database().db, lastUses()),
  collectionsToken,
  held,
  announce,
  askForIssues: issuesBell(),
  clock: () => new Date(),
  random: Math.random,
  stepTimeoutMs: env().STEP_TIMEOUT_MS,
  memoryMb: env().STEP_MEMORY_MB,
  isStopping,
});
