import { expect, test } from "vitest";
import { createClinic } from "@/lib/testing/clinic";
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
