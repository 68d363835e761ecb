import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { getMessage } from "@/lib/domain/message/get";
import { getRun } from "@/lib/domain/run/get";
import { listRuns } from "@/lib/domain/run/list";
import { rerunMessage } from "@/lib/domain/run/rerun";
import { type Clinic, createClinic, elevenSecondsLater } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import { failure } from "@/lib/testing/scripted-runner";
import { type BatchResult, bulkBatch } from "./batch";
import { askForgottenBulk, carryOutBulk } from "./carry-out";
import { abortBulk, pauseBulk, resumeBulk, undoBulk } from "./change";
import { getBulkAct, listBulkActs, listBulkRefusals } from "./get";
import { giveUpBulk } from "./give-up";
import { previewBulk } from "./preview";
import { startBulk } from "./start";

const database = testDatabase();
let clinic: Clinic;

beforeEach(async () => {
  clinic = await createClinic();
});

const host = () => ({ db: database.db, announce: () => {} });
type Start = Parameters<typeof startBulk>[1];
const start = (input: Omit<Start, "name">) => startBulk(clinic.ctx, { name: "again", ...input });
const ids = (actId: string) => ({ actId, projectId: clinic.project.id });
const batch = (actId: string): Promise<BatchResult> => bulkBatch(host(), ids(actId));
/** Does what can be done now. */
const carryOut = (actId: string) => carryOutBulk(host(), ids(actId), 10_000);
/** As if the time that it waits for were over. */
const later = (actId: string) =>
  database.query("update bulk_acts set next_at = now(), round_at = least(round_at, now()) where id = $1", [
    actId,
  ]);

async function receive(count: number, form = "visit"): Promise<string[]> {
  const received: string[] = [];
  for (let n = 0; n < count; n++) received.push(await clinic.receive({ form, n }));
  return received;
}

/** Messages whose payment has failed, more than ten seconds ago. */
async function failed(count: number): Promise<string[]> {
  const received = await receive(count);
  for (const id of received) {
    await clinic.execute(id, paymentFails);
    await elevenSecondsLater(id);
  }
  return received;
}
const paymentFails = ({ job }: { job: { name: string } }) => (job.name === "Payment" ? failure() : {});
const runsOf = async (actId: string) => (await listRuns(clinic.ctx, { bulk: actId, limit: 100 })).items;
const messagesOf = async (actId: string) => (await runsOf(actId)).map(({ messageId }) => messageId).reverse();
const executeAll = async (messages: string[], script?: Parameters<Clinic["execute"]>[1]) => {
  for (const id of messages) await clinic.execute(id, script);
};
const stateOf = async (messageId: string) => (await getMessage(clinic.ctx, messageId)).workOrders[0]?.state;

describe("what a bulk act is for", () => {
  test("chosen messages, in the order in which they came, behind what arrives by itself", async () => {
    const [first = "", other = "", last = ""] = await failed(3);
    const act = await start({ kind: "rerun", of: { target: "messages", ids: [last, first.toUpperCase()] } });
    expect(act).toMatchObject({ chosen: 2, filter: null, total: 2, isMore: false, state: "running" });
    await carryOut(act.id);
    expect(await messagesOf(act.id)).toEqual([first, last]);
    const [run] = await runsOf(act.id);
    expect(run).toMatchObject({ priority: "bulk", state: "pending" });
    expect((await getRun(clinic.ctx, run?.id ?? "")).createdBy).toBe(clinic.ctx.actor.label);
    const asked = await database.query<{ data: { priority: number } }>(
      "select data from outbox where event = 'run/requested' and data->>'runId' = $1",
      [run?.id],
    );
    expect(asked.map(({ data }) => data.priority)).toEqual([-300]);
    expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({
      state: "done",
      seen: 2,
      done: 2,
      runs: 2,
      refused: 0,
      runStates: [{ state: "pending", count: 2 }],
    });
    expect((await getMessage(clinic.ctx, other)).workOrders[0]?.runs).toHaveLength(1);
  });

  test("all that the inbox's filter finds, from one job on, as a single rerun would do it", async () => {
    const [one = "", two = ""] = await failed(2);
    await receive(1);
    const { payment, referral } = clinic.jobs;
    const act = await start({
      kind: "rerun",
      jobId: payment,
      of: { target: "messages", filter: { state: "unsuccessful", job: payment } },
    });
    await carryOut(act.id);
    await clinic.execute(one, paymentFails);
    expect(await messagesOf(act.id)).toEqual([]);
    const handled = await start({
      kind: "rerun",
      jobId: payment,
      of: { target: "messages", filter: { state: "failure", job: payment } },
    });
    expect(handled.filterNames).toEqual({ job: "Payment" });
    await carryOut(handled.id);
    expect(await messagesOf(handled.id)).toEqual([one, two]);
    const [last] = await runsOf(handled.id);
    await elevenSecondsLater(one);
    await elevenSecondsLater(two);
    await clinic.execute(one);
    await clinic.execute(two);
    const single = await rerunMessage(clinic.ctx, { messageId: two, jobId: payment }).catch(async () => {
      await elevenSecondsLater(two);
      return rerunMessage(clinic.ctx, { messageId: two, jobId: payment });
    });
    await clinic.execute(two);
    const steps = async (id: string) =>
      (await getRun(clinic.ctx, id)).detailedSteps.map(({ jobId, linked }) => [jobId, linked]);
    expect(await steps(last?.id ?? "")).toEqual([
      [referral, true],
      [payment, false],
    ]);
    expect(await steps(single.runIds[0] ?? "")).toEqual(await steps(last?.id ?? ""));
  });

  test("of several runs of a work order the newest, and none that has succeeded since", async () => {
    const [twice = "", fine = ""] = await failed(2);
    for (const id of [twice, fine]) await rerunMessage(clinic.ctx, { messageId: id });
    await clinic.execute(twice, () => failure());
    await clinic.execute(fine);
    await elevenSecondsLater(twice);
    await database.query("update runs set state = 'failed' where message_id = $1 and state = 'success'", [
      twice,
    ]);
    await database.query(
      "update runs set state = 'failed' where id = (select id from runs where message_id = $1 order by id limit 1)",
      [fine],
    );
    const act = await start({ kind: "rerun", of: { target: "runs", filter: { state: "failed" } } });
    expect(act.total).toBe(3);
    await carryOut(act.id);
    expect(await messagesOf(act.id)).toEqual([twice]);
    expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({
      state: "done",
      seen: 3,
      done: 1,
      refused: 0,
    });
  });

  test("what is there at its start: neither what comes later nor what fails later", async () => {
    const [before = ""] = await failed(1);
    const [running = ""] = await receive(1);
    const act = await start({ kind: "rerun", of: { target: "messages", filter: { state: "failure" } } });
    await clinic.execute(running, paymentFails);
    await elevenSecondsLater(running);
    await database.query("update job_states set finished_at = now() where message_id = $1", [running]);
    await failed(1);
    await carryOut(act.id);
    expect(await messagesOf(act.id)).toEqual([before]);
  });

  test("a text that is searched for", async () => {
    const received = await failed(2);
    const sought = await clinic.receive({ form: "visit", name: "Amina" });
    await clinic.execute(sought);
    await elevenSecondsLater(sought);
    const act = await start({ kind: "rerun", of: { target: "messages", filter: { text: "amina" } } });
    await carryOut(act.id);
    expect(await messagesOf(act.id)).toEqual([sought]);
    const byRuns = await start({ kind: "rerun", of: { target: "runs", filter: { text: '"n":1' } } });
    await carryOut(byRuns.id);
    expect(await messagesOf(byRuns.id)).toEqual([received[1]]);
  });

  test("is refused where its parts do not go together, or are not the project's", async () => {
    const stranger = await createClinic();
    const [theirs = ""] = [await stranger.receive({ form: "visit" })];
    const refused = (input: Omit<Start, "name">, code: "invalid" | "not_found") =>
      expectRefusal(start(input), code);
    await refused({ kind: "rerun", of: { target: "messages", ids: [theirs] } }, "not_found");
    await refused({ kind: "rerun", of: { target: "messages" }, jobId: stranger.jobs.payment }, "not_found");
    await refused(
      { kind: "rerun", of: { target: "messages" }, workflowId: stranger.workflows.visit },
      "not_found",
    );
    await refused({ kind: "reprocess", of: { target: "runs" } }, "invalid");
    await refused({ kind: "rerun", of: { target: "rejected" } }, "invalid");
    await refused({ kind: "cancel", of: { target: "runs" }, jobId: clinic.jobs.payment }, "invalid");
    await refused({ kind: "rerun", maxRounds: 2, of: { target: "messages" } }, "invalid");
    await refused({ kind: "rerun", of: { target: "messages", ids: [theirs], filter: {} } }, "invalid");
    expect((await listBulkActs(clinic.ctx)).items).toEqual([]);
  });
});

describe("carrying it out", () => {
  test("in batches, each of them once, however often and by however many it is asked", async () => {
    const received = await failed(5);
    const act = await start({ kind: "rerun", ratePerMinute: 60, of: { target: "messages" } });
    const results: BatchResult[] = [];
    for (let n = 0; n < 6; n++) {
      results.push(...(await Promise.all([batch(act.id), batch(act.id), batch(act.id)])));
      await later(act.id);
    }
    expect(await messagesOf(act.id)).toEqual(received);
    expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({ state: "done", seen: 5, done: 5, runs: 5 });
    expect(results.at(-1)).toEqual({ isOver: true, waitMs: 0 });
  });

  test("a batch that fails has not happened, and the next one does the same items", async () => {
    const received = await failed(3);
    const act = await start({ kind: "rerun", of: { target: "messages" } });
    await database.query(
      `create function fail_bulk() returns trigger language plpgsql as $$ begin raise 'killed here'; end $$`,
    );
    try {
      await database.query(
        "create trigger fail_bulk before update on bulk_acts for each row execute function fail_bulk()",
      );
      await expect(carryOut(act.id)).rejects.toThrow();
      expect(await messagesOf(act.id)).toEqual([]);
    } finally {
      await database.query("drop function fail_bulk cascade");
    }
    await carryOut(act.id);
    expect(await messagesOf(act.id)).toEqual(received);
  });

  test("a rate is kept by waiting", async () => {
    await failed(4);
    const act = await start({ kind: "rerun", ratePerMinute: 60, of: { target: "messages" } });
    const result = await batch(act.id);
    expect(result).toEqual({ isOver: false, waitMs: 2_000 });
    expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({ runs: 2, waitsFor: "rate" });
    expect((await batch(act.id)).waitMs).toBeGreaterThan(0);
    expect((await runsOf(act.id)).length).toBe(2);
  });

  test("the ten seconds of a message and a job are waited for, and nothing is skipped", async () => {
    const received = await receive(3);
    const [, recent = ""] = received;
    await executeAll(received);
    for (const id of received) if (id !== recent) await elevenSecondsLater(id);
    const act = await start({ kind: "rerun", of: { target: "messages" } });
    const { waitMs } = await carryOut(act.id);
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(10_000);
    expect(await messagesOf(act.id)).toEqual([received[0]]);
    expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({ waitsFor: "ten_seconds", refused: 0 });
    await elevenSecondsLater(recent);
    await later(act.id);
    await carryOut(act.id);
    expect(await messagesOf(act.id)).toEqual(received);
  });

  test("what cannot be done is counted and listed with its reason, and the rest is done", async () => {
    const [fine = "", wiped = "", waiting = "", never = ""] = await failed(4);
    await database.query(
      `with d as (insert into dataclips (project_id, type, size, wiped_at) values ($2, 'step_result', 2, now()) returning id)
       update steps set input_dataclip_id = d.id from d where message_id = $1 and job_id = $3`,
      [wiped, clinic.project.id, clinic.jobs.payment],
    );
    await rerunMessage(clinic.ctx, { messageId: waiting });
    await database.query("delete from steps where message_id = $1 and job_id = $2", [
      never,
      clinic.jobs.payment,
    ]);
    const act = await start({ kind: "rerun", jobId: clinic.jobs.payment, of: { target: "messages" } });
    await carryOut(act.id);
    expect(await messagesOf(act.id)).toEqual([fine]);
    const { items } = await listBulkRefusals(clinic.ctx, { id: act.id });
    expect(items.map(({ itemId, reason }) => [itemId, reason])).toEqual([
      [wiped, "wiped"],
      [waiting, "unfinished"],
      [never, "no_step"],
    ]);
    expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({
      refused: 3,
      done: 1,
      refusals: [
        { reason: "no_step", count: 1 },
        { reason: "unfinished", count: 1 },
        { reason: "wiped", count: 1 },
      ],
    });
    // Kept with the act they are what a count says; of one that an older release carried out they are counted.
    const { refusals } = await getBulkAct(clinic.ctx, act.id);
    const [kept] = await database.query("select reasons from bulk_acts where id = $1", [act.id]);
    expect(kept).toEqual({
      reasons: Object.fromEntries(refusals.map(({ reason, count }) => [reason, count])),
    });
    await database.query("update bulk_acts set reasons = null where id = $1", [act.id]);
    expect((await getBulkAct(clinic.ctx, act.id)).refusals).toEqual(refusals);
    await elevenSecondsLater(fine);
    await executeAll([fine, waiting]);
    for (const id of [fine, waiting]) await elevenSecondsLater(id);
    await database.query("update workflows set deleted_at = now() where id = $1", [clinic.workflows.visit]);
    const unmatched = await clinic.receive({ form: "other" });
    const gone = await start({ kind: "rerun", of: { target: "messages", ids: [fine, unmatched] } });
    await carryOut(gone.id);
    const reasons = (await listBulkRefusals(clinic.ctx, { id: gone.id, limit: 1 })).items;
    expect(reasons.map(({ reason }) => reason)).toEqual(["deleted_workflow"]);
    expect((await getBulkAct(clinic.ctx, gone.id)).refusals.map(({ reason }) => reason)).toEqual([
      "deleted_workflow",
      "unmatched",
    ]);
  });

  test("a plan's minute is waited for, and what its month leaves no run for is listed", async () => {
    const received = await failed(4);
    const plan = (month: number | null, minute: number | null) =>
      database.query("update projects set runs_per_month = $2, runs_per_minute = $3 where id = $1", [
        clinic.project.id,
        month,
        minute,
      ]);
    const used = received.length;
    await plan(used + 3, null);
    const act = await start({ kind: "rerun", of: { target: "messages" } });
    await carryOut(act.id);
    expect(await messagesOf(act.id)).toEqual(received.slice(0, 3));
    expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({
      state: "done",
      done: 3,
      refusals: [{ reason: "plan", count: 1 }],
    });
    await undoBulk(clinic.ctx, act.id);
    await carryOut(act.id);
    await plan(null, 1);
    const slow = await start({ kind: "rerun", of: { target: "messages" } });
    const { waitMs } = await carryOut(slow.id);
    expect(waitMs).toBeGreaterThan(0);
    expect(await getBulkAct(clinic.ctx, slow.id)).toMatchObject({
      waitsFor: "plan",
      refused: 0,
      state: "running",
    });
  });

  test("on the version of then, or of now", async () => {
    const [id = ""] = await failed(1);
    const [run] = (await listRuns(clinic.ctx, {})).items;
    const { snapshot } = await getRun(clinic.ctx, run?.id ?? "");
    await database.query(
      `with s as (insert into snapshots (project_id, workflow_id, lock_version, graph)
         select project_id, workflow_id, 99, graph from snapshots where id = $1 returning id)
       update workflows set snapshot_id = s.id from s where workflows.id = $2`,
      [snapshot.id, clinic.workflows.visit],
    );
    const versions: number[] = [];
    for (const version of ["original", "latest"] as const) {
      const act = await start({ kind: "rerun", version, of: { target: "messages" } });
      await carryOut(act.id);
      const [made] = await runsOf(act.id);
      versions.push((await getRun(clinic.ctx, made?.id ?? "")).snapshot.lockVersion);
      await clinic.execute(id);
      await elevenSecondsLater(id);
    }
    expect(versions).toEqual([snapshot.lockVersion, 99]);
  });

  test("is repeated until nothing is left, or as often as was asked", async () => {
    const received = await failed(2);
    const [stubborn = "", mended = ""] = received;
    const act = await start({
      kind: "rerun",
      jobId: clinic.jobs.payment,
      maxRounds: 3,
      of: { target: "messages", filter: { state: "failure", job: clinic.jobs.payment } },
    });
    await carryOut(act.id);
    expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({
      state: "running",
      waitsFor: "round",
      round: 1,
    });
    await executeAll([mended]);
    await executeAll([stubborn], paymentFails);
    await executeAll(received);
    for (const id of received) await elevenSecondsLater(id);
    await later(act.id);
    await carryOut(act.id);
    expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({ round: 2, refused: 0 });
    for (const id of received) await elevenSecondsLater(id);
    await later(act.id);
    await carryOut(act.id);
    expect((await messagesOf(act.id)).sort()).toEqual([stubborn, stubborn, mended].sort());
    await executeAll([stubborn]);
    await elevenSecondsLater(stubborn);
    for (let n = 0; n < 3; n++) {
      await later(act.id);
      await carryOut(act.id);
    }
    expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({ state: "done", round: 3, runs: 3, seen: 2 });
  });
});

describe("the other kinds", () => {
  test("reprocessing does what the message would start if it arrived now", async () => {
    const unmatched = await clinic.receive({ form: "other" });
    const [known = ""] = await failed(1);
    const hooked = await clinic.receive({ a: 1 }, { to: clinic.triggers.hook });
    await clinic.execute(hooked);
    await elevenSecondsLater(hooked);
    await database.query("update triggers set inclusion = '{}' where id = $1", [clinic.triggers.visit]);
    const act = await start({ kind: "reprocess", of: { target: "messages" } });
    await carryOut(act.id);
    expect(await messagesOf(act.id)).toEqual([unmatched, known, hooked]);
    const names = (await runsOf(act.id)).map(({ workflowName }) => workflowName).reverse();
    expect(names).toEqual(["Visit", "Visit", "Hook"]);
    expect((await getMessage(clinic.ctx, known)).workOrders).toHaveLength(2);
    await database.query("update triggers set enabled = false where project_id = $1", [clinic.project.id]);
    await executeAll([unmatched, known, hooked]);
    for (const id of [unmatched, known, hooked]) await elevenSecondsLater(id);
    const nobody = await start({ kind: "reprocess", of: { target: "messages" } });
    await carryOut(nobody.id);
    expect(
      (await getBulkAct(clinic.ctx, nobody.id)).refusals.map(({ reason, count }) => [reason, count]),
    ).toEqual([
      ["no_trigger", 1],
      ["unmatched", 2],
    ]);
  });

  test("cancelling ends what waits at once, and asks what runs to stop", async () => {
    const received = await receive(3);
    const [running = "", ...waiting] = received;
    await database.query("update runs set state = 'running', started_at = now() where message_id = $1", [
      running,
    ]);
    const [done = ""] = await failed(1);
    const act = await start({ kind: "cancel", of: { target: "messages" } });
    await carryOut(act.id);
    expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({ state: "done", done: 3, runs: 3, seen: 4 });
    expect(await Promise.all(waiting.map(stateOf))).toEqual(["cancelled", "cancelled"]);
    expect(await stateOf(done)).not.toBe("cancelled");
    const sent = await database.query(
      "select 1 from outbox where event = 'run/cancelled' and project_id = $1",
      [clinic.project.id],
    );
    expect(sent).toHaveLength(1);
    await expectRefusal(undoBulk(clinic.ctx, act.id), "conflict");
  });

  test("releasing starts the first run of what was rejected, and of nothing else", async () => {
    const received = await receive(2);
    const [rejected = ""] = received;
    await failed(1);
    await database.query("delete from runs where message_id = $1", [rejected]);
    await database.query("update work_orders set state = 'rejected' where message_id = $1", [rejected]);
    const act = await start({ kind: "release", of: { target: "rejected" } });
    expect(act.total).toBe(1);
    await carryOut(act.id);
    expect(await messagesOf(act.id)).toEqual([rejected]);
    expect(await stateOf(rejected)).toBe("pending");
    await undoBulk(clinic.ctx, act.id);
    await carryOut(act.id);
    expect(await stateOf(rejected)).toBe("rejected");
    const again = await start({ kind: "release", of: { target: "messages" } });
    await carryOut(again.id);
    expect(await messagesOf(again.id)).toEqual([rejected]);
  });
});

describe("changing one's mind", () => {
  test("a paused act queues nothing, and goes on where it was", async () => {
    const received = await failed(4);
    const act = await start({ kind: "rerun", ratePerMinute: 60, of: { target: "messages" } });
    await carryOut(act.id);
    expect(await pauseBulk(clinic.ctx, act.id)).toMatchObject({ state: "paused" });
    await later(act.id);
    expect(await batch(act.id)).toEqual({ isOver: true, waitMs: 0 });
    expect(await runsOf(act.id)).toHaveLength(2);
    await expectRefusal(pauseBulk(clinic.ctx, act.id), "conflict");
    expect(await resumeBulk(clinic.ctx, act.id)).toMatchObject({ state: "running" });
    for (let n = 0; n < 3; n++) {
      await carryOut(act.id);
      await later(act.id);
    }
    expect(await messagesOf(act.id)).toEqual(received);
    for (const event of ["bulk.start", "bulk.pause", "bulk.resume"]) await expectAudit(event, act.id);
  });

  test("an aborted act leaves what it has queued, and cannot be resumed", async () => {
    await failed(3);
    const act = await start({ kind: "rerun", ratePerMinute: 60, of: { target: "messages" } });
    await carryOut(act.id);
    expect(await abortBulk(clinic.ctx, act.id)).toMatchObject({ state: "aborted" });
    await expectRefusal(resumeBulk(clinic.ctx, act.id), "conflict");
    expect((await runsOf(act.id)).map(({ state }) => state)).toEqual(["pending", "pending"]);
    await expectAudit("bulk.abort", act.id);
  });

  test("undoing takes back what has not started, and work orders stand as they did", async () => {
    const [first = "", second = ""] = await failed(2);
    const fine = await clinic.receive({ form: "visit" });
    await clinic.execute(fine);
    await elevenSecondsLater(fine);
    const before = await Promise.all([first, second, fine].map(stateOf));
    const act = await start({ kind: "rerun", of: { target: "messages" } });
    await carryOut(act.id);
    expect(await Promise.all([first, second, fine].map(stateOf))).toEqual(["pending", "pending", "pending"]);
    await clinic.execute(first);
    await undoBulk(clinic.ctx, act.id);
    await carryOut(act.id);
    expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({ state: "undone", takenBack: 2, runs: 3 });
    expect(await stateOf(first)).toBe("success");
    expect(await Promise.all([second, fine].map(stateOf))).toEqual(before.slice(1));
    const taken = (await runsOf(act.id)).filter(({ state }) => state === "cancelled");
    expect(taken.map(({ errorMessage }) => errorMessage)).toEqual(
      Array(2).fill("Taken back with the bulk act “again” before it had started."),
    );
    await clinic.execute(second);
    expect(await stateOf(second)).toBe(before[1]);
    await expectRefusal(undoBulk(clinic.ctx, act.id), "conflict");
    await expectAudit("bulk.undo", act.id);
  });

  test("an act whose project is being deleted is paused, and says why", async () => {
    await failed(1);
    const act = await start({ kind: "rerun", of: { target: "messages" } });
    await database.query("update projects set deletion_scheduled_at = now() where id = $1", [
      clinic.project.id,
    ]);
    await carryOut(act.id);
    expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({ state: "paused", runs: 0 });
    expect((await getBulkAct(clinic.ctx, act.id)).problem).toMatch(/being deleted/);
  });

  test("one that is being undone then is undone all the same: resumed, it would start more", async () => {
    await failed(2);
    const act = await start({ kind: "rerun", of: { target: "messages" }, ratePerMinute: 30 });
    await batch(act.id);
    await undoBulk(clinic.ctx, act.id);
    await database.query("update projects set deletion_scheduled_at = now() where id = $1", [
      clinic.project.id,
    ]);
    await carryOut(act.id);
    expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({ state: "undone", runs: 1, takenBack: 1 });
  });

  test("whoever was asked before it was resumed leaves it to the one who is asked then", async () => {
    const received = await failed(1);
    const act = await start({ kind: "rerun", of: { target: "messages" } });
    const turns = async () =>
      (
        await database.query<{ data: { turn: number } }>(
          "select data from outbox where event = 'bulk/requested' and data->>'actId' = $1 order by id",
          [act.id],
        )
      ).map(({ data }) => data.turn);
    await pauseBulk(clinic.ctx, act.id);
    await resumeBulk(clinic.ctx, act.id);
    const [first, second] = await turns();
    expect(await bulkBatch(host(), { ...ids(act.id), turn: first })).toEqual({ isOver: true, waitMs: 0 });
    expect(await messagesOf(act.id)).toEqual([]);
    await bulkBatch(host(), { ...ids(act.id), turn: second });
    expect(await messagesOf(act.id)).toEqual(received);
  });

  test("one that cannot go on is paused with the reason, and one that nobody looks after is asked for again", async () => {
    await failed(1);
    const act = await start({ kind: "rerun", of: { target: "messages" } });
    await giveUpBulk(host(), ids(act.id));
    expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({ state: "paused" });
    await resumeBulk(clinic.ctx, act.id);
    expect((await getBulkAct(clinic.ctx, act.id)).problem).toBeNull();
    const asked = () =>
      database.query("select 1 from outbox where event = 'bulk/requested' and data->>'actId' = $1", [act.id]);
    const before = (await asked()).length;
    await askForgottenBulk(host());
    expect(await asked()).toHaveLength(before);
    await database.query(
      "update bulk_acts set beat_at = now() - interval '3 minutes', next_at = now() - interval '3 minutes' where id = $1",
      [act.id],
    );
    await askForgottenBulk(host());
    await askForgottenBulk(host());
    expect(await asked()).toHaveLength(before + 1);
  });
});

describe("the preview", () => {
  test("counts, shows the first, says what would be done a second time and what cannot be done; changes nothing", async () => {
    const [first = ""] = await failed(2);
    const unmatched = await clinic.receive({ form: "other" });
    const preview = await previewBulk(clinic.ctx, { kind: "rerun", of: { target: "messages" } });
    expect(preview).toMatchObject({ count: 3, isMore: false, looked: 3, runs: 2 });
    expect(preview.sample[0]).toMatchObject({ id: first, summary: '{"form":"visit","n":0}' });
    expect(preview.succeeded.map(({ jobName, times }) => [jobName, times])).toEqual([["Referral", 2]]);
    expect(preview.refusals.map(({ reason, count }) => [reason, count])).toEqual([["unmatched", 1]]);
    const others = [
      { kind: "reprocess" as const, of: { target: "messages" as const, ids: [unmatched] } },
      { kind: "cancel" as const, of: { target: "runs" as const } },
      { kind: "release" as const, of: { target: "rejected" as const } },
    ];
    const counts = [];
    for (const other of others) counts.push((await previewBulk(clinic.ctx, other)).count);
    expect(counts).toEqual([1, 2, 0]);
    expect((await listRuns(clinic.ctx, {})).items).toHaveLength(2);
    expect((await listBulkActs(clinic.ctx)).items).toEqual([]);
  });
});

describe("who may", () => {
  test("viewers see acts and change nothing; strangers see none", async () => {
    await failed(1);
    const input = { name: "a", kind: "rerun", of: { target: "messages" } } as const;
    const viewer = clinic.as("viewer");
    await expectRefusal(startBulk(viewer, input), "forbidden");
    await expectRefusal(previewBulk(viewer, { kind: "cancel", of: { target: "runs" } }), "forbidden");
    const act = await startBulk(clinic.as("editor"), input);
    const stranger = await createClinic();
    for (const verb of [pauseBulk, resumeBulk, abortBulk, undoBulk]) {
      await expectRefusal(verb(viewer, act.id), "forbidden");
      await expectRefusal(verb(stranger.ctx, act.id), "not_found");
    }
    expect((await listBulkActs(viewer)).items.map(({ id }) => id)).toEqual([act.id]);
    await expectRefusal(getBulkAct(stranger.ctx, act.id), "not_found");
    await expectRefusal(listBulkRefusals(stranger.ctx, { id: act.id }), "not_found");
    await expectRefusal(getBulkAct(clinic.ctx, randomUUID()), "not_found");
    expect((await listBulkActs(stranger.ctx)).items).toEqual([]);
    expect((await listRuns(stranger.ctx, { bulk: act.id })).items).toEqual([]);
    await carryOutBulk(host(), { actId: act.id, projectId: stranger.project.id }, 100);
    expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({ state: "running", runs: 0 });
  });
});
