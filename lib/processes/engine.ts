import { serve } from "inngest/edge";
import { type Database, database } from "@/db/client";
import { attachEngine, embeddedKeys, engineMode, inngest } from "@/inngest/client";
import { EmbeddedEngine } from "@/inngest/embedded/engine";
import { Presence } from "@/inngest/embedded/presence";
import { completeEvent, ulid } from "@/inngest/embedded/protocol";
import { applySchema } from "@/inngest/embedded/schema";
import { withLanes } from "@/inngest/lanes";
import { OutboxDispatcher } from "@/inngest/outbox";
import { type Env, env } from "@/lib/env";
import { log } from "@/lib/log";
import { exitWithParent } from "./parent";

/** The engine process: the embedded engine and the outbox, or the outbox alone when a real Inngest drives the functions. */

type Running = { stop(): Promise<void> };

/** Places beyond those of runs, so that stopping a run and the clock never wait for long jobs to end. */
const controlPlaces = 4;

/** A little less than the launcher waits before it kills. What is not done by then goes on after the next start. */
const graceMs = 4_000;

const report = (error: unknown, where: string) => log.error("engine", { where, error });

async function runEmbedded(db: Database, e: Env): Promise<Running> {
  // Only here: the functions pull in what executes runs, which an external mode leaves to the web process.
  const { functions } = await import("@/inngest/functions");
  const engine = new EmbeddedEngine({
    database: db,
    ...embeddedKeys,
    handler: serve({ client: inngest, functions, enableUnauthedSync: false }),
    maxInFlight: e.ENGINE_CONCURRENCY + controlPlaces,
    ceilings: { "waybill-execute-run": e.ENGINE_CONCURRENCY },
    onError: report,
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
  return {
    async stop() {
      await stopListening();
      await outbox.stop();
      await engine.stop(graceMs);
    },
  };
}

async function runOutbox(db: Database): Promise<Running> {
  await applySchema(db, "durable");
  const presence = new Presence(db, "durable", 15_000);
  const id = ulid();
  await presence.register(id);
  const beat = setInterval(() => {
    presence.beat(id, { inFlight: 0, calls: 0 }).catch((error: unknown) => report(error, "heartbeat"));
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
  return {
    async stop() {
      clearInterval(beat);
      await stopListening();
      await outbox.stop();
      await presence.leave(id);
    },
  };
}

async function main(): Promise<void> {
  const e = env();
  const mode = engineMode(e);
  const db = database();
  const running = mode === "embedded" ? await runEmbedded(db, e) : await runOutbox(db);
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= running.stop().catch((error: unknown) => report(error, "stop"));
    return stopping;
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => void stop().finally(() => process.exit(0)));
  exitWithParent(stop);
  process.send?.({ type: "ready" });
  log.debug("engine is up", { mode, pid: process.pid });
}

main().catch((error: unknown) => {
  log.error("the engine does not start", { error });
  process.exit(1);
});
