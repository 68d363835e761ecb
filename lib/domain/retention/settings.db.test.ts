import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Database } from "@/db/client";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import type { Retention } from "@/lib/workflow/types";
import { previewRetention } from "./preview";
import { carryOutRetention } from "./retain";
import { getRetention, keepAll, keepsLess, updateRetention } from "./settings";
import { tellOfRetention } from "./tell";

let database: Database;
let clinic: Clinic;
// What is over for sure ends where a transaction of the same database began that is still open, whoever has it.
beforeAll(async () => {
  database = await ownTestDatabase();
  clinic = await createClinic();
});

const setting = (of: Partial<Retention> = {}) => ({
  retention: { ...keepAll, ...of },
  persistence: "retain_all" as const,
});
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);

describe("the setting", () => {
  test("keeps everything for ever until somebody says otherwise, and then begins in an hour", async () => {
    expect(await getRetention(clinic.ctx)).toMatchObject({ ...setting(), firstRunAt: null });
    const saved = await updateRetention(clinic.ctx, setting({ messages: { success: 7, failure: 90 } }));
    const inMinutes = (Date.parse(saved.firstRunAt ?? "") - Date.now()) / 60_000;
    expect(inMinutes).toBeGreaterThan(58);
    expect(inMinutes).toBeLessThan(62);
    expect(await expectAudit("project.retention", clinic.project.id)).toMatchObject({
      before: { retention: keepAll, persistence: "retain_all" },
      after: { retention: { messages: { success: 7, failure: 90 } } },
    });
    const longer = await updateRetention(clinic.ctx, setting({ messages: { success: 8, failure: 90 } }));
    expect(longer.firstRunAt).toBe(saved.firstRunAt);
  });

  test("is refused where something would be kept for longer than what it is part of", async () => {
    const odd = setting({ messages: { success: 7, failure: 400 }, history: 365 });
    const refusal = await expectRefusal(
      Promise.resolve().then(() => updateRetention(clinic.ctx, odd)),
      "invalid",
    ).catch((error) => error);
    expect(JSON.stringify(refusal.details ?? refusal.message ?? refusal)).toContain("after 365 days");
  });

  test.each([0, -1, 3_651, 1.5])("takes no %s days", (days) => {
    expect(() => updateRetention(clinic.ctx, setting({ history: days }))).toThrow();
  });

  test("is for owners and admins", async () => {
    for (const role of ["viewer", "editor"] as const) {
      await expectRefusal(updateRetention(clinic.as(role), setting()), "forbidden");
      await expectRefusal(previewRetention(clinic.as(role), setting()), "forbidden");
      expect((await getRetention(clinic.as(role))).persistence).toBe("retain_all");
    }
  });

  test("is not overwritten by whoever started from an older one", async () => {
    const { updatedAt } = await getRetention(clinic.ctx);
    await updateRetention(clinic.ctx, { ...setting({ history: 100 }), basedOn: updatedAt });
    await expectRefusal(
      updateRetention(clinic.ctx, { ...setting({ history: 90 }), basedOn: updatedAt }),
      "conflict",
    );
  });

  test("is known to keep less whichever part of it does", () => {
    const all = setting();
    expect(keepsLess(all, setting({ history: 10 }))).toBe(true);
    expect(
      keepsLess(setting({ history: 10 }), setting({ history: 10, logs: { success: 10, failure: 10 } })),
    ).toBe(false);
    expect(
      keepsLess(setting({ history: 10 }), setting({ history: 10, logs: { success: 9, failure: null } })),
    ).toBe(true);
    expect(keepsLess(all, { ...all, persistence: "erase_all" })).toBe(true);
    expect(keepsLess({ ...all, persistence: "erase_all" }, all)).toBe(false);
  });
});

test("the preview says what goes, and that is what goes", async () => {
  const own = await createClinic();
  const sizes: number[] = [];
  for (const outcome of ["success", "fail"] as const) {
    const body = { form: "visit", outcome };
    sizes.push(JSON.stringify(body).length);
    const id = await own.receive(body);
    await own.execute(id, ({ job }) =>
      outcome === "fail" && job.id === own.jobs.referral
        ? { reason: "fail", output: null, error: { type: "JobError", message: "No" } }
        : { output: '{"data":1}' },
    );
  }
  const waiting = await own.receive({ form: "visit", outcome: "none yet" });
  const asked = setting({
    messages: { success: 7, failure: 90 },
    dataclips: { success: 7, failure: 90 },
    history: 365,
  });
  expect(await previewRetention(own.ctx, asked)).toMatchObject({
    messages: { count: 0, bytes: 0, isMore: false },
    history: { workOrders: 0 },
  });
  const soon = await previewRetention(own.ctx, asked, inDays(8));
  expect(soon.messages).toEqual({ count: 1, bytes: sizes[0], isMore: false });
  expect(soon.states).toEqual({ count: 2, bytes: 20, isMore: false });
  expect(await previewRetention(own.ctx, asked, inDays(366))).toMatchObject({
    messages: { count: 2 },
    states: { count: 3 },
    logs: { steps: 0 },
    history: { workOrders: 2 },
  });
  const other = await createClinic();
  expect(await previewRetention(other.ctx, asked, inDays(366))).toMatchObject({
    messages: { count: 0 },
    history: { workOrders: 0 },
  });

  await updateRetention(own.ctx, asked);
  const now = inDays(8);
  await carryOutRetention(database, 20_000, { now, only: own.project.id });
  const [gone] = await database.query<{ messages: number; states: number }>(
    "select gone_messages::int as messages, gone_states::int as states from usage_days where project_id = $1 and day = $2",
    [own.project.id, now.toISOString().slice(0, 10)],
  );
  expect(gone).toEqual({ messages: soon.messages.count, states: soon.states.count });
  expect(
    await database.query("select 1 from messages where id = $1 and wiped_at is null", [waiting]),
  ).toHaveLength(1);

  const record = () =>
    database.query<{ after: unknown; actor: string }>(
      `select after, actor_label as actor from audit_events where project_id = $1 and event = 'retention.wipe'`,
      [own.project.id],
    );
  await tellOfRetention(database, now);
  expect(await record()).toEqual([]);
  for (let twice = 0; twice < 2; twice++) await tellOfRetention(database, inDays(9));
  expect(await record()).toEqual([
    {
      actor: "retention",
      after: { day: now.toISOString().slice(0, 10), messages: 1, states: 2, logs: 0, runs: 0 },
    },
  ]);
});

test("what went of one project is written down although that of another cannot be", async () => {
  const clinics = [await createClinic(), await createClinic()];
  for (const { project } of clinics) {
    await database.query("update projects set persistence = 'erase_all' where id = $1", [project.id]);
    await database.query("insert into usage_days (project_id, day, gone_messages) values ($1, $2, 1)", [
      project.id,
      inDays(-1).toISOString().slice(0, 10),
    ]);
  }
  let transactions = 0;
  const db = new Proxy(database.db, {
    get: (of, name) => {
      if (name === "transaction" && transactions++ === 0) throw new Error("It is broken.");
      return Reflect.get(of, name);
    },
  });
  vi.spyOn(console, "error").mockImplementation(() => {});
  await tellOfRetention({ db, query: database.query });
  vi.restoreAllMocks();
  const last = clinics.map(({ project }) => project.id).sort()[1];
  const told = await database.query(
    "select 1 from audit_events where event = 'retention.wipe' and project_id = $1",
    [last],
  );
  expect(told).toHaveLength(1);
});
