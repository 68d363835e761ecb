import { randomUUID } from "node:crypto";

/** A webhook, two jobs, two edges, under new ids. */
export function draft(name = `w-${randomUUID()}`) {
  const [trigger, a, b] = [randomUUID(), randomUUID(), randomUUID()];
  const job = { body: "fn(s => s)", adaptor: "@openfn/language-common@latest" };
  return {
    id: randomUUID(),
    name,
    triggers: [{ id: trigger, type: "webhook" as const }],
    jobs: [
      { ...job, id: a, name: "A" },
      { ...job, id: b, name: "B" },
    ],
    edges: [
      { id: randomUUID(), sourceTriggerId: trigger, targetJobId: a, conditionType: "always" as const },
      { id: randomUUID(), sourceJobId: a, targetJobId: b, conditionType: "on_job_failure" as const },
    ],
  };
}
