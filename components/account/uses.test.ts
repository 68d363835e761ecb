import { expect, test } from "vitest";
import { missedBy, usedBy } from "./uses";

const use = (n: number) => ({
  workflow: { id: `w${n}`, name: `Workflow ${n}` },
  job: { id: `j${n}`, name: `Job ${n}` },
});

test("jobs are named as far as they fit in a line", () => {
  expect(usedBy({ jobs: 0, usedBy: [] })).toBe("used by no job");
  expect(usedBy({ jobs: 1, usedBy: [use(1)] })).toBe("used by 1 job (Workflow 1: Job 1)");
  const many = { jobs: 25, usedBy: Array.from({ length: 20 }, (_, n) => use(n)) };
  expect(usedBy(many)).toBe(
    "used by 25 jobs (Workflow 0: Job 0, Workflow 1: Job 1, Workflow 2: Job 2, 22 more)",
  );
});

test("whoever loses it is told apart", () => {
  expect(missedBy({ jobs: 0, keychains: 0 }, "No job has it.")).toBe("No job has it.");
  expect(missedBy({ jobs: 1, keychains: 0 }, "")).toBe(
    "1 job has it. Steps of these jobs fail until they get another one.",
  );
  expect(missedBy({ jobs: 2, keychains: 1 }, "")).toBe(
    "2 jobs and 1 keychain have it. Steps of these jobs fail until they get another one. Keychains that have it as their default have none.",
  );
  expect(missedBy({ jobs: 0, keychains: 1 }, "")).toBe(
    "1 keychain has it. Keychains that have it as their default have none.",
  );
});
