import { randomUUID } from "node:crypto";
import { shippedSpecifiers } from "@/lib/shipped";

export const workflows = 50;
export const jobsEach = 10;
export const code = `fn(state => ({ ...state, seen: true }));\n// ${"x".repeat(950)}\n`;

/** What a deploy sends of a project of 50 workflows and 500 jobs of a kilobyte each. */
export const largePayload = (projectId: string): string =>
  JSON.stringify({ id: projectId, workflows: Array.from({ length: workflows }, (_, n) => workflow(n)) });

function workflow(n: number) {
  const trigger = { id: randomUUID(), type: "webhook", enabled: true };
  const jobs = Array.from({ length: jobsEach }, (_, i) => ({
    id: randomUUID(),
    name: `Job ${i}`,
    adaptor: shippedSpecifiers.common,
    body: code,
  }));
  const edges = jobs.map((job, i) => ({
    id: randomUUID(),
    ...(i === 0 ? { source_trigger_id: trigger.id } : { source_job_id: jobs[i - 1]?.id }),
    target_job_id: job.id,
    condition_type: i === 0 ? "always" : "on_job_success",
    enabled: true,
  }));
  return { id: randomUUID(), name: `Workflow ${n}`, jobs, triggers: [trigger], edges };
}
