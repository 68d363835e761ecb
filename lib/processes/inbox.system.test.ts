import fs from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "@/db/client";
import { createTarget, type Target } from "@/lib/bench/setup";
import { createToken } from "@/lib/domain/token/create";
import { isRunning, until } from "@/lib/launcher/processes.mjs";
import { listens } from "@/lib/launcher/product.mjs";
import { startThrowAway } from "@/lib/launcher/throw-away.mjs";
import { processDatabase } from "@/lib/testing/process-database";

let server: Awaited<ReturnType<typeof startThrowAway>>;
let database: Database;
let target: Target;

beforeAll(async () => {
  server = await startThrowAway();
  database = processDatabase(server.databaseUrl);
  target = await createTarget("door", "fn(state => state);");
}, 600_000);
afterAll(async () => {
  await database?.close();
  await server?.stop();
});

const pidOf = (name: string) => server.run().processes[name]?.pid ?? 0;

/** A process and all that it started. */
const withChildren = (pid: number): number[] => [
  pid,
  ...fs
    .readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => fs.readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" "))
    .filter(Boolean)
    .flatMap((child) => withChildren(Number(child))),
];

/** Sends one message. Answers its status and id. */
async function post(path = target.inboxPath) {
  const response = await fetch(server.url + path, { method: "POST", body: '{"a":1}' });
  await response.arrayBuffer();
  return { status: response.status, id: response.headers.get("x-meta-message-id") };
}
const isStored = async (id: string | null) =>
  (await database.query("select 1 from messages where id = $1", [id])).length === 1;

/** Does `act` while the launcher stands still, which would replace who does. */
async function withoutLauncher<T>(act: () => Promise<T>): Promise<T> {
  const launcher = server.run().launcher.pid;
  process.kill(launcher, "SIGSTOP");
  try {
    return await act();
  } finally {
    process.kill(launcher, "SIGCONT");
  }
}

describe("while the pages' process", () => {
  it("stands still, messages are accepted and pages wait for it", () =>
    withoutLauncher(async () => {
      const web = pidOf("web");
      process.kill(web, "SIGSTOP");
      let page: Promise<Response>;
      try {
        page = fetch(`${server.url}/api/health`);
        const accepted = await Promise.all(Array.from({ length: 20 }, () => post()));
        for (const { status, id } of accepted) {
          expect(status).toBe(202);
          expect(await isStored(id)).toBe(true);
        }
      } finally {
        process.kill(web, "SIGCONT");
      }
      expect((await page).status).toBe(200);
    }));

  it("is gone, messages are accepted, pages say when to come again, and both are back by themselves", async () => {
    const web = server.run().processes.web;
    await withoutLauncher(async () => {
      process.kill(web?.pid ?? 0, "SIGKILL");
      // Its threads, and with them its socket, may outlive its first one by a moment.
      const isGone = async () => !isRunning(web) && !(await listens(`unix:${server.dataDir}/web.sock`));
      expect(await until(isGone, 60_000)).toBe(true);
      expect((await post()).status).toBe(202);
      for (const path of ["/api/health", "/sign-in"]) {
        const refused = await fetch(server.url + path);
        expect(refused.status).toBe(503);
        expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      }
    });
    const isBack = async () => (await fetch(`${server.url}/api/health`)).status === 200;
    expect(await until(isBack, 30_000, 100)).toBe(true);
  });
});

describe("while the database stands still", () => {
  const marked = (mark: string) =>
    database.query("select 1 from messages where convert_from(body, 'UTF8') like $1", [`%${mark}%`]);

  it("senders get 503 and when to come again, and nothing is stored twice", async () => {
    const marks = Array.from({ length: 12 }, (_, i) => `frozen-${i}-${Date.now()}`);
    // Both kinds of connections: those that are there, and those that would be made.
    await Promise.all(Array.from({ length: 6 }, () => post()));
    const stopped = withChildren(pidOf("database"));
    const answers = await withoutLauncher(async () => {
      for (const pid of stopped) process.kill(pid, "SIGSTOP");
      try {
        // Before the fix they waited for as long as it stood still.
        const refused = await Promise.all(
          marks.map((mark) =>
            fetch(server.url + target.webhookPath, {
              method: "POST",
              headers: { "content-type": "application/json" },
              body: JSON.stringify({ mark }),
              signal: AbortSignal.timeout(30_000),
            }),
          ),
        );
        const page = await fetch(`${server.url}/api/health`, { signal: AbortSignal.timeout(30_000) });
        expect(await page.json()).toMatchObject({ ok: false, database: { ok: false } });
        return refused;
      } finally {
        for (const pid of stopped) process.kill(pid, "SIGCONT");
      }
    });
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    const isBack = async () => (await post()).status === 202;
    expect(await until(isBack, 60_000, 200)).toBe(true);
    for (const mark of marks) expect((await marked(mark)).length, mark).toBeLessThanOrEqual(1);
    const again = await fetch(server.url + target.webhookPath, { method: "POST", body: '{"mark":"thawed"}' });
    expect(again.status).toBe(200);
    expect(await marked("thawed")).toHaveLength(1);
  });
});

it("what was accepted is told to engines and pages from the door", async () => {
  const heard: string[] = [];
  const stop = await database.listen(["outbox", "live"], (channel, payload) => heard.push(channel + payload));
  try {
    const { id } = await post(target.webhookPath);
    const isTold = () =>
      heard.some((one) => one.startsWith("outbox")) &&
      heard.some((one) => one.startsWith("live") && one.includes(id ?? "?"));
    expect(await until(isTold, 20_000)).toBe(true);
  } finally {
    await stop();
  }
});

it.runIf(process.platform === "linux")(
  "the door is told no key of credentials and no token of the runner",
  () => {
    const told = fs.readFileSync(`/proc/${pidOf("inbox")}/environ`, "utf8");
    expect(told).toContain("DATABASE_URL=");
    expect(told).not.toMatch(/CREDENTIAL_KEY=|RUNNER_TOKEN=|MAIL_PAGE=|OIDC_|SMTP_/);
  },
);

it("the socket behind the door is for this user only", () => {
  expect(fs.statSync(`${server.dataDir}/web.sock`).mode & 0o077).toBe(0);
});

it("an event stream comes through while it is made", async () => {
  const { actor } = target.ctx;
  if (actor.type !== "user") throw new Error("The bench's project belongs to a user.");
  const { token } = await createToken({ ...target.ctx, actor }, { name: "stream" });
  const stream = await fetch(`${server.url}/api/projects/${target.projectId}/events`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(stream.headers.get("content-type")).toBe("text/event-stream");
  const { id } = await post();
  let text = "";
  for await (const chunk of stream.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes(id ?? "?")) break;
  }
  expect(text).toContain(`"ids":["${id}"]`);
});
