import { describe, expect, it } from "vitest";
import { parseSpec } from "./parse";

const yaml = (retry: string, more = "") => `name: p
workflows:
  w:
    name: W${more}
    jobs:
      a: {adaptor: x, body: y, retry: ${retry}}
`;
const read = (retry: string) => {
  const { spec, problems } = parseSpec(yaml(retry));
  return spec
    ? spec.workflows.w?.jobs.a?.retry
    : problems.map(({ path, message }) => `${path} :: ${message}`);
};

describe("a job's retry in project.yaml", () => {
  it("is read, and absent is none", () => {
    const policy = { attempts: 5, delaySeconds: 10, maxDelaySeconds: 600, errorTypes: null };
    expect(read("{attempts: 5, delay_seconds: 10, max_delay_seconds: 600}")).toEqual(policy);
    expect(
      read("{attempts: 5, delay_seconds: 10, max_delay_seconds: 600, error_types: [TimeoutError, JobError]}"),
    ).toEqual({
      ...policy,
      errorTypes: ["TimeoutError", "JobError"],
    });
    expect(read("null")).toBeNull();
  });

  it.each([
    ["5", "must be a map of attempts, delay_seconds, max_delay_seconds, error_types"],
    ["{attempts: 5}", "needs delay_seconds"],
    ["{attempts: two, delay_seconds: 1, max_delay_seconds: 1}", "attempts of retry must be a whole number"],
    ["{attempts: 21, delay_seconds: 1, max_delay_seconds: 1}", "attempts is 21. Make it 2 to 20."],
    ["{attempts: 1, delay_seconds: 1, max_delay_seconds: 1}", "attempts is 1. Make it 2 to 20."],
    [
      "{attempts: 2, delay_seconds: 1, max_delay_seconds: 100000}",
      "maxDelaySeconds is 100000. Make it 1 to 86,400.",
    ],
    ["{attempts: 2, delay_seconds: 60, max_delay_seconds: 1}", "is shorter than the first one"],
    [
      "{attempts: 2, delay_seconds: 1, max_delay_seconds: 1, error_types: JobError}",
      "must be a list of texts",
    ],
    ["{attempts: 2, delay_seconds: 1, max_delay_seconds: 1, error_types: []}", "names 0 types"],
    [
      "{attempts: 2, delay_seconds: 1, max_delay_seconds: 1, error_types: [Lost]}",
      "Lost is never tried again",
    ],
    ["{attempts: 2, delay_seconds: 1, max_delay: 1}", 'Did you mean "max_delay_seconds"?'],
  ])("is refused when it could not be obeyed: %s", (retry, said) => {
    expect(String(read(retry))).toContain(said);
  });

  it("stands beside enable_job_logs of the workflow", () => {
    const { spec } = parseSpec(yaml("null", "\n    enable_job_logs: false"));
    expect(spec?.workflows.w?.jobLogs).toBe(false);
    expect(parseSpec(yaml("null")).spec?.workflows.w?.jobLogs).toBeNull();
  });
});
