import { beforeEach, describe, expect, test } from "vitest";
import { deleteOrders } from "@/lib/domain/retention/delete-orders";
import { wipeMessages, wipeSteps } from "@/lib/domain/retention/wipe";
import { getStepInput, getStepOutput, whyNoPayload } from "@/lib/domain/run/payloads";
import { rerunRun } from "@/lib/domain/run/rerun";
import { type Clinic, createClinic, elevenSecondsLater } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";

const database = testDatabase();
const state = '{"data":{"paid":1}}';
let clinic: Clinic;
let messageId: string;
beforeEach(async () => {
  clinic = await createClinic();
  messageId = await clinic.receive({ form: "visit" });
});

type Step = { id: string; runId: string; name: string; inputId: string | null; outputId: string | null };

const steps = () =>
  database.query<Step>(
    `select id, run_id as "runId", job_name as name, input_dataclip_id as "inputId", output_dataclip_id as "outputId" from steps
     where message_id = $1 and project_id = $2 order by id`,
    [messageId, clinic.project.id],
  );
const named = async (name: string) => {
  const found = (await steps()).findLast((step) => step.name === name);
  if (!found) throw new Error(`There is no step ${name}.`);
  return found;
};
const count = async () =>
  (
    await database.query<{ n: number }>("select count(*)::int as n from dataclips where project_id = $1", [
      clinic.project.id,
    ])
  )[0]?.n;

/** Payment fails with a state, Notify follows it; both others return what they began with. */
const execute = (notify: (input: string) => object = () => ({})) =>
  clinic.execute(messageId, ({ job, input }) => {
    if (job.id === clinic.jobs.payment)
      return { reason: "fail", output: state, error: { type: "JobError", message: "No" } };
    return { output: input, ...(job.id === clinic.jobs.notify ? notify(input) : {}) };
  });

describe("a job that returns what it began with", () => {
  test("has one stored state with the step before it, and each shows what it was", async () => {
    await execute();
    const [payment, notify, referral] = [
      await named("Payment"),
      await named("Notify"),
      await named("Referral"),
    ];
    expect(notify.inputId).toBe(payment.outputId);
    expect(notify.outputId).toBe(payment.outputId);
    expect(await count()).toBe(2);
    for (const { id } of [payment, notify]) expect(await getStepOutput(clinic.ctx, id)).toBe(state);
    // A message is kept for its own days, so what was made of one is kept apart.
    expect(await getStepOutput(clinic.ctx, referral.id)).toBe(await getStepInput(clinic.ctx, referral.id));
    expect(referral.outputId).not.toBeNull();
  });

  test.each([
    ["another text of the same state", { output: '{"data": {"paid":1}}' }],
    ["something else of as many bytes", { output: '{"data":{"paid":2}}' }],
    ["a state with a secret", { shown: { text: '{"data":{"paid":"*"}}', hidden: ["1"] } }],
    ["nothing", { output: null }],
  ])("and not when it returns %s", async (_, returned) => {
    await execute(() => returned);
    const [payment, notify] = [await named("Payment"), await named("Notify")];
    expect(notify.outputId).not.toBe(payment.outputId);
    expect(await getStepOutput(clinic.ctx, payment.id)).toBe(state);
  });

  test("outlives the message, and the state of an earlier run that it began with", async () => {
    await execute();
    const { runId } = await named("Notify");
    await elevenSecondsLater(messageId);
    await rerunRun(clinic.ctx, { runId, fromStepId: (await named("Notify")).id });
    await execute();
    const [before, after] = [(await steps()).find(({ name }) => name === "Notify"), await named("Notify")];
    expect(after.inputId ?? before?.outputId).toBe(before?.outputId);
    expect(after.outputId).not.toBe(before?.outputId);
    const wiping = { projectId: clinic.project.id, why: "retention" as const };
    await database.transaction((sql) => wipeMessages(sql, wiping, [messageId]));
    await database.transaction((sql) => wipeSteps(sql, wiping, [before?.id ?? ""], { logs: false }));
    expect(await getStepOutput(clinic.ctx, after.id)).toBe(state);
    expect(await getStepOutput(clinic.ctx, before?.id ?? "")).toBeNull();
    expect((await whyNoPayload(clinic.ctx, before?.id ?? "", "output")).message).toContain(
      "wiped by retention",
    );
  });

  test("leaves nothing behind when its work order goes", async () => {
    await execute();
    const orders = await database.query<{ id: string }>("select id from work_orders where message_id = $1", [
      messageId,
    ]);
    await database.transaction((sql) =>
      deleteOrders(
        sql,
        { projectId: clinic.project.id },
        orders.map(({ id }) => id),
      ),
    );
    expect(await count()).toBe(0);
  });
});
