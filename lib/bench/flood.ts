import { database } from "@/db/client";
import { postLoad } from "./load";
import { completedPerSecond, drain } from "./runs";
import { createTarget } from "./setup";

const senders = 16;

/** What is left of a project's runs while senders post to it as fast as they can, beside what is done when they have gone. */
export async function measureFlood(url: string, seconds: number): Promise<void> {
  const body = `{"form":"visit","notes":"${"x".repeat(940)}"}`;
  const target = await createTarget("flood", "fn(state => state);");
  await completedPerSecond(url, [target], body, 100);
  const idle = await completedPerSecond(url, [target], body, 600);
  const ended = async () => {
    const [row] = await database().query<{ n: number }>(
      "select count(*)::int as n from runs where project_id = $1 and finished_at is not null",
      [target.projectId],
    );
    return row?.n ?? 0;
  };
  const [before, begin] = [await ended(), Date.now()];
  const load = await postLoad(url + target.webhookPath, body, senders, seconds);
  const flooded = ((await ended()) - before) / ((Date.now() - begin) / 1000);
  await drain(target.projectId, 600_000);
  console.log(
    `completed one-job runs: ${idle.toFixed(0)}/s, and ${flooded.toFixed(0)}/s (${Math.round((100 * flooded) / idle)} %) while ${senders} senders post ${load.perSecond.toFixed(0)}/s (p50 ${load.p50Ms} ms, p97.5 ${load.p97Ms} ms)`,
  );
}
