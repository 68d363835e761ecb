import { z } from "zod";
import { database } from "@/db/client";
import { engineMode } from "@/inngest/client";
import { engineHealth } from "@/inngest/health";
import { env } from "@/lib/env";
import { runner } from "./host";

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
  })
  .meta({ id: "Health" });
export type Health = z.infer<typeof health>;

const patienceMs = 2_000;

/** How every component does. Says nothing about tenants, so that anybody may ask. */
export async function checkHealth(): Promise<Health> {
  const [db, engine, jobs] = await Promise.all([
    component(databaseHealth),
    component(engineState),
    component(runnerHealth),
  ]);
  return { ok: db.ok && engine.ok && jobs.ok, database: db, engine, runner: jobs };
}

async function component(check: () => Promise<Component>): Promise<Component> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Component>((resolve) => {
    timer = setTimeout(
      () => resolve({ ok: false, problem: `no answer within ${patienceMs} ms` }),
      patienceMs,
    );
  });
  try {
    return await Promise.race([check(), late]);
  } catch {
    return { ok: false, problem: "cannot be reached" };
  } finally {
    clearTimeout(timer);
  }
}

async function databaseHealth(): Promise<Component> {
  const begin = performance.now();
  await database().query("select 1");
  return { ok: true, answerMs: Math.round((performance.now() - begin) * 10) / 10 };
}

async function engineState(): Promise<Component> {
  const { isUp, engines, outdated, problem, inFlight, ready, outbox, oldestOutboxMs } = await engineHealth(
    database(),
  );
  return {
    ok: isUp,
    ...(problem ? { problem } : {}),
    mode: engineMode(env()),
    engines,
    outdated,
    inFlight,
    ready,
    outbox,
    oldestOutboxMs,
  };
}

async function runnerHealth(): Promise<Component> {
  const { ok, ...rest } = await runner().health();
  return { ok, ...rest };
}
