import { serve } from "inngest/edge";
import { type Database, database } from "@/db/client";
import { attachEngine, embeddedKeys, engineMode, inngest } from "@/inngest/client";
import { EmbeddedEngine } from "@/inngest/embedded/engine";
import { OutdatedError } from "@/inngest/embedded/outdated";
import { Presence } from "@/inngest/embedded/presence";
import { completeEvent, ulid } from "@/inngest/embedded/protocol";
import { applySchema } from "@/inngest/embedded/schema";
import { withLanes } from "@/inngest/lanes";
import { OutboxDispatcher } from "@/inngest/outbox";
import { type Env, env } from "@/lib/env";
import { log } from "@/lib/log";
import { exitWithParent } from "./parent";
import { startProbes } from "./probes";
import { beginStopping } from "./stopping";

/** The engine process: the embedded engine and the outbox, or the outbox alone when a real Inngest drives the functions. */

type Running = {
  /** Why it would do no work now; null when it works. */
  problem(): string | null;
  stop(graceMs: number): Promise<void>;
};

/** Places beyond those of runs, so that stopping a run and the clock never wait for long jobs to end. */
const controlPlaces = 4;

/** A little less than the launcher waits before it kills. What is not done by then goes on after the next start. */
const graceMs = 4_000;

/** Calls under way may take this long when the schema has become too new for this release: nobody is about to kill. */
const outdatedGraceMs = 30_000;

/** The launcher does not start an engine again that ended with this code. Its own copy is in lib/launcher/product.mjs. */
const outdatedCode = 78;

/** Hears the sentence for the log when a newer release takes the schema over. */
type OnOutdated = (sentence: string) => void;

const report = (error: unknown, where: string) => log.error("engine", { where, error });

async function runEmbedded(db: Database, e: Env, onOutdated: OnOutdated): Promise<Running> {
  // Only here: the functions pull in what executes runs, which an external mode leaves to the web process.
  const { functions } = await import("@/inngest/functions");
  const engine = new EmbeddedEngine({
    database: db,
    ...embeddedKeys,
    handler: serve({ client: inngest, functions, enableUnauthedSync: false }),
    maxInFlight: e.ENGINE_CONCURRENCY + controlPlaces,
    ceilings: { "waybill-execute-run": e.ENGINE_CONCURRENCY },
    onError: report,
    onOutdated,
    outdatedGraceMs,
  });
  attachEngine(engine.fetch);
  await engine.start();
  const outbox = new OutboxDispatcher({
    database: db,
    send: async (events, sql) => engine.sendWithin(sql, (await withLanes(sql, events)).map(completeEvent)),
    afterCommit: () => engine.announce(),
    isEmbedded: true,
    onError: (error) => report(error, "outbox"),
  });
  outbox.start();
  const stopListening = await db.listen(
    ["outbox", "engine"],
    (channel) => (channel === "outbox" ? outbox.wake() : engine.wake()),
    () => {
      outbox.wake();
      engine.wake();
    },
  );
  let quiet: Promise<void> | undefined;
  return {
    problem: () => engine.problem,
    async stop(grace) {
      quiet ??= stopListening().then(() => outbox.stop());
      await quiet;
      await engine.stop(grace);
    },
  };
}

async function runOutbox(db: Database, onOutdated: OnOutdated): Promise<Running> {
  await applySchema(db, "durable");
  const presence = new Presence(db, "durable", 15_000);
  const id = ulid();
  await presence.register(id);
  const beat = setInterval(() => {
    presence.beat(id, { inFlight: 0, calls: 0 }).then(
      ({ breaking }) => breaking && onOutdated(new OutdatedError(breaking).message),
      (error: unknown) => report(error, "heartbeat"),
    );
  }, 2000);
  const outbox = new OutboxDispatcher({
    database: db,
    send: async (events, sql) => void (await inngest.send(await withLanes(sql, events))),
    // Inngest takes up to 512 KiB a call from everybody.
    batch: 200,
    onError: (error) => report(error, "outbox"),
  });
  outbox.start();
  const stopListening = await db.listen(
    ["outbox"],
    () => outbox.wake(),
    () => outbox.wake(),
  );
  const end = async () => {
    clearInterval(beat);
    await stopListening();
    await outbox.stop();
    await presence.leave(id);
  };
  let ended: Promise<void> | undefined;
  return {
    problem: () => presence.problem,
    stop() {
      ended ??= end();
      return ended;
    },
  };
}

async function main(): Promise<void> {
  const e = env();
  const mode = engineMode(e);
  const db = database();
  let code = 0;
  const onOutdated = (sentence: string) => {
    if (code === outdatedCode) return;
    code = outdatedCode;
    log.error(sentence);
    void end(outdatedGraceMs);
  };
  const running = mode === "embedded" ? runEmbedded(db, e, onOutdated) : runOutbox(db, onOutdated);
  const stop = (grace: number) =>
    running.then((one) => one.stop(grace)).catch((error: unknown) => report(error, "stop"));
  const end = (grace: number) => {
    beginStopping();
    return stop(grace).finally(() => process.exit(code));
  };
  let started: Running | undefined;
  await startProbes("engine", () => (started ? started.problem() : "is starting"));
  started = await running;
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void end(graceMs));
  exitWithParent(() => stop(graceMs));
  process.send?.({ type: "ready" });
  log.debug("engine is up", { mode, pid: process.pid });
}

main().catch((error: unknown) => {
  const isOutdated = error instanceof OutdatedError;
  if (isOutdated) log.error(error.message);
  else log.error("the engine does not start", { error });
  process.exit(isOutdated ? outdatedCode : 1);
});
