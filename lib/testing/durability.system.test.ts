import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { connect, type Database } from "@/db/client";
import { createTarget, type Target } from "@/lib/bench/setup";
import { startThrowAway } from "@/lib/launcher/throw-away.mjs";
import { processDatabase } from "./process-database";

type Process = { pid: number };
type ThrowAway = {
  url: string;
  dataDir: string;
  databaseUrl: string;
  run(): { processes: Record<string, Process> };
  stop(): Promise<void>;
};

let server: ThrowAway;
let database: Database;
let target: Target;

beforeAll(async () => {
  server = await startThrowAway({});
  database = processDatabase(server.databaseUrl, connect(server.databaseUrl, { max: 4 }));
  target = await createTarget(
    "durability",
    "fn(state => { console.log('job', state.data.n); return state; });",
  );
}, 600_000);

afterAll(async () => {
  await database?.close();
  await server?.stop();
}, 60_000);

const count = 200;
const victims = ["inbox", "web", "engine", "runner", "database"];

/** Every process that is killed comes back by itself, while senders keep sending and note what was answered. */
async function sendWhileKilling(victim: string): Promise<string[]> {
  const accepted: string[] = [];
  let sent = 0;
  let hasKilled = false;
  const lane = async () => {
    while (sent < count) {
      const n = sent++;
      if (n > count / 3 && !hasKilled) {
        hasKilled = true;
        kill(victim);
      }
      const id = await send(n, victim);
      if (id) accepted.push(id);
      else await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return accepted;
}

function kill(victim: string): void {
  const { pid } = server.run().processes[victim] ?? { pid: 0 };
  if (pid > 0) process.kill(pid, "SIGKILL");
}

/** The message's id when it was answered with 2xx. A refused or broken connection is no answer. */
async function send(n: number, victim: string): Promise<string | null> {
  try {
    const response = await fetch(server.url + target.webhookPath, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ n, victim }),
      signal: AbortSignal.timeout(20_000),
    });
    await response.arrayBuffer();
    return response.ok ? response.headers.get("x-meta-message-id") : null;
  } catch {
    return null;
  }
}

type Row = { id: string; state: string | null; runs: number; steps: number; executions: number };

const outcome = (ids: string[]) =>
  database.query<Row>(
    `select m.id, max(o.state) as state, count(distinct r.id)::int as runs, count(distinct s.id)::int as steps,
       (select count(*)::int from log_lines l join steps x on x.id = l.step_id where x.message_id = m.id and l.source = 'JOB') as executions
     from unnest($1::uuid[]) as sent(id)
     left join messages m on m.id = sent.id
     left join work_orders o on o.message_id = m.id left join runs r on r.work_order_id = o.id left join steps s on s.run_id = r.id
     group by m.id`,
    [ids],
  );

test.each(victims)(
  "kill -9 of the %s while messages arrive loses nothing and repeats nothing silently",
  async (victim) => {
    // Whoever was killed before may still be on the way back.
    await vi.waitFor(async () => expect(await send(-1, "nobody")).not.toBeNull(), {
      timeout: 60_000,
      interval: 250,
    });
    const accepted = await sendWhileKilling(victim);
    expect(accepted.length).toBeGreaterThan(count / 4);
    await vi.waitFor(
      async () => {
        const [open] = await database.query<{ n: number }>(
          "select count(*)::int as n from runs where state in ('pending', 'running')",
        );
        expect(open?.n).toBe(0);
      },
      { timeout: 90_000, interval: 250 },
    );
    const found = await outcome(accepted);
    expect(found.filter((row) => row.id === null)).toEqual([]);
    expect(found.filter((row) => row.runs !== 1 || row.steps !== 1)).toEqual([]);
    expect(found.filter((row) => row.executions > 1)).toEqual([]);
    // Only what was running in the moment of the kill may be lost, and it says so.
    const unhappy = found.filter((row) => row.state !== "success");
    expect(unhappy.filter((row) => row.state !== "lost")).toEqual([]);
    expect(unhappy.length).toBeLessThanOrEqual(victim === "runner" ? 32 : 16);
  },
  180_000,
);

test("nothing of the messages is left behind in the outbox", async () => {
  // A run's row goes with the claim after its end; that of a delivery which failed when the database was away, when it is due.
  await vi.waitFor(
    async () => expect(await database.query("select event, attempt, not_before from outbox")).toEqual([]),
    { timeout: 150_000, interval: 500 },
  );
  expect(readFileSync(`${server.dataDir}/run.json`, "utf8")).toContain("processes");
}, 180_000);
