import type { StepRequest, StepResult } from "@/lib/runner/contract";
import type { NotBegun } from "@/lib/runner/step/step-registry";
import { shippedAdaptors as adaptors } from "@/lib/shipped";

let lastStep = 0;

/** A request to run a job of this source, of a step of its own. */
export function stepRequest(
  source: string,
  more: Partial<StepRequest> & { http?: boolean; state?: unknown } = {},
): StepRequest {
  lastStep += 1;
  const { http: usesHttp, state, ...rest } = more;
  return {
    stepId: `step-${lastStep}`,
    runId: "run-1",
    projectId: "project-1",
    job: { id: "a", name: "a", source, adaptor: usesHttp ? adaptors.http : adaptors.common },
    input: JSON.stringify(state ?? { data: {} }),
    configuration: null,
    credentialId: null,
    conditions: [],
    ...rest,
  };
}

/** The result of a step for which a worker was had. Throws when none was. */
export function resultOf(end: StepResult | NotBegun): StepResult {
  if ("notBegun" in end) throw new Error(end.notBegun);
  return end;
}
