import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "@/db/client";
import { carryOutRetention } from "@/lib/domain/retention/retain";
import { keepAll, updateRetention } from "@/lib/domain/retention/settings";
import { rerunMessage } from "@/lib/domain/run/rerun";
import { type Clinic, createClinic, elevenSecondsLater } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { expectRefusal } from "@/lib/testing/fixtures";
import type { Persistence } from "@/lib/words";

let database: Database;
let clinic: Clinic;
// What is over for sure ends where a transaction of the same database began that is still open, whoever has it.
beforeAll(async () => {
  database = await ownTestDatabase();
});
beforeEach(async () => {
  clinic = await createClinic();
});

const visit = { form: "visit", who: "Amina" };
const choose = (persistence: Persistence) => updateRetention(clinic.ctx, { retention: keepAll, persistence });

/** Retention two hours from now, when a new setting counts: of everything that has come until now. */
const retain = () =>
  carryOutRetention(database, 20_000, {
    now: new Date(Date.now() + 7_200_000),
    only: clinic.project.id,
    lagMs: -1_000,
  });

/** What is stored of a message's body and of its steps' outputs. */
async function stored(id: string): Promise<{ message: boolean; outputs: number; states: number }> {
  const [row] = await database.query<{ message: boolean; outputs: number; states: number }>(
    `select octet_length(m.body) > 0 as message,
       (select count(*)::int from steps s where s.message_id = m.id and s.output_dataclip_id is not null) as outputs,
       (select count(d.body)::int from steps s join dataclips d on d.id = s.output_dataclip_id where s.message_id = m.id) as states
     from messages m where m.id = $1`,
    [id],
  );
  return row ?? { message: false, outputs: 0, states: 0 };
}

describe("a project that keeps nothing", () => {
  test("hands states on within a run, stores none, and wipes what the message said after use", async () => {
    await choose("erase_all");
    const id = await clinic.receive(visit);
    const inputs = new Map<string, string>();
    await clinic.execute(id, ({ job, input }) => {
      inputs.set(job.name, input);
      return job.id === clinic.jobs.payment
        ? { reason: "fail", output: '{"data":"of the payment"}', error: { type: "JobError", message: "No" } }
        : { output: '{"data":"done"}' };
    });
    expect(inputs.get("Notify")).toBe('{"data":"of the payment"}');
    expect(await stored(id)).toEqual({ message: true, outputs: 3, states: 0 });
    await database.query("update steps set reply_status = 200, reply_body = 'Amina' where message_id = $1", [
      id,
    ]);
    await retain();
    expect(await stored(id)).toEqual({ message: false, outputs: 3, states: 0 });
    expect(
      await database.query("select 1 from steps where message_id = $1 and reply_body is not null", [id]),
    ).toEqual([]);
    const sentences = await database.query<{ why: string }>(
      "select distinct wiped_for as why from dataclips where project_id = $1",
      [clinic.project.id],
    );
    expect(sentences).toEqual([{ why: "persistence" }]);
    await elevenSecondsLater(id);
    const refusal = await expectRefusal(rerunMessage(clinic.ctx, { messageId: id }), "conflict");
    expect(refusal.message).toContain("persistence");
  });

  test("keeps what nothing has processed yet", async () => {
    await choose("erase_all");
    const [waiting, unmatched] = [await clinic.receive(visit), await clinic.receive({ form: "none" })];
    await retain();
    expect([(await stored(waiting)).message, (await stored(unmatched)).message]).toEqual([true, true]);
    await clinic.execute(waiting, () => ({ output: "{}" }));
    await retain();
    await carryOutRetention(database, 20_000, {
      now: new Date(Date.now() + 7_400_000),
      only: clinic.project.id,
      lagMs: -1_000,
    });
    expect((await stored(waiting)).message).toBe(false);
  });
});

test("a project that keeps what failed wipes what succeeded", async () => {
  await choose("retain_with_errors");
  const [good, bad] = [await clinic.receive(visit), await clinic.receive(visit)];
  await clinic.execute(good, () => ({ output: '{"data":1}' }));
  await clinic.execute(bad, ({ job }) =>
    job.id === clinic.jobs.referral
      ? { reason: "fail", output: null, error: { type: "JobError", message: "No" } }
      : { output: '{"data":1}' },
  );
  expect([await stored(good), await stored(bad)]).toEqual([
    { message: true, outputs: 2, states: 2 },
    { message: true, outputs: 1, states: 1 },
  ]);
  await retain();
  expect([await stored(good), await stored(bad)]).toEqual([
    { message: false, outputs: 2, states: 0 },
    { message: true, outputs: 1, states: 1 },
  ]);
});

test("a project that keeps everything stores what steps return", async () => {
  const id = await clinic.receive(visit);
  await clinic.execute(id, () => ({ output: '{"data":1}' }));
  await retain();
  expect(await stored(id)).toEqual({ message: true, outputs: 2, states: 2 });
});
