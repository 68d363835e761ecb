import { randomUUID } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Db } from "@/db/client";
import { auditEvents, projects } from "@/db/schema";
import { sendMail } from "@/lib/mail/send";
import { EgressPolicy } from "@/lib/net/egress-policy";
import { requestOutbound } from "@/lib/net/outbound";
import { type Announcement, announceIn } from "@/lib/queue/announce";
import { notFound } from "@/lib/refusal";
import { connectRunner } from "@/lib/runner/client";
import { testDatabase } from "@/lib/testing/database";
import {
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
} from "@/lib/testing/fixtures";
import type { Role } from "@/lib/words";
import type { AuditEntry } from "./audit";
import type { Context } from "./context";
import { consumeLimit, limits } from "./rate-limit/consume";
import { type Change, write } from "./write";

const { db } = testDatabase();

/** A project's context, and what was announced by it. */
async function project(role: Role = "owner"): Promise<{ ctx: Context; told: Announcement[] }> {
  const user = await createTestUser();
  const told: Announcement[] = [];
  const ctx = contextFor(user, await createTestProject({ owner: user }), role);
  return { ctx: { ...ctx, announce: (one) => told.push(one) }, told };
}

const descriptionOf = async ({ project: { id } }: Context) => {
  const [row] = await db.select({ is: projects.description }).from(projects).where(eq(projects.id, id));
  return row?.is;
};
const rename = (tx: Db, ctx: Context, description: string) =>
  tx.update(projects).set({ description }).where(eq(projects.id, ctx.project.id));

const nothing: Change<undefined> = { result: undefined, audit: null, changed: null };
const event = (): AuditEntry => ({ event: "test.change", itemId: randomUUID() });
const eventsOf = ({ project: { id } }: Context) => db.$count(auditEvents, eq(auditEvents.projectId, id));

it("commits what was done with who did it, and tells pages and engines of it", async () => {
  const { ctx, told } = await project();
  const audit = event();
  const result = await write(ctx, "project.update", async (tx) => {
    await rename(tx, ctx, "changed");
    expect(told).toEqual([]);
    return { result: 7, audit, changed: { messages: ["m"], wakesEngine: true } };
  });
  expect(result).toBe(7);
  expect(await descriptionOf(ctx)).toBe("changed");
  const { actor } = ctx;
  expect(await expectAudit(audit.event, audit.itemId ?? "")).toMatchObject({
    projectId: ctx.project.id,
    actorLabel: actor.label,
  });
  expect(told).toEqual([{ projectId: ctx.project.id, messages: ["m"], wakesEngine: true }]);
});

it("does nothing at all for a role that may not", async () => {
  const { ctx, told } = await project("viewer");
  let runs = 0;
  const work = async () => {
    runs += 1;
    return nothing;
  };
  await expectRefusal(write(ctx, "project.update", work), "forbidden");
  const inside = write(ctx, "project.read", (tx) =>
    write({ ...ctx, db: tx }, "project.update", work).then(() => nothing),
  );
  await expectRefusal(inside, "forbidden");
  expect([runs, told]).toEqual([0, []]);
});

it("undoes everything and tells nobody when the work throws", async () => {
  const { ctx, told } = await project();
  const failing = write(ctx, "project.update", async (tx) => {
    await rename(tx, ctx, "changed");
    announceIn(tx, { projectId: ctx.project.id, runs: ["r"] });
    throw notFound("It");
  });
  await expectRefusal(failing, "not_found");
  expect([await descriptionOf(ctx), told, await eventsOf(ctx)]).toEqual([null, [], 0]);
});

it("undoes the change when it cannot be recorded", async () => {
  const { ctx, told } = await project();
  const work = (audit: AuditEntry) => async (tx: Db) => {
    await rename(tx, ctx, "changed");
    return { result: undefined, audit, changed: { runs: ["r"] } };
  };
  await expect(write(ctx, "project.update", work({ event: "\0" }))).rejects.toThrow();
  const { actor: _, ...nobody } = ctx;
  await expect(write(nobody, "own", work(event()))).rejects.toThrow("Nobody is named");
  const { announce: __, ...silent } = ctx;
  await expect(write(silent, "own", work(event()))).rejects.toThrow("how to announce");
  const { project: ___, ...nowhere } = ctx;
  await expect(write(nowhere, "own", work(event()))).rejects.toThrow("belongs to a project");
  expect([await descriptionOf(ctx), told, await eventsOf(ctx)]).toEqual([null, [], 0]);
});

it("is one transaction with the verbs within, announced in order when the outermost is committed", async () => {
  const { ctx, told } = await project();
  const inner = (verb: Context, id: string) =>
    write(verb, "project.update", async (tx) => {
      await rename(tx, verb, id);
      return { result: id, audit: event(), changed: { runs: [id] } };
    });
  const outer = (fail: boolean) =>
    write(ctx, "project.update", async (tx) => {
      const verb = { ...ctx, db: tx };
      await inner(verb, "1");
      announceIn(tx, { projectId: ctx.project.id, runs: ["2"] });
      await inner(verb, "3");
      expect([told, await descriptionOf(ctx)]).toEqual([[], null]);
      if (fail) throw notFound("It");
      return { result: undefined, audit: event(), changed: { runs: ["4"] } };
    });
  await expectRefusal(outer(true), "not_found");
  expect([told, await descriptionOf(ctx), await eventsOf(ctx)]).toEqual([[], null, 0]);
  await outer(false);
  expect(told.map(({ runs }) => runs)).toEqual([["1"], ["2"], ["3"], ["4"]]);
  expect([await descriptionOf(ctx), await eventsOf(ctx)]).toEqual(["3", 3]);
});

it("is undone as a whole when a verb within failed, even if that was overlooked", async () => {
  const { ctx } = await project();
  const work = write(ctx, "project.update", async (tx) => {
    await write({ ...ctx, db: tx }, "project.update", async (same) => {
      await rename(same, ctx, "half");
      throw notFound("The other half");
    }).catch(() => undefined);
    return nothing;
  });
  await expectRefusal(work, "not_found");
  expect(await descriptionOf(ctx)).toBeNull();
});

it("refuses a second transaction within the first", async () => {
  const { ctx } = await project();
  const inside = write(ctx, "own", () => write(ctx, "own", async () => nothing).then(() => nothing));
  await expect(inside).rejects.toThrow("A second transaction inside a transaction");
});

it("counts no attempts: a refusal would undo that", async () => {
  const { ctx } = await project();
  const counted = write(ctx, "own", (tx) =>
    consumeLimit(tx, "test:key", limits.linkPerDevice).then(() => nothing),
  );
  await expect(counted).rejects.toThrow("counted outside write()");
});

let asked = 0;
const server = http.createServer((_, response) => {
  asked += 1;
  response.end("[]");
});
const directory = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-write-"));
const socket = path.join(directory, "runner.sock");
const runnerServer = http.createServer((_, response) => {
  asked += 1;
  response.setHeader("content-type", "application/json").end("[]");
});
let url: string;

beforeAll(async () => {
  await Promise.all([
    once(server.listen(0, "127.0.0.1"), "listening"),
    once(runnerServer.listen(socket), "listening"),
  ]);
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  for (const one of [server, runnerServer]) one.close().closeAllConnections();
  fs.rmSync(directory, { recursive: true });
});

const runner = connectRunner({ url: `unix:${socket}`, token: "token" });
const ours: [string, () => Promise<unknown>][] = [
  ["A request to another server", () => requestOutbound(new EgressPolicy({ allow: ["127.0.0.1"] }), { url })],
  ["A call of the job runner", () => runner.listAdaptors()],
  ["A mail", () => sendMail(db, { to: "a@example.org", subject: "s", text: "t" })],
];
const others: typeof ours = [
  ["A request", () => fetch(url)],
  ["A request", () => once(http.get(url), "response")],
];

it.each([...ours, ...others])("reaches nobody outside: %s", async (name, call) => {
  const { ctx, told } = await project();
  const attempt = write(ctx, "project.update", async (tx) => {
    await rename(tx, ctx, "changed");
    // A caller who takes it for an outage must not make it one.
    await call().catch(() => undefined);
    return { result: undefined, audit: event(), changed: { runs: ["r"] } };
  });
  await expect(attempt).rejects.toThrow(`${name} inside a transaction`);
  expect([await descriptionOf(ctx), told, await eventsOf(ctx)]).toEqual([null, [], 0]);
});

it("sends nothing through our own doors, and opens them again afterwards", async () => {
  const { ctx } = await project();
  const before = asked;
  for (const [, call] of ours) {
    const attempt = write(ctx, "own", () => call().then(() => nothing));
    await expect(attempt).rejects.toThrow("inside a transaction");
  }
  expect(asked).toBe(before);
  let later: Promise<unknown> | undefined;
  await write(ctx, "own", async () => {
    later = new Promise((resolve) => setTimeout(resolve, 50)).then(() => runner.listAdaptors());
    return nothing;
  });
  expect(await later).toEqual([]);
  for (const [, call] of ours) await call();
  expect(asked).toBe(before + 3);
});
