import { randomUUID } from "node:crypto";
import { NextRequest } from "next/server";
import { describe, expect, test } from "vitest";
import { POST } from "@/app/api/runners/route";
import { asWork } from "@/db/deadline";
import type { KnownLife } from "@/lib/runner/fleet/book";
import { type Registration, sealRegistration, toleranceMs } from "@/lib/runner/registration";
import { testDatabase } from "@/lib/testing/database";
import { createTestProject, expectRefusal } from "@/lib/testing/fixtures";
import { findRunner, forgetRunners, knownRunners, noteRunner, runnerBook } from "./book";
import { registerRunner, runnerRegistration } from "./register";

const database = testDatabase();
const { db } = database;
const token = "a-token-of-this-test";
const print = Array(32).fill("AB").join(":");

const lifeOf = (more: Partial<KnownLife> = {}): KnownLife => ({
  id: randomUUID(),
  name: "one",
  address: "https://10.0.0.5:4000",
  fingerprint: print,
  capacity: 12,
  isDraining: false,
  ...more,
});

const age = (id: string, interval: string) =>
  database.query("update runners set beat_at = now() - $2::interval where id = $1", [id, interval]);

describe("the book of runners", () => {
  test("remembers who was heard, and how long ago", async () => {
    const life = lifeOf();
    await noteRunner(db, life);
    await age(life.id, "20 seconds");
    const silent = await findRunner(db, life.id);
    expect(silent).toMatchObject(life);
    expect(silent?.silentMs).toBeGreaterThan(19_000);
    await noteRunner(db, { ...life, isDraining: true });
    const heard = (await knownRunners(db)).find(({ id }) => id === life.id);
    expect(heard?.isDraining).toBe(true);
    expect(heard?.silentMs).toBeLessThan(silent?.silentMs ?? 0);
    expect(await findRunner(db, randomUUID())).toBeNull();
  });

  test("is read and written for all who wait, also when the client has gone for whom that began", async () => {
    const life = lifeOf();
    const book = runnerBook(db);
    const listed = await asWork({ kind: "read", signal: AbortSignal.abort() }, async () => {
      await book.note(life);
      await book.forget();
      return book.list();
    });
    expect(listed.map(({ id }) => id)).toContain(life.id);
  });

  test("takes where a runner is reached from itself alone", async () => {
    const life = lifeOf();
    await noteRunner(db, lifeOf({ id: life.id, address: "https://alias:1", fingerprint: null }));
    await noteRunner(db, life, true);
    await noteRunner(db, lifeOf({ id: life.id, address: "https://alias:1", fingerprint: null, capacity: 3 }));
    expect(await findRunner(db, life.id)).toMatchObject({ ...life, capacity: 3 });
  });

  test("forgets who is silent for long, but nobody whom an unfinished step names", async () => {
    const [old, needed, recent] = [lifeOf(), lifeOf(), lifeOf()];
    for (const life of [old, needed, recent]) await noteRunner(db, life);
    for (const life of [old, needed]) await age(life.id, "2 hours");
    const { runId, stepId } = await runningStep(needed.id);
    await forgetRunners(db);
    expect(await findRunner(db, old.id)).toBeNull();
    expect(await findRunner(db, needed.id)).not.toBeNull();
    expect(await findRunner(db, recent.id)).not.toBeNull();
    await database.query("update steps set finished_at = now() where id = $1", [stepId]);
    await forgetRunners(db);
    expect(await findRunner(db, needed.id)).toBeNull();
    await database.query("delete from runs where id = $1", [runId]);
  });
});

async function runningStep(runnerId: string): Promise<{ runId: string; stepId: string }> {
  const { id: projectId } = await createTestProject();
  const ids = { workflow: randomUUID(), job: randomUUID(), snapshot: randomUUID() };
  const [order] = await database.query<{ id: string }>(
    "insert into work_orders (project_id, workflow_id, snapshot_id) values ($1, $2, $3) returning id",
    [projectId, ids.workflow, ids.snapshot],
  );
  const [run] = await database.query<{ id: string }>(
    `insert into runs (project_id, workflow_id, work_order_id, snapshot_id, starting_job_id, state)
     values ($1, $2, $3, $4, $5, 'running') returning id`,
    [projectId, ids.workflow, order?.id, ids.snapshot, ids.job],
  );
  const [step] = await database.query<{ id: string }>(
    `insert into steps (run_id, project_id, workflow_id, job_id, job_name, adaptor, ordinal, runner_id)
     values ($1, $2, $3, $4, 'Job', 'a@1', 0, $5) returning id`,
    [run?.id, projectId, ids.workflow, ids.job, runnerId],
  );
  return { runId: run?.id ?? "", stepId: step?.id ?? "" };
}

describe("a runner that makes itself known", () => {
  const now = 1_800_000_000_000;
  const deps = { db, token, allowPlain: false, now: () => now };
  const said = (more: Partial<Registration> = {}): Registration => ({ ...lifeOf(), at: now, ...more });

  test("is noted as it says", async () => {
    const registration = said({ name: "a name with ünicode" });
    await registerRunner(deps, sealRegistration(token, registration));
    expect(await findRunner(db, registration.id)).toMatchObject({
      name: "a name with ünicode",
      address: registration.address,
      fingerprint: print,
    });
  });

  test.each<[string, (registration: Registration) => ReturnType<typeof sealRegistration>]>([
    ["sealed with another token", (one) => sealRegistration("another", one)],
    ["sealed with the token itself", (one) => ({ ...one, seal: token })],
    ...(["id", "name", "address", "fingerprint", "capacity", "isDraining", "at"] as const).map(
      (key): [string, (one: Registration) => ReturnType<typeof sealRegistration>] => [
        `whose ${key} was changed on the way`,
        (one) => {
          const other = { ...lifeOf({ name: "two", address: "https://10.6.6.6:4000" }), at: now + 1 };
          const changes = { fingerprint: null, capacity: 99, isDraining: true };
          return { ...sealRegistration(token, one), [key]: { ...other, ...changes }[key] };
        },
      ],
    ),
    [
      "of long ago, heard and repeated",
      (one) => sealRegistration(token, { ...one, at: now - toleranceMs - 1 }),
    ],
    ["of a time to come", (one) => sealRegistration(token, { ...one, at: now + toleranceMs + 1 })],
  ])("is refused %s", async (_, spoil) => {
    const registration = said();
    const spoilt = spoil(registration);
    await expectRefusal(registerRunner(deps, spoilt), "unauthenticated");
    expect(await findRunner(db, registration.id)).toBeNull();
    expect(await findRunner(db, spoilt.id)).toBeNull();
  });

  test("is refused where no token is set", async () => {
    await expectRefusal(
      registerRunner({ ...deps, token: undefined }, sealRegistration("", said())),
      "unauthenticated",
    );
  });

  test("is refused in plain text beyond this machine, unless that is allowed", async () => {
    const plain = sealRegistration(token, said({ address: "http://10.0.0.5:4000", fingerprint: null }));
    await expectRefusal(registerRunner(deps, plain), "invalid");
    await registerRunner({ ...deps, allowPlain: true }, plain);
    expect(await findRunner(db, plain.id)).toMatchObject({ address: "http://10.0.0.5:4000" });
    const near = sealRegistration(token, said({ address: "http://127.0.0.1:4000", fingerprint: null }));
    await registerRunner(deps, near);
    expect(await findRunner(db, near.id)).not.toBeNull();
  });

  test.each([
    { address: "unix:/run/runner.sock" },
    { address: "https://0.0.0.0:4000" },
    { address: "https://user:pw@10.0.0.5" },
    { address: "https://10.0.0.5/path" },
    { name: "" },
    { name: "x".repeat(101) },
    { name: "a\u0000b" },
    { capacity: 0 },
    { fingerprint: "AB" },
    { id: "1" },
  ])("cannot say %j", (more) => {
    expect(runnerRegistration.safeParse(sealRegistration(token, said(more))).success).toBe(false);
  });

  test("is no way in for anybody else", async () => {
    const call = (body: unknown, headers: Record<string, string> = {}) =>
      POST(
        new NextRequest("http://127.0.0.1/api/runners", {
          method: "POST",
          headers,
          body: JSON.stringify(body),
        }),
        { params: Promise.resolve({}) },
      );
    const registration = said({ at: Date.now() });
    expect((await call(sealRegistration("not-the-token", registration))).status).toBe(401);
    expect((await call(sealRegistration("", registration), { authorization: "Bearer wb_x" })).status).toBe(
      401,
    );
    expect((await call({})).status).toBe(422);
    expect(await findRunner(db, registration.id)).toBeNull();
  });
});
