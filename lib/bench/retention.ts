import { database } from "@/db/client";
import { carryOutRetention } from "@/lib/domain/retention/retain";
import { keepAll } from "@/lib/domain/retention/settings";
import { sqlJson } from "@/lib/sql-json";
import { postLoad } from "./load";
import { manyRuns } from "./purge";
import { createTarget } from "./setup";

const connections = 16;
const rounds = 4;

/** An id of its own, of thirty days ago. */
export const oldId =
  "(left(id_at(now() - interval '30 days')::text, 13) || substr(uuid_v7()::text, 14))::uuid";

/**
 * How many messages another project's senders bring in while retention wipes, and while it does not, in turns: `messages`
 * of thirty days ago with a run, an output and two lines of log each, and what wiping all of it takes.
 */
export async function measureRetention(url: string, messages: number, seconds: number): Promise<void> {
  const job = "fn(state => state);";
  const { projectId } = await createTarget("retained", job);
  const store = await createTarget("beside", job);
  for (let left = messages; left > 0; left -= 10_000)
    await database().query(manyRuns(oldId), [projectId, Math.min(left, 10_000)]);
  const days = { success: 7, failure: 7 };
  const retention = { ...keepAll, messages: days, dataclips: days, logs: days };
  await database().query(
    "update projects set retention = $2::jsonb, retains_from = now() + interval '1 day' where id = $1",
    [projectId, sqlJson(retention)],
  );
  const now = new Date(Date.now() + 2 * 86_400_000);
  const body = `{"form":"visit","notes":"${"x".repeat(980)}"}`;
  const load = () => postLoad(url + store.inboxPath, body, connections, seconds);
  await load();
  const rates = { without: [] as number[], under: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    rates.without.push((await load()).perSecond);
    const [under] = await Promise.all([
      load(),
      carryOutRetention(database(), seconds * 1_000, { now, only: projectId }),
    ]);
    rates.under.push(under.perSecond);
  }
  const [without, under] = [mean(rates.without), mean(rates.under)];
  console.log(
    `\naccepts of another project (1 KB JSON, c=${connections}): ${without.toFixed(0)}/s, while retention wipes ${under.toFixed(0)}/s (${Math.round((100 * under) / without)} %)`,
  );
  const wiped = await wipedOf(projectId);
  const began = performance.now();
  while (!(await carryOutRetention(database(), 20_000, { now, only: projectId })).isDone);
  const alone = (await wipedOf(projectId)) - wiped;
  const took = (performance.now() - began) / 1_000;
  console.log(
    `wiped under load: ${wiped} of ${messages}; then alone, resting as long as it works: ${(alone / took).toFixed(0)}/s with output and log`,
  );
}

const mean = (all: number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length;

async function wipedOf(projectId: string): Promise<number> {
  const [row] = await database().query<{ n: number }>(
    "select count(*)::int as n from messages where project_id = $1 and wiped_at is not null",
    [projectId],
  );
  return row?.n ?? 0;
}
