import type { EdgeCondition, TriggerType } from "@/lib/words";

/** What can start a workflow, in the order in which people ask for it. */
export const triggerChoices: readonly { type: TriggerType; says: string }[] = [
  { type: "message_filter", says: "A message in the project's inbox that looks as you say" },
  { type: "webhook", says: "Any message to an address of its own" },
  { type: "cron", says: "The clock: every hour, every Monday, …" },
  { type: "flow", says: "A job of another workflow has succeeded" },
  { type: "catch", says: "A job of another workflow has failed" },
];

export type JobChoice = { name: string; label: string; says: string; adaptor: string; body: string };

/** What a first job may do; each is a beginning that runs. */
export const jobChoices: readonly JobChoice[] = [
  {
    name: "Send it on",
    label: "Send it to another system",
    says: "By HTTP, to an address that you write",
    adaptor: "@openfn/language-http@latest",
    body: 'post("https://example.org/records", $.data);\n',
  },
  {
    name: "Check and reshape",
    label: "Check it, or give it another shape",
    says: "Before it goes anywhere",
    adaptor: "@openfn/language-common@latest",
    body: "fn(state => {\n  // `state.data` is what arrived. What you return goes on to the next job.\n  return state;\n});\n",
  },
  {
    name: "New job",
    label: "Something else",
    says: "Choose the system that it talks to afterwards",
    adaptor: "@openfn/language-common@latest",
    body: "fn(state => {\n  return state;\n});\n",
  },
];

export const conditionChoices: readonly { condition: EdgeCondition; label: string; says: string }[] = [
  { condition: "always", label: "Always", says: "Whatever the job before came to" },
  { condition: "on_job_success", label: "On success", says: "When the job before has succeeded" },
  {
    condition: "on_job_failure",
    label: "On failure",
    says: "When the job before has failed: its failure is handled then",
  },
  { condition: "js_expression", label: "By an expression", says: "When what you write is true of the state" },
];

/** Conditions that an edge can have: a trigger neither succeeds nor fails. */
export const conditionsAfter = (kind: "trigger" | "job") =>
  conditionChoices.filter(
    ({ condition }) => kind === "job" || condition === "always" || condition === "js_expression",
  );
