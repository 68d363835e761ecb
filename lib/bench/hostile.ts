import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { quantile } from "./load";
import { purgeOfMany } from "./purge";
import { createTarget, type Target, tokenOf } from "./setup";

const everyMs = 50;
const longestMs = 120_000;
const smallBody = JSON.stringify({ form: "visit", patient: { id: 7 } });

/** What one tenant does, again and again, in a process of its own: `width` requests at a time. */
type Attack = { url: string; width: number; headers: Record<string, string>; make: Make };
/** What is sent is made there: it is large. */
type Make = { kind: "get" } | { kind: "body"; bytes: number } | { kind: "import"; keys: number };

/**
 * How long another tenant's senders wait, while one does its worst: a message every 50 ms whether the one before was
 * answered or not, for `seconds`. Prints a row for each.
 */
export async function measureHostile(url: string, seconds: number): Promise<void> {
  const victim = await createTarget("victim", "fn(state => state);");
  const hostile = await createTarget("hostile", "fn(state => state);");
  const token = await tokenOf(hostile);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const inbox = url + hostile.inboxPath;
  const rows: [string, () => Promise<Attack | null>][] = [
    ["nothing", async () => null],
    [
      "ten text searches over 20 bodies of 9 MB",
      async () => {
        for (let i = 0; i < 20; i++) await send(inbox, headers, bodyOf(9_000_000));
        const search = `${url}/api/projects/${hostile.projectId}/messages?text=nowhere`;
        return { url: search, width: 10, headers, make: { kind: "get" } };
      },
    ],
    [
      "sixteen bodies of 9.9 MB at a time",
      async () => ({ url: inbox, width: 16, headers, make: { kind: "body", bytes: 9_900_000 } }),
    ],
    [
      "sixteen messages at a time, heavy filters",
      async () => {
        const filtered = await createTarget("filtered", "fn(state => state);");
        console.log(`  (filters: ${await fillWithFilters(filtered)})`);
        return { url: url + filtered.inboxPath, width: 16, headers, make: { kind: "body", bytes: 1_000 } };
      },
    ],
    [
      "ten imports of 50,000 workflow keys",
      async () => ({
        url: `${url}/api/projects/import`,
        width: 10,
        headers,
        make: { kind: "import", keys: 50_000 },
      }),
    ],
    ["deletes a project of 100,000 runs, purged now", purgeOfMany],
  ];
  console.log(
    "\nanother tenant's inbox while one sends …      p50 ms   p99 ms   max ms   failures   health max ms",
  );
  for (const [what, prepare] of rows) {
    await calm(url + victim.inboxPath);
    const attack = await prepare();
    const child = attack && begin(attack);
    await sleep(1_000);
    const health = probeHealth(url, seconds);
    const seen = await probe(url + victim.inboxPath, seconds);
    child?.kill("SIGKILL");
    const cells = [seen.p50Ms, seen.p99Ms, seen.maxMs].map((ms) => ms.toFixed(0).padStart(8));
    const asked = (await health).toFixed(0).padStart(15);
    console.log(`${what.padEnd(44)} ${cells.join(" ")} ${String(seen.failures).padStart(10)} ${asked}`);
  }
}

/** What the process that is told so does until it is killed. */
export async function attack(told: string): Promise<void> {
  const { url, width, headers, make }: Attack = JSON.parse(told);
  const body =
    make.kind === "get" ? undefined : make.kind === "body" ? bodyOf(make.bytes) : importOf(make.keys);
  const lane = async () => {
    for (;;) await send(url, headers, body).catch(() => sleep(50));
  };
  await Promise.all(Array.from({ length: width }, lane));
}

const begin = (attack: Attack): ChildProcess =>
  fork(process.argv[1] ?? "", ["--attack", JSON.stringify(attack)]);

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const bodyOf = (bytes: number) =>
  JSON.stringify({
    rows: Array.from({ length: Math.ceil(bytes / 1_000) }, (_, n) => ({ n, text: "x".repeat(970) })),
  });

const importOf = (keys: number) =>
  JSON.stringify({
    yaml: `name: many\nworkflows:\n${Array.from({ length: keys }, (_, n) => `  w${n}: {}`).join("\n")}\n`,
  });

async function send(url: string, headers: Record<string, string>, body?: string): Promise<number> {
  const signal = AbortSignal.timeout(longestMs);
  const response = await fetch(url, {
    headers,
    signal,
    ...(body === undefined ? {} : { method: "POST", body }),
  });
  await response.arrayBuffer();
  return response.status;
}

/** As many filters, as large, as saving takes: a hundred of 100 KB, or less. Returns how many of what size together. */
async function fillWithFilters(target: Target): Promise<string> {
  let bytes = 100_000;
  let count = 0;
  let sum = 0;
  while (count < 100 && bytes > 100) {
    try {
      await saveFilter(target, bytes);
      count++;
      sum += bytes;
    } catch {
      bytes = Math.floor(bytes / 2);
    }
  }
  return `${count}, about ${Math.round(sum / 1_000)} KB together`;
}

async function saveFilter({ ctx }: Target, bytes: number): Promise<void> {
  const [trigger, job] = [randomUUID(), randomUUID()];
  const rows = Object.fromEntries(
    Array.from({ length: Math.ceil(bytes / 30) }, (_, n) => [`k${n}`, "x".repeat(15)]),
  );
  await saveWorkflow(
    ctx,
    {
      name: randomUUID(),
      triggers: [
        { id: trigger, type: "message_filter", enabled: true, inclusion: { rows: [{ n: 1, ...rows }] } },
      ],
      jobs: [
        {
          id: job,
          name: "Step",
          body: "fn(s => s)",
          adaptor: "@openfn/language-common",
          projectCredentialId: null,
        },
      ],
      edges: [],
    },
    { resolveAdaptor: async (_, version) => ({ version }) },
  );
}

/** Waits until an inbox answers as it does when nobody is hostile: what was begun may go on. */
async function calm(url: string): Promise<void> {
  for (let quick = 0; quick < 20; await sleep(50)) {
    const began = performance.now();
    await send(url, {}, smallBody).catch(() => undefined);
    quick = performance.now() - began < 200 ? quick + 1 : 0;
  }
}

type Seen = { p50Ms: number; p99Ms: number; maxMs: number; failures: number };

async function probe(url: string, seconds: number): Promise<Seen> {
  const took: number[] = [];
  let failures = 0;
  const one = async () => {
    const began = performance.now();
    const status = await send(url, { "content-type": "application/json" }, smallBody).catch(() => 0);
    if (status !== 202) failures++;
    took.push(performance.now() - began);
  };
  const all: Promise<void>[] = [];
  for (let n = 0; n < (seconds * 1_000) / everyMs; n++) {
    all.push(one());
    await sleep(everyMs);
  }
  await Promise.all(all);
  return {
    p50Ms: quantile(took, 0.5),
    p99Ms: quantile(took, 0.99),
    maxMs: quantile(took, 1),
    failures,
  };
}

/** The longest that `/api/health`, which is a page's neighbour, took meanwhile. */
async function probeHealth(url: string, seconds: number): Promise<number> {
  let longest = 0;
  for (const end = performance.now() + seconds * 1_000; performance.now() < end; await sleep(250)) {
    const began = performance.now();
    await send(`${url}/api/health`, {}).catch(() => undefined);
    longest = Math.max(longest, performance.now() - began);
  }
  return longest;
}
