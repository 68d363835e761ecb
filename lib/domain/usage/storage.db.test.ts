import { beforeAll, expect, test } from "vitest";
import type { Database } from "@/db/client";
import { carryOutRetention } from "@/lib/domain/retention/retain";
import { keepAll, updateRetention } from "@/lib/domain/retention/settings";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { expectRefusal } from "@/lib/testing/fixtures";
import { countBytes } from "./count-bytes";
import { getStorage } from "./storage";

let database: Database;
let clinic: Clinic;
beforeAll(async () => {
  database = await ownTestDatabase();
  clinic = await createClinic();
});

const body = { form: "visit", text: "é".repeat(100) };
const output = '{"data":"done"}';
const message = "a line of the log: é";
const bytes = { body: Buffer.byteLength(JSON.stringify(body)), log: Buffer.byteLength(message) };

async function processed(inClinic = clinic): Promise<void> {
  const id = await inClinic.receive(body);
  await inClinic.execute(id, () => ({ output }), [
    { seq: 0, at: Date.now(), level: "info", source: "JOB", message },
  ]);
}

/** Until everything is counted, by ever so few rows. */
async function countAll(rowsAtOnce = 1): Promise<void> {
  const isLeft = () =>
    database.query(
      "select 1 from usage_counted where bytes_to <= (select max(id::text)::uuid from steps) or bytes_to <= (select max(id::text)::uuid from dataclips)",
    );
  do await countBytes(database, { rowsAtOnce, lagMs: 0, rounds: 2 });
  while ((await isLeft()).length > 0);
}

test("counts each byte once, whoever counts and however often, and what went is subtracted", async () => {
  await processed();
  await processed();
  const stranger = await createClinic();
  await processed(stranger);
  await Promise.all([countAll(), countAll(3)]);
  await countAll();
  const { now, days, countedTo } = await getStorage(clinic.ctx);
  expect(now).toEqual({
    messages: 2,
    bodies: 2 * bytes.body,
    states: 4 * output.length,
    logs: 4 * bytes.log,
  });
  expect(countedTo).not.toBeNull();
  expect(days).toHaveLength(30);
  expect(days.at(-1)).toMatchObject({ messages: 2, came: now.bodies + now.states + now.logs, went: 0 });

  const keep = { messages: { success: 1, failure: 1 }, logs: { success: 1, failure: 1 } };
  await updateRetention(clinic.ctx, { retention: { ...keepAll, ...keep }, persistence: "retain_all" });
  const later = new Date(Date.now() + 2 * 86_400_000);
  await carryOutRetention(database, 20_000, { now: later, only: clinic.project.id });
  const after = await getStorage(clinic.ctx, later);
  expect(after.now).toEqual({ messages: 0, bodies: 0, states: 4 * output.length, logs: 0 });
  expect(after.days.at(-1)?.went).toBe(2 * bytes.body + 4 * bytes.log);
  expect((await getStorage(stranger.ctx)).now.messages).toBe(1);
});

test("what is wiped before it is counted is neither counted nor subtracted", async () => {
  const own = await createClinic();
  await processed(own);
  const keep = { messages: { success: 1, failure: 1 } };
  await updateRetention(own.ctx, { retention: { ...keepAll, ...keep }, persistence: "retain_all" });
  const later = new Date(Date.now() + 2 * 86_400_000);
  await carryOutRetention(database, 20_000, { now: later, only: own.project.id });
  await countAll(1_000);
  const { now } = await getStorage(own.ctx, later);
  expect(now).toMatchObject({ messages: 0, bodies: 0, states: 2 * output.length });
});

test("the forecast goes on as in the last seven days", async () => {
  const own = await createClinic();
  await database.query(
    `insert into usage_days (project_id, day, messages, body_bytes, gone_body_bytes)
     select $1, current_date - n, 10, 1000, 300 from generate_series(1, 20) n`,
    [own.project.id],
  );
  const { now, forecast } = await getStorage(own.ctx);
  expect(now.bodies).toBe(20 * 700);
  expect(forecast).toEqual({ bytesPerDay: 700, bytesIn30Days: 50 * 700 });
});

test("is for who may read the project", async () => {
  expect((await getStorage(clinic.as("viewer"))).days).toHaveLength(30);
  const { ctx } = await createClinic();
  await expectRefusal(
    Promise.reject(await getStorage({ ...ctx, role: "nobody" as "viewer" }).catch((error) => error)),
    "forbidden",
  );
});
