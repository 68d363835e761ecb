import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { connect, type Database } from "@/db/client";
import { createTarget, type Target } from "@/lib/bench/setup";
import { processDatabase } from "@/lib/testing/process-database";
import { isRunning, until } from "./processes.mjs";
import { startThrowAway } from "./throw-away.mjs";

let server: Awaited<ReturnType<typeof startThrowAway>>;
let database: Database;
let target: Target;
beforeAll(async () => {
  server = await startThrowAway();
  database = processDatabase(server.databaseUrl);
  target = await createTarget("frozen", "fn(state => state);");
}, 600_000);
afterAll(async () => {
  await database?.close();
  await server?.stop();
});

/** The id of a message that was answered with 2xx; null when it was refused or nobody answered. */
async function send(): Promise<string | null> {
  try {
    const response = await fetch(server.url + target.webhookPath, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
      signal: AbortSignal.timeout(5_000),
    });
    await response.arrayBuffer();
    return response.ok ? response.headers.get("x-meta-message-id") : null;
  } catch {
    return null;
  }
}

/** Of these messages, those that have no run that ended well. */
const unfinished = async (ids: string[]) =>
  database.query<{ id: string; state: string | null }>(
    `select sent.id, max(r.state) as state from unnest($1::uuid[]) as sent(id)
       left join work_orders o on o.message_id = sent.id left join runs r on r.work_order_id = o.id
     group by sent.id having coalesce(max(r.state), 'none') <> 'success'`,
    [ids],
  );

describe.runIf(process.platform === "linux")("a stopped (SIGSTOP)", () => {
  it.each(["inbox", "web", "engine", "runner", "database"])(
    "%s is replaced; messages are accepted again and none is lost",
    async (role) => {
      const frozen = server.run().processes[role] ?? null;
      const before = await send();
      expect(before).not.toBeNull();
      // What is under way in a runner that is killed is lost and says so: not what this test is about.
      await vi.waitFor(async () => expect(await unfinished([before ?? ""])).toEqual([]), { timeout: 60_000 });
      process.kill(frozen?.pid ?? 0, "SIGSTOP");
      const isReplaced = () => {
        const now = server.run().processes[role];
        return now !== undefined && now.pid !== frozen?.pid && isRunning(now);
      };
      expect(await until(isReplaced, 60_000, 50)).toBe(true);
      expect(isRunning(frozen)).toBe(false);
      expect(server.log()).toMatch(new RegExp(`The ${role}.* stands still \\(stopped by a signal`));
      const after: string[] = [];
      const isAccepting = async () => {
        const id = await send();
        if (id) after.push(id);
        return id !== null;
      };
      expect(await until(isAccepting, 60_000, 100)).toBe(true);
      const isHealthy = async () =>
        (await fetch(`${server.url}/api/health`).catch(() => undefined))?.status === 200;
      expect(await until(isHealthy, 60_000, 100)).toBe(true);
      await vi.waitFor(async () => expect(await unfinished(after)).toEqual([]), { timeout: 60_000 });
    },
  );

  it("backend of the database that holds what others wait for is ended", async () => {
    const holder = connect(server.databaseUrl, { max: 1 });
    const [{ pid } = { pid: 0 }] = await holder.query<{ pid: number }>("select pg_backend_pid() as pid");
    process.kill(pid, "SIGSTOP");
    const isGone = () => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    };
    expect(await until(isGone, 60_000, 50)).toBe(true);
    await holder.close();
    expect(await until(async () => (await send()) !== null, 60_000, 100)).toBe(true);
  });
});

it("nobody else was taken for frozen meanwhile", () => {
  const given = server.log().match(/The [\w ]+ (stands still|is busy and silent)/g) ?? [];
  expect(given.sort()).toEqual(
    process.platform === "linux"
      ? ["database", "engine", "inbox", "runner", "web server"].map((name) => `The ${name} stands still`)
      : [],
  );
});
