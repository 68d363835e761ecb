import { beforeAll, describe, expect, test } from "vitest";
import type { LogLine } from "@/lib/runner/contract";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectRefusal } from "@/lib/testing/fixtures";
import { logLevels } from "@/lib/words";
import { listLogs } from "./logs";
import { getMessageState, getStepInput, getStepOutput } from "./payloads";

const database = testDatabase();
let clinic: Clinic;
let messageId: string;
let steps: Record<string, string>;

const texts = ["first", "50 % done", "snake_case", "C:\\temp", "Fifth LINE"];
const lines: LogLine[] = texts.map((message, seq) => ({
  seq,
  at: Date.UTC(2026, 0, 1, 0, 0, seq),
  level: logLevels[seq] ?? "info",
  source: "JOB",
  message,
}));

beforeAll(async () => {
  clinic = await createClinic();
  messageId = await clinic.receive({ form: "visit", name: "Ada" });
  await clinic.execute(messageId, ({ job }) => ({ output: JSON.stringify({ data: job.name }) }), lines);
  const found = await database.query<{ id: string; job_name: string }>(
    "select id, job_name from steps where message_id = $1",
    [messageId],
  );
  steps = Object.fromEntries(found.map((row) => [row.job_name, row.id]));
});

const referral = () => steps.Referral ?? "";
const seqs = async (input: Parameters<typeof listLogs>[2]) =>
  (await listLogs(clinic.ctx, referral(), input)).items.map((line) => line.seq);

describe("a step's log", () => {
  test("is whole and in order", async () => {
    const { items, nextAfter } = await listLogs(clinic.ctx, referral(), {});
    expect(items).toEqual(lines.map((line) => ({ ...line, at: new Date(line.at).toISOString() })));
    expect(nextAfter).toBeNull();
  });

  test("goes on after a line: each once, until there is no more", async () => {
    const seen: number[] = [];
    let after: number | null = -1;
    while (after !== null) {
      const page: Awaited<ReturnType<typeof listLogs>> = await listLogs(clinic.ctx, referral(), {
        after,
        limit: 2,
      });
      seen.push(...page.items.map((line) => line.seq));
      after = page.nextAfter;
    }
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    expect(await seqs({ after: 2 })).toEqual([3, 4]);
    expect(await seqs({ after: 4 })).toEqual([]);
    expect(await listLogs(clinic.ctx, referral(), { limit: 5 })).toMatchObject({ nextAfter: null });
    expect(await listLogs(clinic.ctx, referral(), { limit: 4 })).toMatchObject({ nextAfter: 3 });
  });

  test("shows lines written since", async () => {
    const step = steps.Payment ?? "";
    expect((await listLogs(clinic.ctx, step, { after: 4 })).items).toEqual([]);
    await database.query(
      "insert into log_lines (step_id, seq, at, level, source, message) values ($1, 5, now(), 'info', 'JOB', 'late')",
      [step],
    );
    expect((await listLogs(clinic.ctx, step, { after: 4 })).items.map((line) => line.message)).toEqual([
      "late",
    ]);
  });

  test.each(logLevels.map((level, seq) => [level, seq] as const))("of level %s", async (level, seq) => {
    expect(await seqs({ level })).toEqual([seq]);
  });

  test("with a text, in which %, _ and \\ are characters", async () => {
    expect(await seqs({ text: "line" })).toEqual([4]);
    expect(await seqs({ text: "%" })).toEqual([1]);
    expect(await seqs({ text: "_" })).toEqual([2]);
    expect(await seqs({ text: "\\" })).toEqual([3]);
    expect(await seqs({ text: "a\u0000b" })).toEqual([]);
    expect(await seqs({ text: "i", level: "info" })).toEqual([]);
  });

  test("refuses what is no place in it", async () => {
    for (const input of [{ after: -2 }, { after: 1.5 }, { after: 3e9 }, { limit: 0 }, { limit: 10_001 }])
      await expect(seqs(input)).rejects.toMatchObject({ name: "ZodError" });
  });

  test("is read by a viewer and not by a stranger", async () => {
    expect((await listLogs(clinic.as("viewer"), referral(), {})).items).toHaveLength(5);
    const stranger = await createClinic();
    await expectRefusal(listLogs(stranger.ctx, referral(), {}), "not_found");
  });
});

describe("a step's payloads", () => {
  test("the input is the message, the output what the job returned", async () => {
    const input = JSON.parse((await getStepInput(clinic.ctx, referral())) ?? "null");
    expect(input.data).toEqual({ form: "visit", name: "Ada" });
    expect(await getStepOutput(clinic.ctx, referral())).toBe('{"data":"Referral"}');
    expect(await getMessageState(clinic.ctx, messageId)).toBe(await getStepInput(clinic.ctx, referral()));
  });

  test("a stranger gets none", async () => {
    const stranger = await createClinic();
    await expectRefusal(getStepInput(stranger.ctx, referral()), "not_found");
    await expectRefusal(getStepOutput(stranger.ctx, referral()), "not_found");
    expect(await getMessageState(stranger.ctx, messageId)).toBeNull();
  });

  test("a wiped one is null", async () => {
    await database.query("update dataclips set body = null, wiped_at = now() where project_id = $1", [
      clinic.project.id,
    ]);
    expect(await getStepOutput(clinic.ctx, referral())).toBeNull();
  });
});
