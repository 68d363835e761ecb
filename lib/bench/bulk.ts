import { database } from "@/db/client";
import { startBulk } from "@/lib/domain/bulk/start";
import { quantile } from "./load";
import { completedPerSecond, drain } from "./runs";
import { createTarget, type Target } from "./setup";

const job = "fn(state => ({ ...state, seen: true }));";
const body = `{"patient":{"id":7,"name":"Ada"},"notes":"${"x".repeat(900)}"}`;
const pauseMs = 200;

/**
 * What a bulk rerun of `messages` costs: its rate beside that of the same messages when they were new, and how long a new
 * message of the same project takes meanwhile, beside an idle one.
 */
export async function measureBulk(url: string, messages: number): Promise<void> {
  const target = await createTarget("bulk", job);
  await completedPerSecond(url, [target], body, 200);
  const idle = await newOnes(url, target, () => 40);
  const fresh = await completedPerSecond(url, [target], body, messages);
  const begin = performance.now();
  const act = await startBulk(target.ctx, { name: "bench", kind: "rerun", of: { target: "messages" } });
  let isDone = false;
  const done = ended(target, act.id).finally(() => {
    isDone = true;
  });
  const meanwhile = await newOnes(url, target, () => (isDone ? 0 : Number.POSITIVE_INFINITY));
  const runs = await done;
  const again = runs / ((performance.now() - begin) / 1_000);
  console.log(
    `\nbulk rerun of ${runs} messages: ${again.toFixed(0)}/s, when they were new ${fresh.toFixed(0)}/s: ${Math.round((100 * again) / fresh)} %`,
  );
  console.log(
    `a new message meanwhile: p50 ${quantile(meanwhile, 0.5)} ms, p95 ${quantile(meanwhile, 0.95)} ms (${meanwhile.length} sent); idle: p50 ${quantile(idle, 0.5)} ms, p95 ${quantile(idle, 0.95)} ms`,
  );
}

/** Waits until an act and its runs have ended. Returns how many there were. */
async function ended({ projectId }: Target, actId: string): Promise<number> {
  for (;;) {
    const [act] = await database().query<{ isOver: boolean; runs: number }>(
      `select state not in ('running', 'paused', 'undoing') as "isOver", runs from bulk_acts where id = $1 and project_id = $2`,
      [actId, projectId],
    );
    if (act?.isOver) {
      await drain(projectId, 600_000);
      return act.runs;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Sends one new message after the other, as long as `most` allows more. Returns milliseconds to the end of each one's run. */
async function newOnes(url: string, target: Target, most: () => number): Promise<number[]> {
  const took: number[] = [];
  while (took.length < most()) {
    const sentAt = performance.now();
    const answer = await fetch(url + target.webhookPath, {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
    await answer.arrayBuffer();
    await finished(target.projectId, answer.headers.get("x-meta-run-id") ?? "");
    took.push(Math.round(performance.now() - sentAt));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return took;
}

async function finished(projectId: string, runId: string): Promise<void> {
  for (;;) {
    const [run] = await database().query(
      "select 1 from runs where id = $1 and project_id = $2 and finished_at is not null",
      [runId, projectId],
    );
    if (run) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
