import process from "node:process";
import { type Frame, frameType, splitConnectionData, splitHeaded } from "@/lib/runner/protocol/frames";
import type {
  BegunMessage,
  EvaluateHeader,
  LoadHeader,
  NetEvent,
  ReadyMessage,
  RestedMessage,
  RunHeader,
  StrayMessage,
} from "@/lib/runner/protocol/messages";
import { LoadedAdaptor } from "./adaptor";
import { describeError } from "./describe-error";
import { evaluateConditions } from "./evaluate";
import { beginStep, endStep, watchTimers } from "./leftovers";
import { preloadModules } from "./modules";
import { deliverData, deliverEvent } from "./network/connections";
import { type Prepared, prepare, StepRun } from "./step";
import { receive, sendJson } from "./transport";

/**
 * The program of a worker process. It has no permission at all and talks to the runner in frames. Once a job has run,
 * everything here belongs to the job: the runner believes nothing it says.
 */
const crashExitCode = 70;
let adaptor: LoadedAdaptor | null = null;
/** Besides it, by name: evaluated in the steps that ask for one. */
const extras = new Map<string, LoadedAdaptor>();
let prepared: Prepared | null = null;
/** Chunks worth loading once the worker has nothing else to do. */
let toWarm: string[] = [];
let warming: ReturnType<typeof setTimeout> | undefined;
const idleMs = 100;

function load(frame: Frame): void {
  const { header, body } = splitHeaded(frame.payload);
  const wanted = JSON.parse(header.toString()) as LoadHeader;
  const answer: ReadyMessage = { error: null, exports: null, caches: null };
  try {
    const loaded = new LoadedAdaptor(wanted, body);
    if (wanted.isExtra) extras.set(wanted.name, loaded);
    else {
      adaptor = loaded;
      toWarm = wanted.warm;
      prepared = prepare(adaptor);
    }
    if (wanted.inspect && prepared) {
      answer.exports = Object.keys(prepared.adaptor).filter((name) => name !== "default");
      answer.caches = loaded.codeCaches();
    }
  } catch (error) {
    answer.error = describeError(error, "load");
  }
  sendJson(frameType.ready, answer);
}

async function run(frame: Frame): Promise<void> {
  const { header, body } = splitHeaded(frame.payload);
  const wanted = JSON.parse(header.toString()) as RunHeader;
  beginStep();
  sendJson(frameType.begun, { token: wanted.token } satisfies BegunMessage);
  const step = new StepRun(wanted, adaptor?.name ?? null, prepared ?? prepare(adaptor), extras);
  prepared = null;
  clearTimeout(warming);
  const { bodyBytes = 0, plainBytes = 0 } = wanted.message ?? {};
  const stateEnd = body.length - bodyBytes - plainBytes;
  await step.run(body.toString("utf8", 0, stateEnd), body.subarray(stateEnd));
  endStep();
  setImmediate(() => {
    rest(wanted.token);
    prepared ??= prepare(adaptor);
  });
  if (toWarm.length) warming = setTimeout(warm, idleMs);
}

/** Said a turn after what was asked for: whatever that left running at once, promises and timers, has let go by then. */
function rest(token: number): void {
  sendJson(frameType.rested, { token } satisfies RestedMessage);
}

function warm(): void {
  adaptor?.warm(toWarm);
  toWarm = [];
}

function evaluate(frame: Frame): void {
  const { header, body } = splitHeaded(frame.payload);
  const wanted = JSON.parse(header.toString()) as EvaluateHeader;
  sendJson(frameType.begun, { token: wanted.token } satisfies BegunMessage);
  evaluateConditions(wanted, body.toString());
  setImmediate(() => rest(wanted.token));
}

function crash(error: unknown): void {
  try {
    sendJson(frameType.crash, describeError(error, "async"));
  } finally {
    process.exit(crashExitCode);
  }
}

process.on("uncaughtException", crash);
process.on("unhandledRejection", crash);
// Both would write below DENO_DIR, which is one place for all workers.
for (const store of ["localStorage", "sessionStorage", "caches"]) Reflect.deleteProperty(globalThis, store);

watchTimers((isOver) => sendJson(frameType.stray, { isOver } satisfies StrayMessage));
receive((frame) => {
  if (frame.type === frameType.run) void run(frame);
  else if (frame.type === frameType.netData) {
    const { id, bytes } = splitConnectionData(frame.payload);
    deliverData(id, bytes);
  } else if (frame.type === frameType.netEvent)
    deliverEvent(JSON.parse(frame.payload.toString()) as NetEvent);
  else if (frame.type === frameType.evaluate) evaluate(frame);
  else if (frame.type === frameType.load) load(frame);
});
sendJson(frameType.ready, { error: null, exports: null, caches: null } satisfies ReadyMessage);
setTimeout(preloadModules, 0);
