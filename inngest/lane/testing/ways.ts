import { randomBytes } from "node:crypto";
import { Inngest } from "inngest";
import { serve } from "inngest/edge";
import type { Database } from "@/db/client";
import { EmbeddedEngine } from "@/inngest/embedded/engine";
import { completeEvent } from "@/inngest/embedded/protocol";
import { RunLane } from "@/inngest/lane/lane";
import { withLanes } from "@/inngest/lanes";
import { OutboxDispatcher } from "@/inngest/outbox";
import type { StoredRun } from "@/lib/execution/storage";

export type Asked = {
  database: Database;
  /** Of the engines that share their work. */
  schema: string;
  execute(runId: string, loaded?: StoredRun): Promise<unknown>;
  giveUp?(runId: string): Promise<unknown>;
  places?: number;
  projectLimit?: number;
  backoffMs?: number;
};

/** An engine that delivers runs from the outbox. */
export type Delivering = {
  wake(): void;
  stop(): Promise<void>;
  /** It is as if its process had ended: nothing more is claimed, and others find it dead. */
  die(): Promise<void>;
};

export type Way = (asked: Asked) => Promise<Delivering>;

export const newSchema = () => `lane_${randomBytes(4).toString("hex")}`;

const keys = { signingKey: `signkey-test-${"ab".repeat(32)}`, eventKey: "test" };
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const pollMs = 50;

function engineOf({ database, schema, execute, giveUp, places = 16, projectLimit = 8, ...asked }: Asked) {
  const backoffMs = () => asked.backoffMs ?? 20;
  const client = new Inngest({
    id: "t",
    isDev: true,
    baseUrl: "http://embedded.local",
    logger: silent,
    ...keys,
    fetch: (...call) => engine.fetch(...call),
  });
  // As inngest/functions/execute-run.ts has it.
  const executeRun = client.createFunction(
    {
      id: "execute-run",
      triggers: [{ event: "run/requested" }],
      retries: 10,
      concurrency: [
        { key: "event.data.projectId", limit: projectLimit },
        { key: "has(event.data.lane) ? event.data.lane : event.data.runId", limit: 1 },
      ],
      priority: { run: "event.data.priority" },
      checkpointing: { bufferedSteps: 100, maxRuntime: "1h" },
      onFailure: async ({ event }) => void (await giveUp?.(String(event.data.event.data.runId))),
    },
    async ({ event }) => void (await execute(String(event.data.runId))),
  );
  let stopBeside = async () => {};
  const engine: EmbeddedEngine = new EmbeddedEngine({
    ...{ database, schema, ...keys, pollMs, backoffMs, maxInFlight: places },
    handler: serve({ client, functions: [executeRun], enableUnauthedSync: false }),
    stopBeside: () => stopBeside(),
    onError: () => {},
  });
  const setBeside = (stop: () => Promise<void>) => {
    stopBeside = stop;
  };
  const die = async () => {
    // What it has under way may end when all is over.
    void engine.stop(3_600_000).catch(() => {});
    await database.query(`update ${schema}.engine set pid = 2147483647, pid_started = 'gone' where id = $1`, [
      engine.owner,
    ]);
  };
  return { engine, setBeside, die, backoffMs };
}

const lane: Way = async (asked) => {
  const { engine, setBeside, die, backoffMs } = engineOf(asked);
  const { database, schema, execute, giveUp = async () => {}, places = 16, projectLimit = 8 } = asked;
  const runs = new RunLane({
    ...{ database, schema, engine, execute, giveUp, projectLimit, pollMs, backoffMs },
    maxInFlight: places,
    onError: () => {},
  });
  setBeside(() => runs.stop());
  await engine.start();
  runs.start();
  return { wake: () => runs.wake(), stop: () => engine.stop(5_000), die };
};

const functions: Way = async (asked) => {
  const { engine, setBeside, die } = engineOf(asked);
  await engine.start();
  const outbox = new OutboxDispatcher({
    database: asked.database,
    send: async (events, sql) => engine.sendWithin(sql, (await withLanes(sql, events)).map(completeEvent)),
    afterCommit: () => engine.announce(),
    pollMs,
  });
  outbox.start();
  setBeside(() => outbox.stop());
  return { wake: () => outbox.wake(), stop: () => engine.stop(5_000), die };
};

/** The embedded engine's own way, and that of Inngest's functions, which a real Inngest drives, too. */
export const ways: Record<string, Way> = { "the lane": lane, "the function": functions };
