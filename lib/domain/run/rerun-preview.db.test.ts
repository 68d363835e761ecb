import { beforeEach, describe, expect, test } from "vitest";
import { type Clinic, createClinic, elevenSecondsLater, renameWorkflow } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectRefusal } from "@/lib/testing/fixtures";
import { failure } from "@/lib/testing/scripted-runner";
import { getRun } from "./get";
import { listRuns } from "./list";
import { rerunMessage } from "./rerun";
import { getMessageRerun, getRunRerun } from "./rerun-preview";

const database = testDatabase();
let clinic: Clinic;
let messageId: string;

const sentTo = (host: string, bytesSent = 10, refused?: string) => ({
  host,
  port: 443,
  address: "192.0.2.1",
  bytesSent,
  bytesReceived: 5,
  durationMs: 1,
  ...(refused ? { refused } : {}),
});
const referred = {
  connections: [
    sentTo("register.example.org"),
    sentTo("register.example.org"),
    sentTo("silent.example.org", 0),
    sentTo("evil.example.org", 10, "not allowed"),
  ],
};
const paymentFails = ({ job }: { job: { name: string } }) =>
  job.name === "Payment" ? failure() : job.name === "Referral" ? referred : {};
const names = async (asked: Parameters<typeof getMessageRerun>[1]) =>
  (await getMessageRerun(clinic.ctx, asked)).succeeded.map(({ jobName, times, hosts }) => [
    jobName,
    times,
    hosts,
  ]);

/** From now on Notify follows a payment that succeeds, not one that fails. */
const notifyOnSuccess = () =>
  database.query(
    "update snapshots set graph = replace(graph::text, 'on_job_failure', 'on_job_success')::jsonb where workflow_id = $1",
    [clinic.workflows.visit],
  );

beforeEach(async () => {
  clinic = await createClinic();
  messageId = await clinic.receive({ form: "visit" });
});

describe("what a rerun would do a second time", () => {
  test("is nothing before anything ran, but a run that waits is told of", async () => {
    expect(await getMessageRerun(clinic.ctx, { messageId })).toEqual({
      succeeded: [],
      unfinishedRuns: 1,
      versions: [],
    });
    const byHand = { messageId, workflowId: clinic.workflows.hook };
    expect(await getMessageRerun(clinic.ctx, byHand)).toEqual({
      succeeded: [],
      unfinishedRuns: 0,
      versions: [],
    });
  });

  test("names the jobs that succeeded, how often, and the hosts that they sent to", async () => {
    await clinic.execute(messageId, paymentFails);
    expect(await names({ messageId })).toEqual([["Referral", 1, ["register.example.org"]]]);
    expect(await names({ messageId, jobId: clinic.jobs.referral })).toEqual([
      ["Referral", 1, ["register.example.org"]],
    ]);
    await elevenSecondsLater(messageId);
    await rerunMessage(clinic.ctx, { messageId, jobId: clinic.jobs.referral });
    await clinic.execute(messageId, paymentFails);
    expect(await names({ messageId })).toEqual([["Referral", 2, ["register.example.org"]]]);
  });

  test("names the versions of workflows that have changed since, whichever it would run on", async () => {
    await clinic.execute(messageId, paymentFails);
    const { workflowId = "", id: runId = "" } = (await listRuns(clinic.ctx, {})).items[0] ?? {};
    expect((await getRunRerun(clinic.ctx, { runId })).versions).toEqual([]);
    await renameWorkflow(clinic, workflowId, "Visit, changed");
    const changed = [{ workflowId, workflowName: "Visit, changed", original: 1, latest: 2 }];
    for (const version of ["latest", "original"] as const) {
      expect((await getRunRerun(clinic.ctx, { runId, version })).versions).toEqual(changed);
      const ofJob = { messageId, jobId: clinic.jobs.payment, version };
      expect((await getMessageRerun(clinic.ctx, ofJob)).versions).toEqual(changed);
      expect((await getMessageRerun(clinic.ctx, { messageId, version })).versions).toEqual(changed);
    }
    const byHand = { messageId, workflowId: clinic.workflows.hook };
    expect((await getMessageRerun(clinic.ctx, byHand)).versions).toEqual([]);
  });

  test("of a job that failed is what succeeded after it, in whatever run", async () => {
    await clinic.execute(messageId, paymentFails);
    expect(await names({ messageId, jobId: clinic.jobs.payment })).toEqual([]);
    await notifyOnSuccess();
    expect(await names({ messageId, jobId: clinic.jobs.payment })).toEqual([["Notify", 1, []]]);
    await database.query("update steps set exit_reason = 'fail' where job_id = $1", [clinic.jobs.notify]);
    expect(await names({ messageId, jobId: clinic.jobs.payment })).toEqual([]);
  });

  test("of a run, and from one of its steps on, looks at every attempt", async () => {
    await clinic.execute(messageId, paymentFails);
    await elevenSecondsLater(messageId);
    const { runIds } = await rerunMessage(clinic.ctx, { messageId });
    await clinic.execute(messageId, () => failure());
    await notifyOnSuccess();
    const runId = runIds[0] ?? "";
    const again = await getRunRerun(clinic.ctx, { runId });
    expect(again.succeeded.map((job) => job.jobName)).toEqual(["Notify", "Referral"]);
    const { detailedSteps } = await getRun(clinic.ctx, runId);
    const fromStepId = detailedSteps.find((step) => step.jobName === "Payment")?.id;
    const fromPayment = await getRunRerun(clinic.ctx, { runId, fromStepId });
    expect(fromPayment.succeeded.map((job) => job.jobName)).toEqual(["Notify"]);
  });

  test("changes nothing, and is refused where a rerun is", async () => {
    const stranger = await createClinic();
    await expectRefusal(getMessageRerun(stranger.ctx, { messageId }), "not_found");
    await expectRefusal(getMessageRerun(clinic.as("viewer"), { messageId }), "forbidden");
    const theirs = await stranger.receive({ form: "visit" });
    expect((await getMessageRerun(stranger.ctx, { messageId: theirs })).unfinishedRuns).toBe(1);
    const unmatched = await clinic.receive({ form: "other" });
    await expectRefusal(getMessageRerun(clinic.ctx, { messageId: unmatched }), "invalid");
    await getMessageRerun(clinic.ctx, { messageId: unmatched, workflowId: clinic.workflows.hook });
    expect((await listRuns(clinic.ctx, {})).items).toHaveLength(1);
  });
});
