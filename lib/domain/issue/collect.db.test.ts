import { beforeEach, describe, expect, test, vi } from "vitest";
import { rerunMessage, rerunRun } from "@/lib/domain/run/rerun";
import { write } from "@/lib/domain/write";
import { limits } from "@/lib/limits";
import { openWorkOrder } from "@/lib/queue/queue";
import { type Clinic, createClinic, elevenSecondsLater, renameWorkflow } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { addTestMember } from "@/lib/testing/fixtures";
import { Killed, mortal } from "@/lib/testing/mortal";
import { failure } from "@/lib/testing/scripted-runner";
import { toldStatuses } from "@/lib/words";
import { collectIssues } from "./collect";
import { collect, fail } from "./testing";

/** The collector is everybody's. */
const database = await ownTestDatabase();
let clinic: Clinic;
beforeEach(async () => {
  clinic = await createClinic();
});

type Issue = {
  id: string;
  title: string;
  errorType: string;
  jobName: string | null;
  state: string;
  count: number;
  returned: number;
  byWhom: string | null;
};
const issuesOf = ({ project }: Clinic) =>
  database.query<Issue>(
    `select id, title, error_type as "errorType", job_name as "jobName", state, count, returned, changed_by_label as "byWhom"
     from issues where project_id = $1 order by title collate "C", error_type, job_name`,
    [project.id],
  );
const only = async (of = clinic): Promise<Issue> => {
  const [issue, ...others] = await issuesOf(of);
  expect(others).toEqual([]);
  if (!issue) throw new Error("There is no issue.");
  return issue;
};
const unhealed = async (issueId: string) =>
  (await database.query("select 1 from issue_orders where issue_id = $1 and healed_at is null", [issueId]))
    .length;
const told = async ({ project }: Clinic) =>
  (
    await database.query<{ key: string }>(
      "select key from notices where project_id = $1 and kind = 'issue' order by id",
      [project.id],
    )
  ).map(({ key }) => key.split(":")[2]);
const uncollected = () =>
  database.query("select 1 from runs where issue_id is null and state = any($1)", [[...toldStatuses]]);
const setState = (id: string, state: string, more = "") =>
  database.query(
    `update issues set state = $2, changed_by_label = 'ada', changed_at = clock_timestamp()${more} where id = $1`,
    [id, state],
  );
const again = async (message: string, script: Parameters<Clinic["execute"]>[1] = () => ({})) => {
  await elevenSecondsLater(message);
  await rerunMessage(clinic.ctx, { messageId: message, jobId: clinic.jobs.hooked });
  await clinic.execute(message, script);
};

describe("what failed", () => {
  test("of one cause is one issue, however often it is collected and by however many at once", async () => {
    for (let n = 0; n < 9; n++) await fail(clinic, `Patient P-100${n} was not found`);
    await Promise.all([collect(), collect(), collect()]);
    await collect();
    const issue = await only();
    expect(issue).toMatchObject({
      ...{ title: "Patient P-{number} was not found", errorType: "JobError", jobName: "Hooked" },
      ...{ state: "open", count: 9, returned: 0 },
    });
    expect(await unhealed(issue.id)).toBe(9);
    expect(await uncollected()).toEqual([]);
    const days = await database.query("select count from issue_days where issue_id = $1", [issue.id]);
    expect(days).toEqual([{ count: 9 }]);
  });

  test("in batches of any size comes to the same, and each once although a batch fails in the middle, which keeps no other project waiting", async () => {
    for (let n = 0; n < 5; n++) await fail(clinic, n % 2 === 0 ? "even" : "odd");
    await database.query(
      `create function break_it() returns trigger language plpgsql as $$ begin raise 'broken'; end $$`,
    );
    await database.query(
      `create trigger breaks before insert on issue_days for each row when (new.project_id = '${clinic.project.id}') execute function break_it()`,
    );
    const other = await createClinic();
    await fail(other);
    await collect();
    expect(await issuesOf(other)).toHaveLength(1);
    expect(await issuesOf(clinic)).toEqual([]);
    await database.query("drop function break_it cascade");
    await collectIssues({ db: database.db, announce: () => {} }, { budgetMs: 60_000, runsAtOnce: 2 });
    const found = await issuesOf(clinic);
    expect(found.map(({ title, count }) => [title, count])).toEqual([
      ["even", 3],
      ["odd", 2],
    ]);
  });

  test("of every project has its turn, also where time is over after the first of them each time", async () => {
    await collect();
    const idOf = ({ project: { id } }: Clinic) => id;
    const [busy = clinic, other = clinic] = [clinic, await createClinic()].sort((a, b) =>
      idOf(a) < idOf(b) ? -1 : 1,
    );
    for (let n = 0; n < 25; n++) await fail(busy);
    await fail(other);
    vi.spyOn(console, "error").mockImplementation(() => {});
    for (let n = 0; n < 24; n++) {
      let turns = 0;
      const now = () => {
        if (turns++ > 0) throw new Error("Time is over.");
        return new Date();
      };
      await collectIssues({ db: database.db, announce: () => {} }, { budgetMs: 60_000, runsAtOnce: 1, now });
    }
    vi.restoreAllMocks();
    expect(await issuesOf(other)).toHaveLength(1);
    await collect();
  });

  test("is collected although issues of somebody else cannot be woken", async () => {
    await fail(clinic);
    await collect();
    await setState((await only()).id, "ignored", ", ignored_until = now() - interval '1 hour'");
    await database.query(
      `create function break_it() returns trigger language plpgsql as $$ begin raise 'broken'; end $$`,
    );
    await database.query(
      `create trigger breaks before update on issues for each row when (new.project_id = '${clinic.project.id}') execute function break_it()`,
    );
    const other = await createClinic();
    await fail(other);
    vi.spyOn(console, "error").mockImplementation(() => {});
    await collect();
    vi.restoreAllMocks();
    await database.query("drop function break_it cascade");
    expect(await issuesOf(other)).toHaveLength(1);
  });

  test("is counted once although whoever collects dies at every single statement", async () => {
    for (let n = 0; n < 9; n++) await fail(clinic, `Patient ${n} failed`);
    vi.spyOn(console, "error").mockImplementation(() => {});
    for (let survives = 0; survives < 40; survives++)
      await collectIssues(
        { db: mortal(database, survives).db, announce: () => {} },
        { budgetMs: 60_000, runsAtOnce: 4 },
      ).catch((error) => expect(error).toBeInstanceOf(Killed));
    vi.restoreAllMocks();
    await collect();
    expect(await only()).toMatchObject({ count: 9 });
    expect(await told(clinic)).toEqual(["new"]);
  });

  test("in another job, of another type, with another message, or in another project is another", async () => {
    const other = await createClinic();
    await fail(clinic, "no", "JobError");
    await fail(clinic, "no", "TimeoutError");
    await fail(clinic, "yes", "JobError");
    await fail(other, "no", "JobError");
    const visit = await clinic.receive({ form: "visit" });
    await clinic.execute(visit, ({ job }) => (job.name === "Referral" ? failure("JobError", "no") : {}));
    await collect();
    expect(
      (await issuesOf(clinic)).map(({ jobName, errorType, title }) => [jobName, errorType, title]),
    ).toEqual([
      ["Hooked", "JobError", "no"],
      ["Referral", "JobError", "no"],
      ["Hooked", "TimeoutError", "no"],
      ["Hooked", "JobError", "yes"],
    ]);
    expect(await issuesOf(other)).toHaveLength(1);
  });

  test("counts each branch of its run, and not a failure that another step handled", async () => {
    const visit = await clinic.receive({ form: "visit" });
    await clinic.execute(visit, ({ job }) => (job.name === "Payment" ? failure("JobError", "handled") : {}));
    await collect();
    expect(await issuesOf(clinic)).toEqual([]);
    const both = await clinic.receive({ form: "visit" });
    await clinic.execute(both, ({ job: { name } }) =>
      name === "Payment" ? {} : failure("JobError", `${name} broke`),
    );
    const three = await clinic.receive({ form: "visit" });
    await clinic.execute(three, ({ job: { name } }) => failure("JobError", `${name} broke`));
    await collect();
    expect((await issuesOf(clinic)).map(({ title, count }) => [title, count]).sort()).toEqual([
      ["Notify broke", 1],
      ["Referral broke", 2],
    ]);
  });

  test("without a job is one, too: lost, killed before its first step, an input that is gone", async () => {
    for (const state of toldStatuses) {
      const id = await clinic.receive({}, { to: clinic.triggers.hook });
      await database.query(
        "update runs set state = $2, error_type = null, error_message = 'gone', finished_at = now() where message_id = $1",
        [id, state],
      );
    }
    await collect();
    expect(
      (await issuesOf(clinic)).map(({ jobName, errorType, title }) => [jobName, errorType, title]),
    ).toEqual([...toldStatuses].sort().map((state) => [null, state, "gone"]));
  });

  test("is none when it was cancelled or rejected", async () => {
    for (const state of ["cancelled", "rejected"]) {
      const id = await clinic.receive({}, { to: clinic.triggers.hook });
      await database.query("update runs set state = $2, finished_at = now() where message_id = $1", [
        id,
        state,
      ]);
    }
    await collect();
    expect(await issuesOf(clinic)).toEqual([]);
  });

  test("stays one issue through an edit of the job and its workflow", async () => {
    await fail(clinic);
    await collect();
    await renameWorkflow(clinic, clinic.workflows.hook, "Another name");
    await database.query("update jobs set body = 'fn(s => ({ ...s }))' where id = $1", [clinic.jobs.hooked]);
    await fail(clinic);
    await collect();
    expect(await only()).toMatchObject({ count: 2 });
  });

  test("with ever another message is part of one issue for all others, once a job has 200", async () => {
    await fail(clinic);
    await database.query(
      `insert into issues (project_id, workflow_id, job_id, error_type, title, fingerprint, run_state, first_seen_at, last_seen_at, last_run_id)
       select $1, $2, $3, 'JobError', 'x' || n, 'x' || n, 'failed', now(), now(), uuid_v7() from generate_series(1, ${limits.issuesOfJob - 1}) n`,
      [clinic.project.id, clinic.workflows.hook, clinic.jobs.hooked],
    );
    await collect();
    for (const message of ["one more", "another", "no"]) await fail(clinic, message);
    await collect();
    const found = (await issuesOf(clinic)).filter(({ title }) => !title.startsWith("x"));
    expect(found.map(({ title, count }) => [title, count])).toEqual([
      ["Other errors, each with another message", 2],
      ["no", 2],
    ]);
  });

  test("whatever it says, and whatever cannot be stored of it, is collected", async () => {
    const odd = [
      "",
      "\u0000",
      "\ud800",
      "😀".repeat(400),
      "x".repeat(1_000_000),
      "\n\n",
      "{}",
      "$1 $2",
      "'; drop table issues",
    ];
    for (const message of odd) await fail(clinic, message, message.slice(0, 300) || "JobError");
    await collect();
    expect(await uncollected()).toEqual([]);
    expect((await issuesOf(clinic)).length).toBeGreaterThan(5);
  });

  test("is passed over while somebody holds it, and nobody waits", async () => {
    await fail(clinic);
    await fail(clinic);
    await database.transaction(async (sql) => {
      await sql.query(
        "select 1 from work_orders where project_id = $1 order by id limit 1 for no key update",
        [clinic.project.id],
      );
      await collect();
      expect(await only()).toMatchObject({ count: 1 });
    });
    await collect();
    expect(await only()).toMatchObject({ count: 2 });
  });
});

describe("people are told", () => {
  test("once of a new issue, and again when it has grown tenfold", async () => {
    for (let n = 0; n < 9; n++) {
      await fail(clinic);
      await collect();
    }
    expect(await told(clinic)).toEqual(["new"]);
    await fail(clinic);
    await collect();
    expect(await told(clinic)).toEqual(["new", "x10"]);
  });

  test("each who wants to hear, by the rules of the project", async () => {
    await addTestMember(clinic.project, "admin");
    await addTestMember(clinic.project, "viewer");
    await fail(clinic);
    await collect();
    expect(await told(clinic)).toEqual(["new", "new"]);
  });

  test("when it returns after it was resolved, and not of failures that are older than that", async () => {
    await fail(clinic);
    await collect();
    await fail(clinic);
    await setState((await only()).id, "resolved");
    await collect();
    expect(await only()).toMatchObject({ state: "resolved", count: 2, byWhom: "ada" });
    await fail(clinic);
    await collect();
    expect(await only()).toMatchObject({ state: "open", count: 3, returned: 1, byWhom: null });
    expect(await told(clinic)).toEqual(["new", "returned 1"]);
  });

  test("nothing while it is acknowledged, or ignored for ever", async () => {
    for (const state of ["acknowledged", "ignored"]) {
      const other = await createClinic();
      await fail(other);
      await collect();
      await setState((await only(other)).id, state);
      for (let n = 0; n < 12; n++) await fail(other);
      await collect();
      expect(await only(other)).toMatchObject({ state, count: 13, byWhom: "ada" });
      expect(await told(other)).toEqual(["new"]);
    }
  });

  test("when one that was ignored until a count has reached it", async () => {
    await fail(clinic);
    await collect();
    await setState((await only()).id, "ignored", ", ignored_until_count = 3");
    await fail(clinic);
    await collect();
    expect(await only()).toMatchObject({ state: "ignored" });
    await fail(clinic);
    await collect();
    expect(await only()).toMatchObject({ state: "open", count: 3, returned: 1 });
    expect(await told(clinic)).toEqual(["new", "returned 1"]);
  });

  test("with the next failure, when one was ignored until a day that is over, which opens it", async () => {
    await fail(clinic);
    await collect();
    await setState((await only()).id, "ignored", ", ignored_until = now() - interval '1 s'");
    await collect();
    expect(await only()).toMatchObject({ state: "open", returned: 1, byWhom: null });
    expect(await told(clinic)).toEqual(["new"]);
    await fail(clinic);
    await collect();
    expect(await told(clinic)).toEqual(["new", "returned 1"]);
  });

  test("nothing of what failed more than a day ago, which an upgrade finds", async () => {
    const old = await fail(clinic);
    await database.query("update runs set finished_at = now() - interval '25 hours' where message_id = $1", [
      old,
    ]);
    await collect();
    expect(await only()).toMatchObject({ state: "open", count: 1 });
    expect(await told(clinic)).toEqual([]);
    await fail(clinic);
    await collect();
    expect(await told(clinic)).toEqual(["new"]);
  });
});

describe("an issue resolves by itself", () => {
  test("when each that it affects has succeeded, and the next failure opens it again", async () => {
    const messages = [await fail(clinic), await fail(clinic)];
    await collect();
    await again(messages[0] ?? "");
    await collect();
    expect(await only()).toMatchObject({ state: "open" });
    expect(await unhealed((await only()).id)).toBe(1);
    await again(messages[1] ?? "");
    await collect();
    expect(await only()).toMatchObject({ state: "resolved", byWhom: null });
    await fail(clinic);
    await collect();
    expect(await only()).toMatchObject({ state: "open", count: 3, returned: 1 });
    expect(await told(clinic)).toEqual(["new", "returned 1"]);
  });

  test("of what was collected after it had succeeded already", async () => {
    await again(await fail(clinic));
    await collect();
    expect(await only()).toMatchObject({ state: "resolved", count: 1 });
  });

  test("not when a rerun fails again, in the same way or another", async () => {
    const message = await fail(clinic, "no");
    await collect();
    await again(message, () => failure("JobError", "yes"));
    await collect();
    await again(message, () => failure("JobError", "no"));
    await collect();
    const found = await issuesOf(clinic);
    expect(found.map(({ title, state, count }) => [title, state, count])).toEqual([
      ["no", "open", 2],
      ["yes", "open", 1],
    ]);
    await again(message);
    await collect();
    expect((await issuesOf(clinic)).map(({ state }) => state)).toEqual(["resolved", "resolved"]);
  });

  test("not when a rerun of another job succeeds, and later when its own does", async () => {
    const visit = await clinic.receive({ form: "visit" });
    await clinic.execute(visit, ({ job }) => (job.name === "Referral" ? failure() : {}));
    await collect();
    await elevenSecondsLater(visit);
    await rerunMessage(clinic.ctx, { messageId: visit, jobId: clinic.jobs.payment });
    await clinic.execute(visit);
    await collect();
    expect(await only()).toMatchObject({ state: "open" });
    await elevenSecondsLater(visit);
    await rerunMessage(clinic.ctx, { messageId: visit, jobId: clinic.jobs.referral });
    await clinic.execute(visit);
    await collect();
    expect(await only()).toMatchObject({ state: "resolved" });
  });

  test("when the run from the start succeeds without the job, which is not there any more", async () => {
    const visit = await clinic.receive({ form: "visit" });
    await clinic.execute(visit, ({ job }) => (job.name === "Referral" ? failure() : {}));
    await collect();
    await database.query("update issues set job_id = gen_random_uuid() where project_id = $1", [
      clinic.project.id,
    ]);
    await elevenSecondsLater(visit);
    await rerunMessage(clinic.ctx, { messageId: visit });
    await clinic.execute(visit);
    await collect();
    expect(await only()).toMatchObject({ state: "resolved" });
  });

  test("when the message was processed anew by another work order, and succeeded", async () => {
    const message = await fail(clinic);
    await collect();
    const [order] = await database.query<{ id: string }>("select id from work_orders where message_id = $1", [
      message,
    ]);
    await elevenSecondsLater(message);
    const [run] = await database.query<{ snapshotId: string }>(
      `select snapshot_id as "snapshotId" from runs where message_id = $1`,
      [message],
    );
    const made = await write(clinic.ctx, "run.rerun", async (tx) => ({
      result: await openWorkOrder(tx, {
        projectId: clinic.project.id,
        workflowId: clinic.workflows.hook,
        snapshotId: run?.snapshotId ?? "",
        messageId: message,
        triggerId: clinic.triggers.hook,
      }),
      audit: null,
      changed: null,
    }));
    expect(made).not.toBe(order?.id);
    await rerunMessage(clinic.ctx, { messageId: message });
    await clinic.execute(message);
    await collect();
    expect(await only()).toMatchObject({ state: "resolved" });
  });

  test("of an acknowledged one, and not of one that is ignored", async () => {
    for (const [state, after] of [
      ["acknowledged", "resolved"],
      ["ignored", "ignored"],
    ] as const) {
      clinic = await createClinic();
      const message = await fail(clinic);
      await collect();
      await setState((await only()).id, state);
      await again(message);
      await collect();
      expect(await only()).toMatchObject({ state: after });
    }
  });

  test("also of work without a message", async () => {
    const message = await fail(clinic);
    await database.query(
      `with r as (update runs set message_id = null, dataclip_id = null where message_id = $1 returning id, work_order_id),
         s as (update steps set message_id = null from r where run_id = r.id)
       update work_orders set message_id = null from r where work_orders.id = r.work_order_id`,
      [message],
    );
    await collect();
    const [run] = await database.query<{ id: string; workOrderId: string; stepId: string }>(
      `select r.id, r.work_order_id as "workOrderId", s.id as "stepId" from runs r join steps s on s.run_id = r.id where r.project_id = $1`,
      [clinic.project.id],
    );
    expect(await only()).toMatchObject({ state: "open", count: 1 });
    const { runIds } = await rerunRun(clinic.ctx, { runId: run?.id ?? "", fromStepId: run?.stepId ?? "" });
    await database.query(
      `insert into steps (project_id, run_id, workflow_id, job_id, job_name, adaptor, ordinal, exit_reason, finished_at)
       select project_id, id, workflow_id, $2, 'Hooked', 'a', 0, 'success', now() from runs where id = $1`,
      [runIds[0], clinic.jobs.hooked],
    );
    await database.query(
      `with r as (update runs set state = 'success', finished_at = now() where id = $1 returning work_order_id)
       update work_orders set state = 'success' from r where id = r.work_order_id`,
      [runIds[0]],
    );
    await collect();
    expect(await only()).toMatchObject({ state: "resolved" });
  });
});
