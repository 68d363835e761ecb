import type { Database, Sql } from "@/db/client";
import { asWork } from "@/db/deadline";
import { engineMode, inngest } from "@/inngest/client";
import { forgottenByServer } from "@/inngest/forgotten/server";
import { type FindForgotten, ForgottenRuns } from "@/inngest/forgotten/watch";
import { withLanes } from "@/inngest/lanes";
import type { OutboxEvent } from "@/inngest/outbox";
import { withRoom } from "@/inngest/room";
import { apiOf, namedServer } from "@/inngest/server/api";
import { GatewayConnection } from "@/inngest/server/connection";
import { servedFunctions } from "@/inngest/server/functions";
import { Invoker } from "@/inngest/server/invoke";
import { Registration } from "@/inngest/server/registration";
import { atOnce, EventSender } from "@/inngest/server/send";
import type { Env } from "@/lib/env";
import { announce } from "@/lib/live/shared";
import { Backlogs, lookEveryMs } from "@/lib/queue/backlogs";
import { Rounds } from "@/lib/rounds";

type OnError = (error: unknown, where: string) => void;

/** Starts to notice runs that wait although nothing is queued for them. */
export function watchForgotten(database: Database, find: FindForgotten, onError: OnError): Rounds {
  const runs = new ForgottenRuns({ database, find, announce });
  return startRounds(
    10_000,
    () => runs.look(),
    (error) => onError(error, "forgotten runs"),
  );
}

/** Starts to keep the runs that wait bounded. */
export function watchBacklogs(database: Database, onError: OnError): Rounds {
  const backlogs = new Backlogs({ database });
  const look = () => asWork({ kind: "pulse" }, () => backlogs.look());
  return startRounds(lookEveryMs, look, (error) => onError(error, "backlogs"));
}

function startRounds(
  everyMs: number,
  work: () => Promise<unknown>,
  onError: (error: unknown) => void,
): Rounds {
  const rounds = new Rounds({ everyMs, work, onError });
  rounds.start();
  return rounds;
}

/** What the engine process does for a real Inngest. */
type BesideInngest = {
  send(events: OutboxEvent[], sql: Sql): Promise<void>;
  /** Why Inngest's work would not reach this process; null when it does, or is not to. */
  problem(): string | null;
  /** How many calls are under way here. */
  underWay(): number;
  /** Takes no more calls, and waits for those under way for at most `graceMs`. */
  stop(graceMs: number): Promise<void>;
};

/** Registers the functions, executes them when it is to (`INNGEST_CONNECT`), and hands back what Inngest forgot. */
export async function besideInngest(
  database: Database,
  e: Env,
  places: number,
  onError: OnError,
): Promise<BesideInngest> {
  const api = apiOf(namedServer());
  const connection = e.INNGEST_CONNECT
    ? new GatewayConnection({ maxInFlight: places, onError: (error) => onError(error, "gateway") })
    : null;
  void connection?.start();
  const registration = new Registration({
    api,
    served: servedFunctions(),
    onError: (error) => onError(error, "registration"),
    ...(connection ? { registerFunctions: () => connection.renew() } : {}),
  });
  // An event whose function Inngest does not know yet starts nothing.
  await registration.start();
  const invoker = new Invoker({ api, app: inngest.id });
  const sender = new EventSender(
    (event) => inngest.send(event),
    (event) => invoker.invoke("execute-run", event),
  );
  // Of many the last begins no sooner. Inngest's own cloud does not look for events, and counts what is asked of its API.
  const begins = (events: OutboxEvent[], sql: Sql) =>
    engineMode(e) !== "cloud" && events.length <= atOnce
      ? withRoom(sql, events, e.PROJECT_CONCURRENCY)
      : undefined;
  const find = forgottenByServer(api);
  const forgotten = watchForgotten(database, async (runs) => (sender.hasOwnNames ? [] : find(runs)), onError);
  const backlogs = watchBacklogs(database, onError);
  return {
    async send(events, sql) {
      const begin = await begins(events, sql);
      await sender.sendEach(await withLanes(sql, events), begin);
    },
    problem: () => connection?.problem ?? null,
    underWay: () => connection?.underWay ?? 0,
    async stop(graceMs) {
      await Promise.all([forgotten.stop(), backlogs.stop(), registration.stop(), connection?.stop(graceMs)]);
    },
  };
}
