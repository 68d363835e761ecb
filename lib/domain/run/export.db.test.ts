import { expect, test } from "vitest";
import { createClinic } from "@/lib/testing/clinic";
import { expectRefusal } from "@/lib/testing/fixtures";
import { exportRuns } from "./export";
import { listRuns } from "./list";

const linesOf = (csv: string) => csv.replace("\uFEFF", "").trimEnd().split("\r\n");

test("the activity history is had as CSV: every run that the filter finds, newest first, and nobody else's", async () => {
  const [clinic, other] = [await createClinic(), await createClinic()];
  for (let n = 0; n < 3; n++) await clinic.execute(await clinic.receive({ form: "visit" }));
  await other.receive({ form: "visit" });
  const { items } = await listRuns(clinic.ctx, {});
  const { csv, nextCursor } = await exportRuns(clinic.ctx, {});
  const [head, ...lines] = linesOf(csv);
  expect(head).toBe(
    "run,state,workflow,steps,error_type,error_message,created_at,started_at,finished_at,message,work_order",
  );
  expect(lines.map((line) => line.split(",")[0])).toEqual(items.map(({ id }) => id));
  expect(lines[0]).toContain("Referral: success; Payment: success");
  expect(nextCursor).toBeNull();
  expect(linesOf((await exportRuns(clinic.ctx, { state: "failed" })).csv)).toEqual([head]);
  expect(linesOf((await exportRuns(clinic.ctx, { workflow: other.workflows.visit })).csv)).toEqual([head]);
  await exportRuns({ ...clinic.ctx, role: "viewer" }, {});
});

test.each([
  ["runs", { runs: 1, characters: 1_000_000, pageSize: 1 }],
  ["characters", { runs: 100, characters: 10, pageSize: 1 }],
])("a file has bounds of %s, and the next one goes on where it ended", async (_, bounds) => {
  const clinic = await createClinic();
  for (let n = 0; n < 3; n++) await clinic.receive({ form: "visit" });
  const { items } = await listRuns(clinic.ctx, {});
  expect(items).toHaveLength(3);
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const file: Awaited<ReturnType<typeof exportRuns>> = await exportRuns(
      clinic.ctx,
      cursor ? { cursor } : {},
      bounds,
    );
    expect(file.runs).toBe(1);
    found.push(...linesOf(file.csv).slice(1));
    cursor = file.nextCursor;
  } while (cursor);
  expect(found.map((line) => line.split(",")[0])).toEqual(items.map(({ id }) => id));
});

test("files of one project are made one after the other, and few wait for theirs", async () => {
  const { ctx } = await createClinic();
  const [first, second, third, fourth] = Array.from({ length: 4 }, () => exportRuns(ctx, {}));
  await expectRefusal(fourth as Promise<unknown>, "limit");
  for (const file of [first, second, third]) expect((await file)?.runs).toBe(0);
});
