import { expect, test } from "vitest";
import type { RunRow, StepRow } from "@/lib/testing/outcomes/reference";
import { accountOf, ruleNames } from "./account";
import type { Facts } from "./facts";

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

const graph: RunRow["graph"] = {
  jobs: ["first", "second"].map((id) => ({ id, name: id, body: "", adaptor: "", projectCredentialId: null })),
  triggers: [{ id: "trigger", type: "webhook", enabled: true }],
  edges: [
    {
      id: "start",
      sourceTriggerId: "trigger",
      sourceJobId: null,
      targetJobId: "first",
      conditionType: "always",
    },
    {
      id: "then",
      sourceTriggerId: null,
      sourceJobId: "first",
      targetJobId: "second",
      conditionType: "on_job_success",
    },
  ].map((edge) => ({ ...edge, conditionExpression: null, conditionLabel: null, enabled: true })),
} as unknown as RunRow["graph"];

const step = (jobId: string, ordinal: number): StepRow => ({
  id: `step-${jobId}`,
  runId: "run",
  messageId: "message",
  jobId,
  ordinal,
  reason: "success",
  takenEdgeIds: jobId === "first" ? ["then"] : [],
  startedAt: at(1),
  finishedAt: at(2 + ordinal),
});

/** One message that was accepted, and its run of two jobs, of which both wrote; and a second one that the clock has just begun. */
function rightFacts() {
  const run: RunRow = {
    id: "run",
    workflowId: "workflow",
    workOrderId: "order",
    messageId: "message",
    state: "success",
    finishedAt: at(4),
    startingJobId: null,
    startingEdges: null,
    startingTriggerId: "trigger",
    graph,
  };
  const late: RunRow = {
    ...run,
    id: "late",
    workOrderId: "late",
    messageId: null,
    state: "running",
    finishedAt: null,
  };
  const storedRun = {
    id: "run",
    state: "success" as const,
    stepFailed: false,
    errorMessage: null,
    createdAt: at(0),
  };
  const facts: Facts = {
    told: {
      sent: 1,
      accepted: [{ n: 0, messageId: "message", projectId: "project", atMs: 0 }],
      refused: [],
      unanswered: [],
      contradictions: [],
      reruns: [],
      cancels: [],
      slowestMs: 12,
    },
    effects: ["first", "second"].map((job) => ({ n: 0, job, execution: `execution of ${job}` })),
    jobs: new Map(["first", "second"].map((name) => [name, { name, writes: true }])),
    rows: {
      messages: ["message"],
      runs: [run, late],
      steps: [step("first", 0), step("second", 1)],
      rejected: [],
    },
    stored: {
      messages: [{ id: "message", n: 0 }],
      runs: [storedRun, { ...storedRun, id: "late", state: "running", createdAt: at(11) }],
      steps: ["first", "second"].map((job) => ({
        id: `step-${job}`,
        handled: false,
        repeats: 0,
        reachedNobody: false,
      })),
      orders: [
        { id: "order", state: "success", stepFailed: false },
        { id: "late", state: "running", stepFailed: false },
      ],
      pairs: ["first", "second"].map((jobId) => ({
        messageId: "message",
        jobId,
        word: "success",
        stepId: `step-${jobId}`,
      })),
    },
    outbox: 0,
    queued: new Map(),
    quietSince: at(10),
    down: [],
    problem: null,
    notReplaced: [],
  };
  return { facts, run, storedRun, steps: facts.rows.steps as [StepRow, StepRow] };
}
type Right = ReturnType<typeof rightFacts>;

/** The same run, with both its places. */
const end = ({ run, storedRun, facts }: Right, state: RunRow["state"]) => {
  run.state = state;
  Object.assign(storedRun, { state });
  Object.assign(facts.stored.orders[0] ?? {}, { state });
};

/** One thing that is wrong in each, by the rule that has to find it. */
const wrongs: Record<string, (right: Right) => unknown> = {
  "accepted, and not stored": ({ facts }) => facts.rows.messages.splice(0),
  "accepted, and nothing was done for it": ({ facts }) =>
    facts.told.accepted.push({ n: 1, messageId: "idle", projectId: "project", atMs: 1 }),
  "refused, and stored": ({ facts }) => facts.told.refused.push(0),
  "one delivery, stored as several messages": ({ facts }) => facts.stored.messages.push({ id: "twin", n: 0 }),
  "one delivery, answered with several messages": ({ facts }) => facts.told.contradictions.push("0: a, b"),
  "a rerun was promised, and is not there": ({ facts }) => facts.told.reruns.push("never"),
  "still waits, or runs": (right) => end(right, "running"),
  "over, and a taken edge was not walked": ({ facts }) => facts.rows.steps.pop(),
  "over, and a step of it is not": ({ steps: [, second] }) => {
    second.reason = null;
  },
  "ended otherwise than its steps say": (right) => end(right, "failed"),
  "a job was run twice in one run": ({ steps: [first, second] }) => {
    second.jobId = first.jobId;
  },
  "lost, and does not say so": (right) => end(right, "lost"),
  "written more often than its record says": ({ facts }) =>
    facts.effects.push({ n: 0, job: "first", execution: "a second one" }),
  "written less often than its record says": ({ facts }) => facts.effects.pop(),
  "one execution wrote twice": ({ facts }) =>
    facts.effects.push({ n: 0, job: "first", execution: "execution of first" }),
  "a run's failed steps are counted wrongly": ({ storedRun }) => {
    storedRun.stepFailed = true;
  },
  "a step's failure is called handled wrongly": ({ facts }) =>
    Object.assign(facts.stored.steps[0] ?? {}, { handled: true }),
  "a work order disagrees with its runs": ({ facts }) =>
    Object.assign(facts.stored.orders[0] ?? {}, { state: "pending" }),
  "a job's state disagrees with its steps": ({ facts }) =>
    Object.assign(facts.stored.pairs[1] ?? {}, { word: "in_progress" }),
  "the outbox is not empty": ({ facts }) => {
    facts.outbox = 1;
  },
  "a process is not up": ({ facts }) => facts.down.push("engine-1"),
  "health is not ok": ({ facts }) => {
    facts.problem = "no answer";
  },
  "a frozen process was not replaced": ({ facts }) => facts.notReplaced.push("web at 5 ms"),
};

test("what is right adds up, and what the clock began after the load is left to itself", () => {
  const { violations, lines } = accountOf(rightFacts().facts);
  expect(violations).toEqual([]);
  expect(Object.fromEntries(lines)).toMatchObject({
    "  accepted": "1 = 1 success",
    runs: "1 = 1 success",
    steps: "2 = 2 success",
    "side effects": 2,
  });
});

test("every rule is tried", () => {
  expect(Object.keys(wrongs).sort()).toEqual([...ruleNames].sort());
});

test.each(Object.keys(wrongs))("finds: %s", (rule) => {
  const right = rightFacts();
  wrongs[rule]?.(right);
  const found = accountOf(right.facts).violations.find((violation) => violation.rule === rule);
  expect(found?.ids.length).toBeGreaterThan(0);
});

test("a cancelled run and a lost step that says so add up", () => {
  const right = rightFacts();
  const { facts, storedRun } = right;
  facts.rows.steps.pop();
  facts.effects.pop();
  facts.stored.pairs.pop();
  end(right, "cancelled");
  expect(accountOf(facts).violations).toEqual([]);

  const [first] = facts.rows.steps;
  Object.assign(first ?? {}, { reason: "lost", takenEdgeIds: [] });
  end(right, "lost");
  Object.assign(storedRun, { stepFailed: true, errorMessage: "Contact was lost." });
  Object.assign(facts.stored.orders[0] ?? {}, { stepFailed: true });
  Object.assign(facts.stored.pairs[0] ?? {}, { word: "failure" });
  facts.effects.pop();
  expect(accountOf(facts).violations).toEqual([]);
});
