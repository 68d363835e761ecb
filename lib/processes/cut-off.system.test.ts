import net from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Database } from "@/db/client";
import { createTarget, type Target } from "@/lib/bench/setup";
import { createToken } from "@/lib/domain/token/create";
import { freePort } from "@/lib/launcher/postgres.mjs";
import { startThrowAway } from "@/lib/launcher/throw-away.mjs";
import { type OwnDatabase, ownDatabase } from "@/lib/testing/own-database";
import { processDatabase } from "@/lib/testing/process-database";
import { type Stretch, startProxy } from "@/lib/testing/proxy";

const patient = { timeout: 60_000, interval: 200 };

let own: OwnDatabase;
let stretch: Stretch;
let server: Awaited<ReturnType<typeof startThrowAway>>;
let database: Database;
let target: Target;
let token: string;
const places: Record<string, string> = {};

/** A whole product whose way to the database is a stretch of network that can be cut. */
beforeAll(async () => {
  own = await ownDatabase();
  const { hostname, port } = new URL(own.url);
  stretch = await startProxy({ host: hostname, port: Number(port) });
  const url = new URL(own.url);
  url.port = String((stretch.place as { port: number }).port);
  const env: Record<string, string> = { DATABASE_URL: url.href };
  for (const role of ["inbox", "web", "engine", "runner"]) {
    const address = `127.0.0.1:${await freePort()}`;
    env[`${role.toUpperCase()}_PROBE_ADDRESS`] = address;
    places[role] = `http://${address}`;
  }
  server = await startThrowAway({ env });
  database = processDatabase(own.url);
  target = await createTarget("cut-off", "fn(state => state);");
  const { actor } = target.ctx;
  if (actor.type !== "user") throw new Error("The bench's project belongs to a user.");
  ({ token } = await createToken({ ...target.ctx, actor }, { name: "reads" }));
}, 600_000);
afterAll(async () => {
  await database?.close();
  await server?.stop();
  await stretch?.close();
  await own?.drop();
});

/** What a probe answers: its status and what it says. */
async function probe(url: string) {
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000) });
  return { status: response.status, ...((await response.json()) as object) };
}
const everywhere = () => [
  [server.url, "inbox"] as const,
  ...Object.entries(places).map(([role, url]) => [url, role] as const),
];

async function post() {
  const begin = performance.now();
  const response = await fetch(server.url + target.webhookPath, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"a":1}',
    signal: AbortSignal.timeout(60_000),
  });
  await response.arrayBuffer();
  const ms = Math.round(performance.now() - begin);
  return { status: response.status, id: response.headers.get("x-meta-message-id"), ms };
}
const read = async () => {
  const response = await fetch(`${server.url}/api/projects/${target.projectId}/messages`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(60_000),
  });
  await response.arrayBuffer();
  return response.status;
};
const isDone = async (id: string | null) => {
  const rows = await database.query("select 1 from work_orders where message_id = $1 and state = 'success'", [
    id,
  ]);
  return rows.length === 1;
};
/** Stops a role's process; what is returned lets it go on, unless the launcher has replaced it meanwhile. */
function freeze(role: string): () => void {
  const { launcher, processes } = server.run();
  const { pid } = (role === "launcher" ? launcher : processes[role]) ?? {};
  if (!pid) throw new Error(`No ${role} runs.`);
  process.kill(pid, "SIGSTOP");
  return () => {
    try {
      process.kill(pid, "SIGCONT");
    } catch {}
  };
}

describe("probes", () => {
  it("say of every role that it is alive and ready, with nothing else", async () => {
    for (const [url, role] of everywhere())
      for (const path of ["/livez", "/readyz"])
        expect(await probe(url + path)).toEqual({ status: 200, ok: true, role });
    for (const path of ["/livez/web", "/readyz/web"])
      expect(await probe(server.url + path)).toEqual({ status: 200, ok: true, role: "web" });
  });

  it("leave the door in service while the pages or the runner are away, and say so of those", async () => {
    // The launcher too, which would replace them.
    const thaw = [freeze("launcher"), freeze("web"), freeze("runner")];
    try {
      await vi.waitFor(
        async () =>
          expect(await probe(`${server.url}/readyz/web`)).toMatchObject({ status: 503, role: "web" }),
        patient,
      );
      expect((await probe(`${server.url}/livez/web`)).status).toBe(503);
      for (const role of ["inbox", "engine"])
        expect(await probe(`${places[role]}/readyz`)).toMatchObject({ status: 200, role });
      expect((await probe(`${server.url}/readyz`)).status).toBe(200);
      expect((await post()).status).toBe(200);
    } finally {
      for (const one of thaw) one();
    }
    await vi.waitFor(async () => expect((await probe(`${server.url}/readyz/web`)).status).toBe(200), patient);
  });
});

it("a door that is being stopped is alive and not ready until the last sender has its answer", async () => {
  const { hostname, port } = new URL(server.url);
  const before = server.run().processes.inbox?.pid ?? 0;
  const sender = net.connect(Number(port), hostname);
  let heard = "";
  sender.on("data", (chunk) => {
    heard += chunk;
  });
  sender.write(`POST ${target.inboxPath} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-length: 7\r\n\r\n{"a"`);
  // Its request is under way for certain when a later one has been answered.
  await post();
  process.kill(before, "SIGTERM");
  await vi.waitFor(
    async () =>
      expect(await probe(`${places.inbox}/readyz`)).toEqual({
        status: 503,
        ok: false,
        role: "inbox",
        reason: "is being stopped",
      }),
    patient,
  );
  expect(await probe(`${places.inbox}/livez`)).toEqual({ status: 200, ok: true, role: "inbox" });
  sender.write(":1}");
  await vi.waitFor(() => expect(heard).toMatch(/^HTTP\/1\.1 202 /), patient);
  sender.destroy();
  await vi.waitFor(async () => {
    expect(server.run().processes.inbox?.pid).not.toBe(before);
    expect((await probe(`${server.url}/readyz`)).status).toBe(200);
  }, patient);
});

describe.each([
  ["and nothing of them is known afterwards", true],
  ["and they arrive after all", false],
])("packets to the database are dropped, %s", (_, isReset) => {
  it("everybody is answered in time, and everything goes on by itself", async () => {
    // Connections that are there, and more than there are.
    await Promise.all(Array.from({ length: 6 }, post));
    stretch.blackhole();
    try {
      const answers = await Promise.all(Array.from({ length: 12 }, post));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503));
      if (process.env.SHOW_TIMES) console.log(answers.map(({ ms }) => ms).join(" "));
      expect(await read()).toBe(503);
      for (const role of ["inbox", "web", "engine"]) {
        await vi.waitFor(
          async () => expect((await probe(`${places[role]}/readyz`)).status).toBe(503),
          patient,
        );
        expect((await probe(`${places[role]}/livez`)).status).toBe(200);
      }
      // The runner needs no database.
      expect((await probe(`${places.runner}/readyz`)).status).toBe(200);
    } finally {
      await stretch.heal({ isReset });
    }
    await vi.waitFor(async () => expect((await post()).status).toBe(200), patient);
    const { id } = await post();
    // Outbox, claim, step and end of the run.
    await vi.waitFor(async () => expect(await isDone(id)).toBe(true), patient);
    expect(await read()).toBe(200);
    for (const [url] of everywhere())
      await vi.waitFor(async () => expect((await probe(`${url}/readyz`)).status).toBe(200), patient);
  });
});
