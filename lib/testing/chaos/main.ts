import { parseArgs } from "node:util";
import { z } from "zod";
import type { Database } from "@/db/client";
import { processDatabase } from "@/lib/testing/process-database";
import { type Account, accountOf } from "./account";
import { type Facts, readDatabase, unfinished } from "./facts";
import { notReplaced, strike } from "./faults";
import { Load } from "./load";
import type { Machine } from "./machine";
import { describeFault, type Fault, faultKinds, schedule } from "./schedule";
import { healEverything, type Stage, startStage } from "./stage";
import { createWorkload, type Workload } from "./workload";

const minutes = z.coerce
  .number()
  .positive()
  .max(24 * 60);
const options = z.strictObject({
  minutes: minutes.default(5),
  seed: z.coerce.number().int().min(0).max(0xffff_ffff).optional(),
  faults: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(z.enum(faultKinds)))
    .optional(),
  patience: z.coerce.number().positive().default(60),
});

/**
 * npm run chaos [-- --minutes 5] [--seed 42] [--faults kill,cut] [--patience 60]
 * `--minutes` is how long faults happen, `--patience` how many seconds everything may take to end when the load has stopped
 * and the faults are over. Two engines, two runners, the database and the web server share this machine as if each had its own.
 * Resolves to the exit code: 1 when the account does not add up; then the data directory is kept.
 */
export async function run(machine: Machine, args: string[]): Promise<number> {
  const asked = options.parse(
    parseArgs({
      args,
      options: {
        minutes: { type: "string" },
        seed: { type: "string" },
        faults: { type: "string" },
        patience: { type: "string" },
      },
    }).values,
  );
  const seed = asked.seed ?? Math.floor(Math.random() * 1_000_000);
  const stage = await startStage(machine);
  process.env.SECRET_KEY = stage.secretKey;
  const database = processDatabase(stage.databaseUrl);
  machine.onStop(() => database.close().catch(() => {}));
  const workload = await createWorkload(stage.sink.url);
  const faults = programme(stage, seed, asked.minutes * 60_000, asked.faults);
  const chosen = asked.faults ? ` --faults ${asked.faults.join(",")}` : "";
  console.log(
    `${faults.length} faults. Once more: npm run chaos -- --minutes ${asked.minutes} --seed ${seed}${chosen}`,
  );

  const load = new Load(stage.url, workload, seed);
  const unreplaced = await play(stage, faults, asked.minutes * 60_000);
  await healEverything(stage);
  await load.stop();
  const quietSince = new Date();
  const settledMs = await settle(stage, database, quietSince, asked.patience * 1000);
  const account = accountOf({
    told: load.told,
    quietSince,
    notReplaced: unreplaced,
    ...(await rest(stage, database, workload, quietSince)),
  });
  account.lines.push([
    "settled after",
    settledMs === null ? `not within ${asked.patience} s` : `${(settledMs / 1000).toFixed(1)} s`,
  ]);
  print(faults.length, account);
  if (account.violations.length === 0) return 0;
  await stage.stop();
  console.log(`Kept for you to look at: ${stage.keep()}`);
  return 1;
}

/** Draws the faults of the seed: the same ones on every machine, and says what this one does not allow. */
function programme(stage: Stage, seed: number, totalMs: number, kinds?: Fault["kind"][]): Fault[] {
  if (!stage.disk) console.log("Left out: a full disk, because file systems cannot be mounted here.");
  if (stage.parts.every((part) => part.namespace === null))
    console.log("Cuts are played by proxies, because there are no network namespaces here.");
  const field = {
    targets: stage.targets.map((target) => target.name),
    parts: stage.parts.map((part) => part.name),
  };
  return schedule(seed, field, { totalMs, ...(kinds ? { kinds } : {}) });
}

/** Lets the faults happen at their times. Resolves when all are over, to the names of what nobody replaced. */
async function play(stage: Stage, faults: Fault[], totalMs: number): Promise<string[]> {
  const begin = Date.now();
  const unreplaced: string[] = [];
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const all = faults.map(async (fault) => {
    await pause(fault.atMs - (Date.now() - begin));
    const remark = await strike(stage, fault, pause).catch((error: unknown) => String(error));
    console.log(`${describeFault(fault)}${remark ? ` (${remark})` : ""}`);
    if (remark === notReplaced) unreplaced.push(`${fault.target} at ${fault.atMs} ms`);
  });
  await Promise.all([...all, pause(totalMs)]);
  return unreplaced;
}

/** Waits until nothing of before waits or goes on. Resolves to how long it took, null when it was too long. */
async function settle(
  stage: Stage,
  database: Database,
  since: Date,
  patienceMs: number,
): Promise<number | null> {
  for (;;) {
    const tookMs = Date.now() - since.getTime();
    const left = await unfinished(database, since).catch(() => -1);
    const isUp = left === 0 && stage.targets.every((target) => target.pid() !== null);
    if (isUp && (await stage.health())?.ok) return tookMs;
    if (tookMs > patienceMs) return null;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function rest(
  stage: Stage,
  database: Database,
  workload: Workload,
  quietSince: Date,
): Promise<Omit<Facts, "told" | "quietSince" | "notReplaced">> {
  const health = await stage.health();
  return {
    ...(await readDatabase(database, workload.projectIds, quietSince)),
    effects: stage.sink.effects,
    jobs: workload.jobs,
    down: stage.targets.filter((target) => target.pid() === null).map((target) => target.name),
    problem: health?.ok ? null : (health?.text ?? "no answer"),
  };
}

const shownIds = 20;

function print(faults: number, { lines, violations }: Account): void {
  const width = Math.max(...lines.map(([what]) => what.length));
  console.log(`\n${"faults".padEnd(width)}  ${faults}`);
  for (const [what, count] of lines) console.log(`${what.padEnd(width)}  ${count}`);
  for (const { rule, ids } of violations) {
    console.log(`\nDoes not add up: ${rule} (${ids.length})`);
    for (const id of ids.slice(0, shownIds)) console.log(`  ${id}`);
    if (ids.length > shownIds) console.log(`  and ${ids.length - shownIds} more`);
  }
  console.log(violations.length === 0 ? "\nEverything adds up." : "");
}
