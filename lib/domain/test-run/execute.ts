import { readDraft } from "@/lib/domain/draft/get";
import { getMessageBytes } from "@/lib/domain/run/payloads";
import { recordedLimits, storedCredential, type TrialCredential } from "@/lib/domain/run/trial";
import { Refusal } from "@/lib/refusal";
import type { MessageBytes } from "@/lib/runner/contract";
import { GoneError } from "@/lib/state/kept";
import type { SecretState } from "@/lib/state/sealed";
import type { JobNode } from "@/lib/workflow/types";
import { wantedCredential } from "@/lib/workflow/wanted-credential";
import { beginTest, type ClaimedTest, contextOf } from "./begin";
import { allBytes, keptContent } from "./content";
import { endTest } from "./end";
import type { TestHost } from "./host";
import { openTestInput } from "./open-input";
import { pinsOfDraft } from "./pins";
import { beat, stepBegan, stepEnded } from "./progress";
import { pausedSentence } from "./settings";
import { type TestEnd, type TestWalk, walkTest } from "./walk-test";
import { walkable } from "./walkable";

/** No test goes on for longer. */
export const longestTestMs = 15 * 60_000;
const usualBeatMs = 1_000;

/**
 * Runs a test that waits, once: of two deliveries the first has it, and one that has begun is never begun again. What it
 * comes to is stored step by step. Resolves when it is over, or when there was nothing to do.
 */
export async function executeTest(
  host: TestHost,
  ids: { testId: string; projectId: string },
): Promise<{ isRun: boolean }> {
  const test = await beginTest(host, ids);
  if (!test) return { isRun: false };
  const watch = watchOver(host, test);
  try {
    const end = await run(host, test, watch);
    await endTest(host, test, end);
  } catch (error) {
    // Whoever could not say it now is found by the sweep.
    await endTest(host, test, unexpected(error)).catch(() => {});
  } finally {
    watch.stop();
  }
  return { isRun: true };
}

const nothing = { notes: [] };

const exception = (errorType: string, errorMessage: string): TestEnd => ({
  ...{ state: "exception", errorType, errorMessage },
  ...nothing,
});

const unexpected = (error: unknown): TestEnd =>
  error instanceof Refusal
    ? exception("RunnerError", error.message)
    : {
        ...{ state: "lost", errorType: "Lost", ...nothing },
        errorMessage:
          "A part of Waybill was not available while the test ran, so it was given up. It is not begun again by itself: what it had sent stays sent.",
      };

async function run(host: TestHost, test: ClaimedTest, watch: Watch): Promise<TestEnd> {
  if (test.refusal) return exception("TestError", test.refusal);
  if (test.mode === "send" && test.isPaused) return exception("TestError", pausedSentence);
  const ctx = contextOf(host, test);
  const draft = readDraft(test.graph);
  const pins = test.pins ?? (await pinsOfDraft(ctx, draft, test.start, host.resolveAdaptor));
  const { graph, broken, notes } = walkable(draft, pins);
  const { triggerId = null } = "triggerId" in test.start ? test.start : {};
  let input: Awaited<ReturnType<typeof openTestInput>>;
  try {
    input = await openTestInput(ctx, { ...test, triggerId }, graph);
  } catch (error) {
    if (error instanceof GoneError || error instanceof Refusal)
      return exception("DataClipError", `The input of this test is not there. ${error.message}`);
    throw error;
  }
  const isRecorded = test.mode === "record";
  let bytes: Promise<MessageBytes | null> | undefined;
  let left = allBytes;
  const walk: TestWalk = {
    ...{
      id: `test-${test.id}`,
      projectId: test.projectId,
      graph,
      broken,
      start: test.start,
      input,
      isRecorded,
    },
    ...{ onlyHosts: test.onlyHosts, runner: host.runner(), signal: watch.signal },
    limits: {
      ...recordedLimits,
      memoryMb: host.memoryMb,
      ...(isRecorded ? {} : { timeoutMs: host.stepTimeoutMs }),
    },
    credentialOf: (job, state) =>
      isRecorded
        ? storedCredential(host.db, test.projectId, job, state)
        : realCredential(host, test, job, state),
    // Of a recorded test what a job would ask is recorded.
    collectionsToken: isRecorded
      ? `test-${test.id}`
      : host.collectionsToken({ runId: test.id, projectId: test.projectId }, longestTestMs),
    bytes: () => {
      bytes ??= test.messageId === null ? Promise.resolve(null) : getMessageBytes(ctx, test.messageId);
      return bytes;
    },
    stopped: () => watch.stopped() ?? (host.isStopping() ? stopping : null),
    onBegun: (step) => stepBegan(host, test, step),
    onEnded: async (step) => {
      const kept = keptContent(step, left, test.persistence);
      left = Math.max(leastBytes, left - Buffer.byteLength(kept.text));
      await stepEnded(host, test, step, kept);
    },
  };
  const end = await walkTest(walk);
  const cut = watch.stopped();
  const told = cut ? { ...end, state: cut.state, errorType: cut.type, errorMessage: cut.message } : end;
  return { ...told, notes: [...notes, ...end.notes] };
}

/** So that how a step ended is said, however much came before it. */
const leastBytes = 4_000;

const stopping = {
  ...{ state: "lost" as const, type: "Lost" },
  message:
    "The engine that ran this test was stopped before the next job. The test is not begun again by itself.",
};

/** The credential as a live run gets it. */
async function realCredential(
  host: TestHost,
  { projectId }: ClaimedTest,
  job: JobNode,
  input: SecretState,
): Promise<TrialCredential | null> {
  const wanted = wantedCredential(job, input.text);
  return wanted ? host.credentials.open(wanted, projectId) : null;
}

type Stop = NonNullable<ReturnType<NonNullable<TestWalk["stopped"]>>>;
type Watch = { signal: AbortSignal; stopped(): Stop | null; stop(): void };

const reasons = {
  cancelled: { state: "cancelled", type: "Cancelled", message: "The test was cancelled." },
  gone: { state: "cancelled", type: "Cancelled", message: "The draft of this test is gone." },
  late: {
    ...{ state: "killed", type: "TimeoutError" },
    message: `A test goes on for ${longestTestMs / 60_000} minutes at most, and this one took longer.`,
  },
} as const satisfies Record<string, Stop>;

/** Says that the test is under way, and hears when it is to end: cancelled, with its draft, or because it takes too long. */
function watchOver(host: TestHost, test: ClaimedTest): Watch {
  const controller = new AbortController();
  const endsAt = performance.now() + longestTestMs;
  let why: Stop | null = null;
  const end = (reason: Stop) => {
    why ??= reason;
    controller.abort();
  };
  const look = async () => {
    if (performance.now() > endsAt) end(reasons.late);
    const seen = await beat(host, test).catch(() => "unknown" as const);
    if (seen === "gone") end(reasons.gone);
    if (seen === "cancelled") end(reasons.cancelled);
  };
  const timer = setInterval(() => void look(), host.beatMs ?? usualBeatMs);
  return { signal: controller.signal, stopped: () => why, stop: () => clearInterval(timer) };
}
