import { expect, test } from "vitest";
import { rerunTitle, sentWords } from "./rerun-words";

const job = (jobName: string, hosts: string[] = [], times = 1) => ({
  jobId: jobName,
  jobName,
  workflowName: "Visit",
  times,
  hosts,
});

test("the question names one job, counts several, and knows a run that is under way", () => {
  const ask = (...succeeded: ReturnType<typeof job>[]) =>
    rerunTitle({ succeeded, unfinishedRuns: 1, versions: [] });
  expect(ask()).toBe("Rerun what is under way?");
  expect(rerunTitle({ succeeded: [], unfinishedRuns: 0, versions: [] })).toBe("Rerun on which version?");
  expect(ask(job("Payment"))).toBe("Rerun Payment, which has succeeded?");
  expect(ask(job("Payment"), job("Referral"))).toBe("Rerun 2 jobs that have succeeded?");
});

test("where a job sent to is said by name, and how often", () => {
  expect(sentWords(job("Payment", ["pay.example.org"]))).toBe("Succeeded, sent to pay.example.org");
  expect(sentWords(job("Payment", ["a.org", "b.org", "c.org"], 3), 2)).toBe(
    "Succeeded 3 times, sent to a.org, b.org and 1 more host",
  );
  expect(sentWords(job("Payment"))).toBe("Succeeded, sent nothing to another system");
});
