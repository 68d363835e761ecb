import { z } from "zod";
import { database } from "@/db/client";
import { engineMode } from "@/inngest/client";
import { engineHealth } from "@/inngest/health";
import { namedServerProblem } from "@/inngest/server/health";
import { conditionsNow, conditionWords, type Holding } from "@/lib/domain/notice/operator/holding";
import { env } from "@/lib/env";
import { within } from "@/lib/in-time";
import { bucket } from "@/lib/payloads/bucket";
import { bucketProblem } from "@/lib/payloads/home";
import { waitingPayloads } from "@/lib/payloads/move";
import type { RunnerHealth } from "@/lib/runner/contract";
import { sharedFleet } from "./runners";

const componentHealth = z
  .looseObject({ ok: z.boolean() })
  .meta({ description: "`ok`, and facts of the component's own, or the `problem`." });
type Component = z.infer<typeof componentHealth>;

export const health = z
  .strictObject({
    ok: z.boolean(),
    database: componentHealth,
    engine: componentHealth,
    runner: componentHealth,
    payloads: componentHealth.nullable().meta({
      description:
        "Bodies that are to lie apart and do not yet: `waiting`, counted to a thousand, how late the oldest is, and the `problem` of the storage. Null where no storage for them is set. It does not change `ok`.",
    }),
    conditions: z.array(z.strictObject({ name: z.enum(conditionWords), since: z.string() })).meta({
      description:
        "What the operator is told of now: what lasts, and what happened within a day. They do not change `ok`.",
    }),
  })
  .meta({ id: "Health" });
export type Health = z.infer<typeof health>;

const patienceMs = 2_000;

const lateIsIllMs = 600_000;

const freshMs = 1_000;
let last: { at: number; health: Promise<Health> } | undefined;

/**
 * How every component does. Says nothing about tenants, so that anybody may ask, and looks once a second at most, however
 * many do. Never throws.
 */
export function checkHealth(): Promise<Health> {
  if (!last || performance.now() - last.at >= freshMs) last = { at: performance.now(), health: look() };
  return last.health;
}

async function look(): Promise<Health> {
  const [db, engine, jobs, payloads, conditions] = await Promise.all([
    component(databaseHealth),
    component(engineState),
    component(runnerHealth),
    bucket() ? component(payloadsHealth) : null,
    conditionsInTime(),
  ]);
  return { ok: db.ok && engine.ok && jobs.ok, database: db, engine, runner: jobs, payloads, conditions };
}

/** None while the database does not answer, which is said beside it. */
const conditionsInTime = async (): Promise<Holding[]> =>
  (await within(conditionsNow(database()), patienceMs).catch(() => null)) ?? [];

async function component(check: () => Promise<Component>): Promise<Component> {
  try {
    return (await within(check(), patienceMs)) ?? { ok: false, problem: `no answer within ${patienceMs} ms` };
  } catch {
    return { ok: false, problem: "cannot be reached" };
  }
}

async function databaseHealth(): Promise<Component> {
  const begin = performance.now();
  await database().query("select 1");
  return { ok: true, answerMs: Math.round((performance.now() - begin) * 10) / 10 };
}

async function engineState(): Promise<Component> {
  const mode = engineMode(env());
  const { isUp, engines, outdated, problem, inFlight, ready, outbox, oldestOutboxMs } = await engineHealth(
    database(),
    { isEmbedded: mode === "embedded" },
  );
  const found = problem ?? (mode === "embedded" ? null : await namedServerProblem(oldestOutboxMs));
  return {
    ok: isUp && (mode === "embedded" || found === null),
    ...(found ? { problem: found } : {}),
    mode,
    engines,
    outdated,
    inFlight,
    ready,
    outbox,
    oldestOutboxMs,
  };
}

/** What stays in the database although it is to lie apart: the storage is down, slow or says no. */
async function payloadsHealth(): Promise<Component> {
  const [{ waiting, lateMs }, problem] = await Promise.all([
    waitingPayloads(database()),
    bucketProblem(database().query),
  ]);
  return {
    ok: lateMs < lateIsIllMs && !problem,
    ...(problem ? { problem } : {}),
    ...{ waiting, lateMs },
  };
}

/** Every runner that is known; well while one of them takes steps. */
async function runnerHealth(): Promise<Component> {
  const fleet = sharedFleet();
  if (!fleet) return { ok: false, problem: "RUNNER_TOKEN is not set" };
  const states = await fleet.states();
  return {
    ok: states.some(({ health }) => health?.ok && !health.isDraining),
    runners: states.map(({ name, isSilent, health }) => ({
      name,
      isSilent,
      isReached: health !== null,
      ...(health && shown(health)),
    })),
  };
}

/** Whose start of it answers is nobody's business but the engine's. */
const shown = ({ isDraining, running, capacity, waiting, workers, runtime, isolation }: RunnerHealth) => ({
  isDraining,
  running,
  capacity,
  waiting,
  workers,
  runtime,
  isolation,
});
