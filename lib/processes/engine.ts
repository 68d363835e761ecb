import { serve } from "inngest/edge";
import { type Database, database } from "@/db/client";
import { isOutage } from "@/db/outage";
import { attachEngine, embeddedKeys, engineMode, inngest } from "@/inngest/client";
import { EmbeddedEngine } from "@/inngest/embedded/engine";
import { OutdatedError } from "@/inngest/embedded/outdated";
import { Presence } from "@/inngest/embedded/presence";
import { completeEvent, ulid } from "@/inngest/embedded/protocol";
import { applySchema } from "@/inngest/embedded/schema";
import { forgottenByEngine } from "@/inngest/forgotten/embedded";
import type { RunLane } from "@/inngest/lane/lane";
import { OutboxDispatcher } from "@/inngest/outbox";
import { type Env, env } from "@/lib/env";
import { causes } from "@/lib/error-code";
import { exitCodes } from "@/lib/launcher/exit-codes.mjs";
import { hearBell } from "@/lib/live/bell";
import { onlyRuns } from "@/lib/live/topics";
import { log } from "@/lib/log";
import { drainsOf } from "@/lib/settings/drain.mjs";
import { besideInngest, watchBacklogs, watchForgotten } from "./beside-inngest";
import { beat, exitWithParent, tellLauncher, tellWaiting } from "./parent";
import { startProbes } from "./probes";
import { beginStopping, sayLastWords } from "./stopping";
import { codeOf, surviveErrors } from "./survive";
import { tidyAtRest } from "./tidy.mjs";

/** The engine process: the embedded engine and the outbox, or the outbox alone when a real Inngest drives the functions. */

type Running = {
  /** Why it would do no work now; null when it works. */
  problem(): string | null;
  /** How many steps are under way. */
  underWay(): number;
  /** Called again, it may shorten the wait. */
  stop(graceMs: number): Promise<void>;
};

/** Places beyond those of runs, so that stopping a run and the clock never wait for long jobs to end. */
const controlPlaces = 4;

/** For an engine whose launcher has gone. What is not done by then goes on after the next start. */
const orphanGraceMs = 4_000;
const retryMs = 1_000;

/** Calls under way may take this long when the schema has become too new for this release: nobody is about to kill. */
const outdatedGraceMs = 30_000;

/** Hears the sentence for the log when a newer release takes the schema over. */
type OnOutdated = (sentence: string) => void;

const report = (error: unknown, where: string) => log.error("engine", { where, error });

async function runEmbedded(db: Database, e: Env, onOutdated: OnOutdated): Promise<Running> {
  // Only here: the functions pull in what executes runs, which an external mode leaves to the web process.
  const { functions } = await import("@/inngest/functions");
  const { executionHost } = await import("./host");
  const { runLane } = await import("./lane");
  const engine = new EmbeddedEngine({
    database: db,
    ...embeddedKeys,
    handler: serve({ client: inngest, functions, enableUnauthedSync: false }),
    maxInFlight: e.ENGINE_CONCURRENCY + controlPlaces,
    // Runs come by the lane; here are those that a release without one has queued.
    ceilings: { "waybill-execute-run": e.ENGINE_CONCURRENCY },
    stopBeside: () => lane.stop(),
    onError: report,
    onOutdated,
    outdatedGraceMs,
  });
  const lane: RunLane = runLane(db, engine, e, report);
  attachEngine(engine.fetch);
  await whenDatabaseIsThere(() => engine.start());
  const outbox = new OutboxDispatcher({
    database: db,
    send: (events, sql) => engine.sendWithin(sql, events.map(completeEvent)),
    afterCommit: () => engine.announce(),
    isEmbedded: true,
    onError: (error) => report(error, "outbox"),
  });
  outbox.start();
  lane.start();
  const wake = (channel: string, notice = "") => {
    lane.wake();
    if (channel === "engine") engine.wake();
    else if (notice !== onlyRuns) outbox.wake();
  };
  const stopListening = await db.listen(["outbox", "engine"], wake, () => {
    for (const channel of ["outbox", "engine"]) wake(channel);
  });
  const silence = await hearLocally(e, (areRuns) => wake("outbox", areRuns ? onlyRuns : ""));
  const forgotten = watchForgotten(db, forgottenByEngine(db), report);
  const backlogs = watchBacklogs(db, report);
  let quiet: Promise<void> | undefined;
  return {
    problem: () => engine.problem,
    // Its other calls, the clock's for one, are no steps and end at once.
    underWay: () => executionHost().executor.busy,
    async stop(grace) {
      silence();
      quiet ??= stopListening()
        .then(() => outbox.stop())
        .then(() => Promise.all([forgotten.stop(), backlogs.stop()]))
        .then(() => {});
      await quiet;
      await engine.stop(grace);
      await sayLastWords();
    },
  };
}

async function runOutbox(db: Database, e: Env, onOutdated: OnOutdated): Promise<Running> {
  await whenDatabaseIsThere(() => applySchema(db, "durable"));
  const presence = new Presence(db, "durable", 15_000);
  const id = ulid();
  await whenDatabaseIsThere(() => presence.register(id));
  const lease = setInterval(() => {
    presence.beat(id, { inFlight: 0, calls: 0 }).then(
      ({ breaking }) => breaking && onOutdated(new OutdatedError(breaking).message),
      (error: unknown) => report(error, "heartbeat"),
    );
  }, 2000);
  const beside = await besideInngest(db, e, e.ENGINE_CONCURRENCY + controlPlaces, report);
  const outbox = new OutboxDispatcher({
    database: db,
    send: (events, sql) => beside.send(events, sql),
    // They are sent within the transaction that takes them.
    batch: 200,
    onError: (error) => report(error, "outbox"),
  });
  outbox.start();
  const stopListening = await db.listen(
    ["outbox"],
    () => outbox.wake(),
    () => outbox.wake(),
  );
  const silence = await hearLocally(e, () => outbox.wake());
  const end = async (grace: number) => {
    clearInterval(lease);
    silence();
    await stopListening();
    await outbox.stop();
    await beside.stop(grace);
    await presence.leave(id);
  };
  let ended: Promise<void> | undefined;
  return {
    problem: () => presence.problem ?? beside.problem(),
    underWay: () => beside.underWay(),
    stop(grace) {
      if (ended) return Promise.race([ended, beside.stop(grace)]);
      ended = end(grace);
      return ended;
    },
  };
}

/** The bell of this machine's door and pages. Without one, notices do. */
async function hearLocally({ ENGINE_SOCKET }: Env, wake: (areRuns: boolean) => void): Promise<() => void> {
  try {
    return ENGINE_SOCKET ? await hearBell(ENGINE_SOCKET, wake) : () => {};
  } catch (error) {
    log.warn("the engine hears of new work by the database alone", { error });
    return () => {};
  }
}

/** A database that is away at the start comes back: ending would only start the same wait anew. */
async function whenDatabaseIsThere<T>(begin: () => Promise<T>): Promise<T> {
  for (let isSaid = false; ; isSaid = true) {
    try {
      return await begin();
    } catch (error) {
      if (!causes(error).some(isOutage)) throw error;
      if (!isSaid) log.warn("the engine waits for the database", { error });
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}

/** Payloads that lie in another bucket than is set are missed one by one, so it is said before. */
async function lookAtBucket({ query }: Database): Promise<void> {
  const { bucketProblem } = await import("@/lib/payloads/home");
  const problem = await bucketProblem(query);
  if (problem) log.warn("Payloads that lie apart cannot be read.", { problem });
}

async function main(): Promise<void> {
  const e = env();
  const mode = engineMode(e);
  const db = database();
  let code = 0;
  const onOutdated = (sentence: string) => {
    if (code === exitCodes.outdated) return;
    code = exitCodes.outdated;
    log.error(sentence);
    void end(outdatedGraceMs);
  };
  let isEnding = false;
  const running = mode === "embedded" ? runEmbedded(db, e, onOutdated) : runOutbox(db, e, onOutdated);
  const stop = (grace: number) => {
    beginStopping();
    return running.then((one) => one.stop(grace)).catch((error: unknown) => report(error, "stop"));
  };
  const end = (grace: number) => stop(grace).finally(() => process.exit(code));
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      // Nothing has begun that would have to end; and who says it twice waits for nothing.
      if (!started) process.exit(0);
      if (!isEnding) tellWaiting("steps", started.underWay);
      void end(isEnding ? 0 : drainsOf(e).engine);
      isEnding = true;
    });
  let started: Running | undefined;
  await startProbes("engine", () => (started ? started.problem() : "is starting"));
  started = await running;
  exitWithParent(() => stop(orphanGraceMs));
  tellLauncher({ type: "ready" });
  log.debug("engine is up", { mode, pid: process.pid });
  if (e.PAYLOADS_URL) await lookAtBucket(db);
}

surviveErrors();
tidyAtRest();
beat();
main().catch((error: unknown) => {
  const isOutdated = error instanceof OutdatedError;
  if (isOutdated) log.error(error.message);
  else log.error("the engine does not start", { error });
  process.exit(isOutdated ? exitCodes.outdated : codeOf(error));
});
