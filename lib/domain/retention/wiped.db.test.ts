import { beforeAll, describe, expect, test } from "vitest";
import { bulkBatch } from "@/lib/domain/bulk/batch";
import { getBulkAct } from "@/lib/domain/bulk/get";
import { startBulk } from "@/lib/domain/bulk/start";
import { listRecentInputs } from "@/lib/domain/dataclip/recent";
import { getMessageBody } from "@/lib/domain/message/body";
import { getMessage } from "@/lib/domain/message/get";
import { listMessages } from "@/lib/domain/message/list";
import { getMessageMatching } from "@/lib/domain/message/matching";
import { readMessageAs } from "@/lib/domain/message/read-as";
import { resendMessage } from "@/lib/domain/message/resend";
import { getRun } from "@/lib/domain/run/get";
import { listLogs } from "@/lib/domain/run/logs";
import { whyNoPayload } from "@/lib/domain/run/payloads";
import { rerunMessage, rerunRun } from "@/lib/domain/run/rerun";
import { startRun } from "@/lib/domain/run/start";
import { type Clinic, createClinic, elevenSecondsLater } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectRefusal } from "@/lib/testing/fixtures";
import { wipeMessages, wipeSteps } from "./wipe";

let clinic: Clinic;
let id: string;
let runId: string;
let stepId: string;
const at = new Date(Date.now() + 7.5 * 86_400_000);
const said = `It was wiped by retention on ${at.toISOString().slice(0, 10)}, after 7 days.`;

beforeAll(async () => {
  const database = testDatabase();
  clinic = await createClinic();
  id = await clinic.receive({ form: "visit", patient: "Amina Diallo" });
  await clinic.execute(id, ({ job }) =>
    job.id === clinic.jobs.payment
      ? { reason: "fail", output: "{}", error: { type: "JobError", message: "No Amina" } }
      : { output: JSON.stringify({ data: "Amina" }) },
  );
  const steps = await database.query<{ id: string; runId: string; isPayment: boolean }>(
    `select id, run_id as "runId", job_id = $2 as "isPayment" from steps where message_id = $1`,
    [id, clinic.jobs.payment],
  );
  const payment = steps.find(({ isPayment }) => isPayment);
  runId = payment?.runId ?? "";
  stepId = payment?.id ?? "";
  await elevenSecondsLater(id);
  const wiping = { projectId: clinic.project.id, why: "retention" as const, at };
  await database.transaction(async (sql) => {
    await wipeMessages(sql, wiping, [id]);
    await wipeSteps(
      sql,
      wiping,
      steps.map((step) => step.id),
    );
  });
});

describe("what shows a wiped thing says so", () => {
  test("in the inbox and on the receipt", async () => {
    const [row] = (await listMessages(clinic.ctx, {})).items;
    expect(row).toMatchObject({ id, preview: "", wiped: { why: "retention", says: said } });
    const receipt = await getMessage(clinic.ctx, id);
    expect(receipt.wiped?.says).toBe(said);
    expect(JSON.stringify(receipt)).not.toContain("Amina");
    expect(receipt.jobStates).toHaveLength(3);
  });

  test("of a run's steps, with the error's type and no word of it", async () => {
    const run = await getRun(clinic.ctx, runId);
    const step = run.detailedSteps.find((one) => one.id === stepId);
    expect(step?.wiped?.says).toBe(said);
    expect(step?.error).toEqual({ type: "JobError", message: said });
    expect(JSON.stringify(run)).not.toContain("Amina");
    expect((await listLogs(clinic.ctx, stepId, {})).items).toEqual([]);
  });

  test("of an input and an output, with the size", async () => {
    for (const what of ["input", "output"] as const) {
      const refusal = await whyNoPayload(clinic.ctx, stepId, what);
      expect(refusal.message).toBe(`The ${what} of this step is not kept. ${said}`);
      expect(refusal.details).toEqual({ size: expect.any(Number) });
    }
  });
});

describe("nothing begins with it", () => {
  const refusals: [string, () => Promise<unknown>, "conflict" | "not_found"][] = [
    ["rerun of the message", () => rerunMessage(clinic.ctx, { messageId: id }), "conflict"],
    [
      "rerun of one job",
      () => rerunMessage(clinic.ctx, { messageId: id, jobId: clinic.jobs.referral }),
      "conflict",
    ],
    ["rerun of the run", () => rerunRun(clinic.ctx, { runId }), "conflict"],
    ["rerun from a step", () => rerunRun(clinic.ctx, { runId, fromStepId: stepId }), "conflict"],
    [
      "run by hand",
      () => startRun(clinic.ctx, { workflowId: clinic.workflows.hook, messageId: id }),
      "conflict",
    ],
    ["resend", () => resendMessage(clinic.ctx, { messageId: id, body: "{}" }), "conflict"],
    [
      "reading it in another way",
      () => readMessageAs(clinic.ctx, { messageId: id, format: "text" }),
      "conflict",
    ],
    ["comparison with filters", () => getMessageMatching(clinic.ctx, id), "conflict"],
    ["download", () => getMessageBody(clinic.ctx, id), "not_found"],
  ];
  test.each(refusals)("no %s, and the reason is said", async (_, work, code) => {
    const refusal = await expectRefusal(work(), code);
    expect(refusal.message).toContain(said);
  });

  test("it is not among the last inputs, and no search finds it", async () => {
    const { items } = await listRecentInputs(clinic.ctx, { workflowId: clinic.workflows.visit });
    expect(items).toEqual([]);
    expect((await listMessages(clinic.ctx, { text: "Amina" })).items).toEqual([]);
  });

  test.each(["rerun", "reprocess"] as const)(
    "a bulk %s lists it as wiped, and does the others",
    async (kind) => {
      const other = await clinic.receive({ form: "visit", patient: "Another" });
      await clinic.execute(other, () => ({ output: "{}" }));
      await elevenSecondsLater(other);
      const { id: actId } = await startBulk(clinic.ctx, {
        name: kind,
        kind,
        of: { target: "messages", ids: [id, other] },
      });
      const host = { db: clinic.ctx.db, announce: () => {} };
      for (let turn = 0; turn < 5; turn++) await bulkBatch(host, { actId, projectId: clinic.project.id });
      const act = await getBulkAct(clinic.ctx, actId);
      expect(act.refusals).toEqual([expect.objectContaining({ reason: "wiped", count: 1 })]);
      expect(act.runs).toBe(1);
    },
  );
});
