import { fork } from "node:child_process";
import { parseArgs } from "node:util";
import { z } from "zod";
import { database } from "@/db/client";
import { env } from "@/lib/env";
import { measureBacklog } from "./backlog";
import { serveBare } from "./bare";
import { measureBulk } from "./bulk";
import { measureDays } from "./days";
import { measureEditor } from "./editor";
import { measureEngines } from "./engines";
import { measureFlood } from "./flood";
import { attack, measureHostile } from "./hostile";
import { measureCalls, measureIdle } from "./inngest";
import { measureKept } from "./kept";
import { postLoad } from "./load";
import { launcherOf, memoryMb, processorMs } from "./memory";
import { measureOrder } from "./order";
import { measureProvision } from "./provision";
import { measureRetention } from "./retention";
import { measureRunner } from "./runner";
import { acceptToDone, completedPerSecond, drain, drainedPerSecond } from "./runs";
import { measureSearch } from "./search";
import { createTarget, type Target } from "./setup";
import { measureSize } from "./size";
import { measureStates } from "./states";
import { measureTold } from "./told";

/**
 * npm run bench [-- --only inbox | --only runner | --only hostile | --only flood | --only engines | --only backlog | --only order | --only bulk | --only retention | --only search | --only told | --only provision | --only editor | --only kept | --only days | --only states | --only inngest]
 * [--seconds 4] [--waiting 100000] [--messages 10000] [--lines 1e6] [--size 1e6]
 * `--only runner` measures the runner alone, without a server, in under a minute; `--only inbox` what a server does,
 * `--only hostile` what one tenant can do to another's senders, `--only flood` what senders leave of the machine to runs, `--only engines` what 1, 2 and 4 engines do together, `--only backlog` what a run costs while `--waiting` others
 * wait, on a database of its own without a server; `--only order` what keeping order by a key costs, and what a project with
 * `--waiting` runs costs another's single ones; `--only bulk` what a bulk rerun of `--messages` costs and what it does to new ones; `--only
 * retention` what wiping `--messages` does to new ones; `--only search` how long the inbox's search looks through `--messages`; `--only told` what issues, notices and retention together cost runs;
 * `--only provision` what a pull and an unchanged deploy of a large project cost; `--only editor` what the pages where
 * workflows are edited weigh, and how they feel in a browser; `--only kept` what a message costs to keep, in bytes of log and
 * disk, on a database of its own; `--only days` what it takes to be rid of a day of `--lines` of log, on a database of its own;
 * `--only states` what it takes to be rid of what `--messages` steps returned, on a database of its own;
 * `--only inngest` what a message takes under a real Inngest, in turns with the embedded engine (lib/launcher/bench-inngest.mjs).
 * `--size` measures what every list costs with so many messages, on databases of its own without a server: a million take half an
 * hour and 5 GB.
 * `--seconds` is how long each row of accepts loads. `--url` and `--data-dir` say which server: the launcher gives its
 * own. `--bare`, `--attack`, `--idle` and `--calls` are for processes that others start.
 */
const { values } = parseArgs({
  options: {
    only: { type: "string" },
    url: { type: "string" },
    "data-dir": { type: "string" },
    seconds: { type: "string", default: "4" },
    waiting: { type: "string", default: "100000" },
    messages: { type: "string", default: "10000" },
    lines: { type: "string", default: "1e6" },
    size: { type: "string" },
    bare: { type: "string" },
    attack: { type: "string" },
    idle: { type: "string" },
    calls: { type: "string" },
  },
});

/** For what gives memory back once nothing is done (lib/processes/tidy.mjs; workers of a burst). */
const restMs = 15_000;

if (values.bare) await serveBare(values.bare);
else if (values.attack) await attack(values.attack);
else if (values.calls) process.send?.(await measureCalls(values.calls, 20));
else if (values.idle) {
  process.send?.(await measureIdle(values.url ?? "", Number(values.idle)));
  await database().close();
} else if (values.size) await measureSize(Number(values.size));
else {
  const only = z
    .enum([
      "inbox",
      "runner",
      "hostile",
      "flood",
      "engines",
      "backlog",
      "order",
      "bulk",
      "retention",
      "search",
      "told",
      "provision",
      "editor",
      "kept",
      "days",
      "states",
    ])
    .optional()
    .parse(values.only);
  const url = values.url ?? "http://127.0.0.1:3000";
  const seconds = Number(values.seconds);
  if (!only || only === "inbox") await measure(url, values["data-dir"] ?? ".data", seconds);
  if (!only || only === "hostile") await measureHostile(url, 4 * seconds);
  if (only === "flood") await measureFlood(url, 3 * seconds);
  if (only === "engines") await measureEngines(url);
  if (only === "bulk") await measureBulk(url, Number(values.messages));
  if (only === "retention") await measureRetention(url, Number(values.messages), seconds);
  if (only === "search") await measureSearch(Number(values.messages));
  if (only === "told") await measureTold(url, values["data-dir"] ?? ".data");
  if (only === "provision") await measureProvision(url);
  if (only === "editor") await measureEditor(url);
  if (only === "order") await measureOrder(url, Number(values.waiting));
  if (only === "backlog") await measureBacklog(Number(values.waiting));
  if (only === "kept") await measureKept(Number(values.messages));
  if (only === "days") await measureDays(Number(values.lines));
  if (only === "states") await measureStates(Number(values.messages));
  if (only !== "runner") await database().close();
  if (!only || only === "runner") await measureRunner();
}

/** Everything in one run on one machine, ours beside the bare server, so that the ratios mean something. */
async function measure(url: string, dataDir: string, seconds: number): Promise<void> {
  const launcher = launcherOf(dataDir);
  /** What is sent at once, and what waits. */
  const [messages, waiting] = [1_000, 3_000];
  const body = JSON.stringify({ form: "visit", patient: { id: 7, name: "Ada" }, notes: "x".repeat(940) });
  const job = "fn(state => ({ ...state, seen: true }));";
  await new Promise((resolve) => setTimeout(resolve, restMs));
  console.log(
    `memory at rest: ${Math.round(memoryMb(launcher))} MB (PSS of the launcher and all it started)`,
  );

  const store = await createTarget("store", job);
  const work = await createTarget("work", job);
  await completedPerSecond(url, [work], body, 50);
  const idle = await acceptToDone(url, work, body, 60);
  console.log(`accept to done, idle: p50 ${idle.p50Ms} ms, p95 ${idle.p95Ms} ms`);

  const bare = fork(process.argv[1] ?? "", ["--bare", env().DATABASE_URL ?? ""]);
  const port = await new Promise<number>((resolve) =>
    bare.once("message", (m) => resolve((m as { port: number }).port)),
  );
  console.log("\naccepts (1 KB JSON)          c   per second   p50 ms   p97.5 ms   failures   of bare");
  for (const connections of [1, 16, 64]) {
    const base = await postLoad(`http://127.0.0.1:${port}/`, body, connections, seconds);
    row("bare node:http + insert", connections, base, base.perSecond);
    row(
      "inbox, nothing matches",
      connections,
      await postLoad(url + store.inboxPath, body, connections, seconds),
      base.perSecond,
    );
    row(
      "webhook, run queued and run",
      connections,
      await postLoad(url + work.webhookPath, body, connections, seconds),
      base.perSecond,
    );
    await drain(work.projectId, 600_000);
  }
  bare.kill();

  const many = await Promise.all(Array.from({ length: 4 }, (_, i) => createTarget(`tenant-${i}`, job)));
  await completedPerSecond(url, many, body, 100);
  console.log(
    `\none-job runs a second   sent and completed   ${waiting} waiting   CPU per message (ms, all processes)`,
  );
  const groups: [string, Target[]][] = [
    ["one project", [work]],
    ["four projects", many],
  ];
  for (const [who, targets] of groups) {
    const spent = processorMs(launcher);
    const completed = await completedPerSecond(url, targets, body, messages);
    const each = (processorMs(launcher) - spent) / messages;
    const drained = await drainedPerSecond(targets, waiting);
    console.log(
      `${who.padEnd(26)} ${completed.toFixed(0).padStart(16)} ${drained.toFixed(0).padStart(14)} ${each.toFixed(1).padStart(17)}`,
    );
  }
  const loaded = memoryMb(launcher);
  await new Promise((resolve) => setTimeout(resolve, restMs));
  console.log(
    `memory after the load: ${Math.round(loaded)} MB, and ${Math.round(memoryMb(launcher))} MB ${restMs / 1_000} s later`,
  );
}

function row(
  what: string,
  connections: number,
  load: Awaited<ReturnType<typeof postLoad>>,
  base: number,
): void {
  const cells = [
    load.perSecond.toFixed(0).padStart(12),
    String(load.p50Ms).padStart(8),
    String(load.p97Ms).padStart(10),
    String(load.failures).padStart(10),
  ];
  console.log(
    `${what.padEnd(27)} ${String(connections).padStart(3)} ${cells.join(" ")} ${`${Math.round((100 * load.perSecond) / base)} %`.padStart(9)}`,
  );
}
