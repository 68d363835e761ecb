import { database } from "@/db/client";
import { quantile } from "./load";
import { acceptToDone, completedPerSecond, drain, queueMany } from "./runs";
import { createTarget, type Target } from "./setup";

const keys = 1_000;
const messages = 2_000;
const pairs = 3;
const singles = 60;

const job = "fn(state => ({ ...state, seen: true }));";

/** A message of chance's patient, one of a thousand. */
const ofSomebody = () =>
  `{"patient":{"id":"P-${Math.floor(Math.random() * keys)}"},"notes":"${"x".repeat(900)}"}`;

const orderBy = (target: Target, path: string | null) =>
  database().query("update workflows set order_key = $2 where project_id = $1", [target.projectId, path]);

/**
 * What keeping order costs: as many messages of a thousand patients through a workflow with an order and through one
 * without, in turns, so that the machine is the same for both. Then what a project with `waiting` runs costs another's
 * single ones, beside the same without them.
 */
export async function measureOrder(url: string, waiting: number): Promise<void> {
  const [plain, ordered] = [await createTarget("plain", job), await createTarget("ordered", job)];
  await orderBy(ordered, "data.patient.id");
  for (const target of [plain, ordered]) await completedPerSecond(url, [target], ofSomebody, 200);
  const rates = { plain: [] as number[], ordered: [] as number[] };
  for (let pair = 0; pair < pairs; pair++) {
    // Whoever is second finds a larger database: each is first in turn.
    const order = pair % 2 === 0 ? (["plain", "ordered"] as const) : (["ordered", "plain"] as const);
    for (const which of order)
      rates[which].push(
        await completedPerSecond(url, [which === "plain" ? plain : ordered], ofSomebody, messages),
      );
  }
  const [without, withOrder] = [quantile(rates.plain, 0.5), quantile(rates.ordered, 0.5)];
  console.log(
    `\ncompleted one-job runs, ${keys} keys: ${withOrder.toFixed(0)}/s in order, ${without.toFixed(0)}/s without (median of ${pairs} pairs): ${Math.round((100 * withOrder) / without)} %`,
  );
  console.log(`runs out of order: ${await outOfOrder(ordered.projectId)}`);
  await measureFairness(url, waiting);
}

/** Starts of a key that came before one that was accepted earlier had ended. */
async function outOfOrder(projectId: string): Promise<number> {
  const [row] = await database().query<{ faults: number }>(
    `select count(*)::int as faults from (
       select started_at, lag(finished_at) over (partition by order_key order by id) as before
       from runs where project_id = $1 and order_key is not null
     ) r where started_at < before`,
    [projectId],
  );
  return row?.faults ?? 0;
}

async function measureFairness(url: string, waiting: number): Promise<void> {
  const [busy, quiet] = [await createTarget("busy", job), await createTarget("quiet", job)];
  const body = ofSomebody();
  await acceptToDone(url, quiet, body, 10);
  const idle = await acceptToDone(url, quiet, body, singles);
  await fetch(url + busy.webhookPath, {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
  });
  await drain(busy.projectId, 60_000);
  await queueMany(busy, waiting);
  const behind = await acceptToDone(url, quiet, body, singles);
  const [left] = await database().query<{ count: number }>(
    "select count(*)::int as count from runs where project_id = $1 and state = 'pending'",
    [busy.projectId],
  );
  console.log(
    `accept to done of one project, idle: p50 ${idle.p50Ms} ms, p95 ${idle.p95Ms} ms; while another has ${waiting} runs waiting (${left?.count ?? 0} at the end): p50 ${behind.p50Ms} ms, p95 ${behind.p95Ms} ms`,
  );
  await database().query("update projects set paused_at = now() where id = $1", [busy.projectId]);
}
