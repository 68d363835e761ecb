import pg from "pg";
import type { Stretch } from "@/lib/testing/proxy";
import type { Part } from "./parts";
import { descendants, signal } from "./processes";
import type { Fault, FaultKind } from "./schedule";
import type { Stage } from "./stage";

/** What a fault came to, where it is more than having happened. */
type Remark = string | null;
type Act = (stage: Stage, fault: Fault, pause: (ms: number) => Promise<void>) => Promise<Remark>;

/** A frozen process that is still there after its time: nobody has replaced it. */
export const notReplaced = "was not replaced";

const found = <T>(item: T | undefined, what: string): T => {
  if (item === undefined) throw new Error(`There is no ${what}.`);
  return item;
};
const pidOf = (stage: Stage, name: string) =>
  found(
    stage.targets.find((one) => one.name === name),
    name,
  ).pid();
const partOf = (stage: Stage, name: string): Part =>
  found(
    stage.parts.find((one) => one.name === name),
    name,
  );

const sendSignal =
  (name: NodeJS.Signals): Act =>
  async (stage, { target }) => {
    const pid = pidOf(stage, target);
    // PostgreSQL's SIGTERM waits for its clients, which never leave.
    signal(pid, name === "SIGTERM" && target === "database" ? "SIGINT" : name);
    return pid ? null : "was not there";
  };

/** The process and, for the database, its backends: a frozen machine has them all. */
function frozenWith(target: string, pid: number): number[] {
  return target === "database" ? [pid, ...descendants(pid).map((one) => one.pid)] : [pid];
}

const freeze: Act = async (stage, { target, ms }, pause) => {
  const pid = pidOf(stage, target);
  if (!pid) return "was not there";
  const all = frozenWith(target, pid);
  for (const one of all) signal(one, "SIGSTOP");
  await pause(ms);
  for (const one of all) signal(one, "SIGCONT");
  return null;
};

const freezeLong: Act = async (stage, { target, ms }, pause) => {
  const pid = pidOf(stage, target);
  if (!pid) return "was not there";
  const all = frozenWith(target, pid);
  for (const one of all) signal(one, "SIGSTOP");
  const begin = Date.now();
  while (Date.now() - begin < ms) {
    const now = pidOf(stage, target);
    if (now && now !== pid) return `replaced after ${((Date.now() - begin) / 1000).toFixed(1)} s`;
    await pause(200);
  }
  for (const one of all) signal(one, "SIGCONT");
  return notReplaced;
};

const endWorker: Act = async (stage, { target, atMs }) => {
  const runner = pidOf(stage, target);
  const workers = runner ? descendants(runner).filter((one) => /(^|\/)deno /.test(one.command)) : [];
  const worker = workers[atMs % Math.max(1, workers.length)];
  signal(worker?.pid ?? null, "SIGKILL");
  return worker ? null : "there was none";
};

const backends: Record<string, string> = {
  one: "order by random() limit 1",
  all: "",
  transactions: "and xact_start is not null",
};

const endBackends: Act = async (stage, { target }) => {
  const client = new pg.Client({ connectionString: stage.databaseUrl, connectionTimeoutMillis: 5_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rowCount } = await client.query(
      `select pg_terminate_backend(pid) from (select pid from pg_stat_activity
         where backend_type = 'client backend' and pid <> pg_backend_pid() ${backends[target] ?? ""}) b`,
    );
    return `${rowCount}`;
  } catch {
    return "the database was away";
  } finally {
    client.end().catch(() => {});
  }
};

const fillDisk: Act = async ({ disk }, { ms }, pause) => {
  if (!disk) return "left out";
  disk.fill();
  await pause(ms);
  disk.empty();
  return null;
};

const cut: Act = async (stage, { target, ms }, pause) => {
  const { namespace, link } = partOf(stage, target);
  if (namespace) namespace.unplug();
  else link.blackhole();
  await pause(ms);
  if (namespace) namespace.plugIn();
  else await link.heal();
  return null;
};

const onLink =
  (spoil: (link: Stretch, fault: Fault) => unknown): Act =>
  async (stage, fault, pause) => {
    const { link } = partOf(stage, fault.target);
    await spoil(link, fault);
    await pause(fault.ms);
    // Half of the cut connections are never heard of again.
    await link.heal({ isReset: fault.kind === "blackhole" && fault.ms % 2 === 0 });
    return null;
  };

const acts: Record<FaultKind, Act> = {
  kill: sendSignal("SIGKILL"),
  term: sendSignal("SIGTERM"),
  freeze,
  "freeze-long": freezeLong,
  worker: endWorker,
  backends: endBackends,
  disk: fillDisk,
  cut,
  refuse: onLink((link) => link.refuse()),
  blackhole: onLink((link) => link.blackhole()),
  delay: onLink((link, { ms }) => link.delay(20 + (ms % 200))),
};

/** Lets one fault happen, and be over. `pause` ends early when the run is stopped. Returns what it came to. */
export const strike: Act = (stage, fault, pause) => acts[fault.kind](stage, fault, pause);
