import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { quantile } from "./load";
import { completedPerSecond } from "./runs";
import { createTarget, type Target } from "./setup";

const counts = [1, 2, 4];
const rounds = 3;
const messages = 1_000;
const projects = 4;

/**
 * Runs that end a second with 1, 2 and 4 engines on the same database and the same runner, of one project, whose runs
 * engines claim in turns, and of several; each count once a round, first and last in turn. On a machine whose processors
 * are busy with one, more of them cannot do more: what it shows there is what they cost one another.
 */
export async function measureEngines(url: string): Promise<void> {
  const body = JSON.stringify({ form: "visit", notes: "x".repeat(940) });
  const job = "fn(state => ({ ...state, seen: true }));";
  const one = [await createTarget("engines", job)];
  const many = await Promise.all(
    Array.from({ length: projects }, (_, i) => createTarget(`engines-${i}`, job)),
  );
  await completedPerSecond(url, [...one, ...many], body, 200);
  const rates = new Map(counts.map((count) => [count, { one: [] as number[], many: [] as number[] }]));
  for (let round = 0; round < rounds; round++) {
    for (const count of round % 2 === 0 ? counts : counts.toReversed()) {
      const others = await Promise.all(Array.from({ length: count - 1 }, () => startEngine()));
      try {
        const measured = async (targets: Target[]) => completedPerSecond(url, targets, body, messages);
        rates.get(count)?.one.push(await measured(one));
        rates.get(count)?.many.push(await measured(many));
      } finally {
        await Promise.all(others.map(stopEngine));
      }
    }
  }
  console.log(
    `\ncompleted one-job runs a second   one project   ${projects} projects   (medians of ${rounds})`,
  );
  for (const [count, { one: single, many: several }] of rates)
    console.log(
      `${`${count} engine${count === 1 ? "" : "s"}`.padEnd(33)} ${quantile(single, 0.5).toFixed(0).padStart(11)} ${quantile(several, 0.5).toFixed(0).padStart(12)}`,
    );
}

/** One more engine, which finds database, keys and runner as this process does: by its environment. Resolves when it works. */
async function startEngine(): Promise<ChildProcess> {
  const engine = spawn(process.execPath, ["lib/launcher/main.mjs", "engine"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let said = "";
  await new Promise<void>((resolve, reject) => {
    engine.stdout.on("data", (chunk) => {
      said += chunk;
      if (said.includes("engine runs")) resolve();
    });
    engine.once("exit", () => reject(new Error(`An engine did not start: ${said}`)));
  });
  return engine;
}

async function stopEngine(engine: ChildProcess): Promise<void> {
  const ended = once(engine, "exit");
  engine.kill("SIGTERM");
  await ended;
}
