import { beforeAll, describe, expect, test } from "vitest";
import type { LogLine } from "@/lib/runner/contract";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { listRuns } from "./list";

const line = (message: string, seq: number): LogLine => ({
  seq,
  at: Date.now(),
  level: "info",
  source: "JOB",
  message,
});

async function found(clinic: Clinic, text: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await listRuns(clinic.ctx, { text, limit: 2, ...(cursor ? { cursor } : {}) });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor);
  return ids;
}

type Known = { id: string; messageId: string; workOrderId: string };

async function runOf(messageId: string): Promise<Known> {
  const [run] = await testDatabase().query<Known>(
    `select id, message_id as "messageId", work_order_id as "workOrderId" from runs where message_id = $1`,
    [messageId],
  );
  if (!run) throw new Error("The message has no run.");
  return run;
}

describe("runs are found by", () => {
  let clinic: Clinic;
  let other: Clinic;
  const runs: Known[] = [];

  beforeAll(async () => {
    [clinic, other] = [await createClinic(), await createClinic()];
    for (const n of [1, 2, 3]) {
      const message = await clinic.receive(`{"form":"visit","name":"Am\\u00e9lie ${n}","n":"Person${n}"}`);
      const isBad = n === 2;
      await clinic.execute(
        message,
        isBad
          ? () => ({ exitReason: "fail", error: { type: "JobError", message: "Bed 7 is taken" } })
          : undefined,
        [`funky-${n}`, "Été long", "x".repeat(1_100_000), `last words of ${n}`].map(line),
      );
      runs.push(await runOf(message));
    }
  });

  test.each<[string, string | ((run: Known[]) => string), number[]]>([
    ["a line of log", "funky-1", [1]],
    ["a line of log, in any case", "ÉTÉ", [3, 2, 1]],
    ["what a long log ends with", '"last words of 3"', [3]],
    ["an error", "bed 7", [2]],
    ["a type of error and a line of log", "joberror funky", [2]],
    ["their input", "person3", [3]],
    ["their input, decoded", "amélie", [3, 2, 1]],
    ["words of input and log", "person1 words", [1]],
    ["nothing that is there", "person1 funky-2", []],
    ["the beginning of their id", ([, , run]) => run?.id.slice(0, 23) ?? "", [3]],
    ["their message's id", ([run]) => run?.messageId ?? "", [1]],
    ["their work order's id", ([run]) => run?.workOrderId.toUpperCase() ?? "", [1]],
  ])("%s", async (_, text, numbers) => {
    const search = typeof text === "string" ? text : text(runs);
    expect(await found(clinic, search)).toEqual(numbers.map((n) => runs[n - 1]?.id));
    expect(await found(other, search)).toEqual([]);
  });

  test("which say where", async () => {
    const { items } = await listRuns(clinic.ctx, { text: "bed" });
    expect(items[0]?.excerpt).toContain("Bed 7 is taken");
    expect((await listRuns(clinic.ctx, {})).items[0]?.excerpt).toBeUndefined();
  });

  test("within the rest of the filter", async () => {
    const { items } = await listRuns(clinic.ctx, { text: "amélie", workflow: clinic.workflows.hook });
    expect(items).toEqual([]);
  });
});

test("what was handed on without being shown is not searched", async () => {
  const clinic = await createClinic();
  const run = await runOf(await clinic.receive({ form: "visit" }));
  const { query } = testDatabase();
  const [clip] = await query<{ id: string }>(
    `insert into dataclips (project_id, type, body, sealed, size) values ($1, 'saved_input', '{"pin":"***"}', 'hunter2', 10) returning id`,
    [clinic.project.id],
  );
  await query("update runs set dataclip_id = $2 where id = $1", [run.id, clip?.id]);
  expect(await found(clinic, "pin")).toEqual([run.id]);
  expect(await found(clinic, "hunter2")).toEqual([]);
});
