import { expect, test } from "vitest";
import { listRuns } from "@/lib/domain/run/list";
import { createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { getMessage } from "./get";
import { listJobStates } from "./job-states";
import { listMessages } from "./list";

test("of many jobs a row names what needs attention first and counts the rest, and pages have each once", async () => {
  const { ctx, jobs, ...clinic } = await createClinic();
  const id = await clinic.receive({ form: "visit" });
  await clinic.execute(id, ({ job }) =>
    job.name === "Payment" ? { reason: "fail", error: { type: "JobError", message: "no" } } : {},
  );
  await testDatabase().query(
    `insert into job_states (message_id, job_id, project_id, workflow_id, job_name, result, exit_reason, running_steps, created_at)
     select message_id, gen_random_uuid(), project_id, workflow_id, 'Job ' || n, case when n % 80 = 0 then 'in_progress' else 'success' end,
       case when n % 80 <> 0 then 'success' end, case when n % 80 = 0 then 1 else 0 end, created_at + n * interval '1 second'
     from job_states, generate_series(1, 197) n where message_id = $1 and job_id = $2`,
    [id, jobs.referral],
  );
  const [row] = (await listMessages(ctx, {})).items;
  expect(row?.jobStates.map(({ jobName }) => jobName)).toEqual([
    "Payment",
    "Job 80",
    "Job 160",
    "Job 195",
    "Job 196",
    "Job 197",
  ]);
  const totals = { failure: 0, handled: 1, in_progress: 2, success: 197 };
  expect(row?.jobTotals).toEqual(totals);
  const receipt = await getMessage(ctx, id);
  expect(receipt).toMatchObject({
    jobTotals: totals,
    jobStates: expect.arrayContaining(row?.jobStates ?? []),
  });
  expect(receipt.jobStates).toHaveLength(50);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listJobStates>> = await listJobStates(ctx, id, {
      limit: 60,
      ...(cursor ? { cursor } : {}),
    });
    seen.push(...page.items.map(({ jobId }) => jobId));
    cursor = page.nextCursor;
  } while (cursor);
  expect(seen).toHaveLength(200);
  expect(new Set(seen).size).toBe(200);
});

test("of many workflows that wait a row names the first, and counts them", async () => {
  const { ctx, ...clinic } = await createClinic();
  const id = await clinic.receive({ form: "visit" });
  await testDatabase().query(
    `insert into work_orders (id, project_id, workflow_id, message_id, snapshot_id, trigger_id, state)
     select gen_random_uuid(), project_id, workflow_id, message_id, snapshot_id, trigger_id, state from work_orders, generate_series(1, 99)
     where message_id = $1`,
    [id],
  );
  const [row] = (await listMessages(ctx, {})).items;
  expect(row?.waiting).toHaveLength(6);
  expect(row).toMatchObject({ waitingTotal: 100, unmatched: false });
});

test("of many steps a run's row names what needs attention first, in order, and counts them", async () => {
  const { ctx, ...clinic } = await createClinic();
  const id = await clinic.receive({ form: "visit" });
  await clinic.execute(id, ({ job }) =>
    job.name === "Payment" ? { reason: "fail", error: { type: "JobError", message: "no" } } : {},
  );
  const [run] = (await listRuns(ctx, {})).items;
  expect(run).toMatchObject({ stepTotal: run?.steps.length });
  await testDatabase().query(
    `insert into steps (id, run_id, project_id, workflow_id, ordinal, job_id, job_name, adaptor, exit_reason, started_at, finished_at)
     select gen_random_uuid(), run_id, project_id, workflow_id, 100 + n, job_id, 'Step ' || n, adaptor, 'success', started_at, finished_at
     from steps, generate_series(1, 200) n where run_id = $1 and ordinal = (select min(ordinal) from steps where run_id = $1)`,
    [run?.id],
  );
  const [many] = (await listRuns(ctx, {})).items;
  expect(many?.stepTotal).toBe(200 + (run?.steps.length ?? 0));
  expect(many?.steps.map(({ jobName }) => jobName)).toEqual([
    "Payment",
    ...Array.from({ length: 11 }, (_, n) => `Step ${190 + n}`),
  ]);
});
