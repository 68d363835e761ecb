import { type Truth, truthOf } from "@/lib/testing/outcomes/reference";
import { isFinal } from "@/lib/workflow/states";
import type { Facts } from "./facts";

/** What does not add up: the rule in words, and the ids of what broke it. */
export type Violation = { rule: string; ids: string[] };

export type Account = {
  /** What was counted, to be read from top to bottom. */
  lines: [what: string, count: string | number][];
  violations: Violation[];
};

type Known = {
  facts: Facts;
  truth: Truth;
  /** Also those of what the clock began later, which may have written already. */
  everyStep: Facts["rows"]["steps"];
};
type Rule = (known: Known) => string[];

/** Without what the clock began after the load had stopped: it may be under way. */
function settled(facts: Facts): Facts {
  const late = new Set(
    facts.stored.runs.filter((run) => run.createdAt > facts.quietSince).map((run) => run.id),
  );
  const lateOrders = new Set(
    facts.rows.runs.filter((run) => late.has(run.id) && run.messageId === null).map((run) => run.workOrderId),
  );
  const { rows, stored } = facts;
  return {
    ...facts,
    rows: {
      ...rows,
      runs: rows.runs.filter((run) => !late.has(run.id)),
      steps: rows.steps.filter((step) => !late.has(step.runId)),
    },
    stored: {
      ...stored,
      runs: stored.runs.filter((run) => !late.has(run.id)),
      orders: stored.orders.filter((order) => !lateOrders.has(order.id)),
    },
  };
}

const groups = <T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> => {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const own = found.get(key(item));
    if (own) own.push(item);
    else found.set(key(item), [item]);
  }
  return found;
};

const moreThanOnce = <T>(items: readonly T[], key: (item: T) => string): string[] =>
  [...groups(items, key)].filter(([, own]) => own.length > 1).map(([name]) => name);

/** Entries of one side that the other lacks, each said with its side. */
function differences(kept: string[], right: string[]): string[] {
  const [is, should] = [new Set(kept), new Set(right)];
  return [
    ...kept.filter((one) => !should.has(one)).map((one) => `is ${one}`),
    ...right.filter((one) => !is.has(one)).map((one) => `should be ${one}`),
  ];
}

/** Executions and requests of each message and job that writes; what the clock starts is one message together. */
function writings({ facts, everyStep }: Known) {
  const nOf = new Map(facts.stored.messages.map((message) => [message.id, message.n]));
  const keyOf = (n: number | null | undefined, job: string) => `${n ?? "clock"}/${job}`;
  const steps = groups(
    everyStep.filter((step) => facts.jobs.get(step.jobId)?.writes),
    (step) => keyOf(step.messageId ? nOf.get(step.messageId) : null, facts.jobs.get(step.jobId)?.name ?? ""),
  );
  const effects = groups(facts.effects, (effect) => keyOf(effect.n, effect.job));
  return [...new Set([...steps.keys(), ...effects.keys()])].map((key) => {
    const own = steps.get(key) ?? [];
    return {
      key,
      executions: own.length,
      // One that failed may have failed to write: the network is cut as well.
      written: own.filter(({ reason }) => reason === "success").length,
      requests: effects.get(key)?.length ?? 0,
    };
  });
}

const rules: Record<string, Rule> = {
  "accepted, and not stored": ({ facts }) => {
    const stored = new Set(facts.rows.messages);
    return facts.told.accepted.map((one) => one.messageId).filter((id) => !stored.has(id));
  },
  "accepted, and nothing was done for it": ({ facts }) => {
    const worked = new Set(facts.rows.runs.map((run) => run.messageId));
    return facts.told.accepted.map((one) => one.messageId).filter((id) => !worked.has(id));
  },
  "refused, and stored": ({ facts }) => {
    const refused = new Set<number | null>(facts.told.refused);
    return facts.stored.messages.filter((message) => refused.has(message.n)).map((message) => message.id);
  },
  "one delivery, stored as several messages": ({ facts }) =>
    moreThanOnce(facts.stored.messages, (message) => `n = ${message.n}`),
  "one delivery, answered with several messages": ({ facts }) => facts.told.contradictions,
  "a rerun was promised, and is not there": ({ facts }) => {
    const runs = new Set(facts.rows.runs.map((run) => run.id));
    return facts.told.reruns.filter((id) => !runs.has(id));
  },
  "still waits, or runs": ({ facts }) =>
    facts.rows.runs
      .filter((run) => !isFinal(run.state))
      .map((run) => `${run.id} ${run.state}; in the queue: ${facts.queued.get(run.id) ?? "nothing"}`),
  "over, and a taken edge was not walked": ({ truth }) =>
    truth.runs
      .filter((run) => isFinal(run.state) && run.state !== "cancelled" && run.next !== null)
      .map((run) => `${run.id} ${run.state}, next ${run.next}`),
  "over, and a step of it is not": ({ facts }) => {
    const over = new Set(facts.rows.runs.filter((run) => isFinal(run.state)).map((run) => run.id));
    return facts.rows.steps
      .filter((step) => step.reason === null && over.has(step.runId))
      .map((step) => step.id);
  },
  "ended otherwise than its steps say": ({ truth }) =>
    truth.runs
      .filter((run) => run.byLeaves && run.byLeaves !== run.state)
      .map((run) => `${run.id} is ${run.state}, should be ${run.byLeaves}`),
  "a job was run twice in one run": ({ facts }) =>
    moreThanOnce(facts.rows.steps, (step) => `run ${step.runId} job ${step.jobId}`),
  "lost, and does not say so": ({ facts }) =>
    facts.stored.runs.filter((run) => run.state === "lost" && !run.errorMessage).map((run) => run.id),
  "written more often than its record says": (known) =>
    writings(known)
      .filter((one) => one.requests > one.executions)
      .map((one) => `${one.key}: ${one.requests} requests, ${one.executions} executions`),
  "written less often than its record says": (known) =>
    writings(known)
      .filter((one) => one.requests < one.written)
      .map((one) => `${one.key}: ${one.requests} requests, ${one.written} executions that wrote`),
  "one execution wrote twice": ({ facts }) =>
    moreThanOnce(facts.effects, ({ n, job, execution }) => `${n}/${job}/${execution}`),
  "a run's failed steps are counted wrongly": ({ facts, truth }) =>
    differences(
      facts.stored.runs.map((run) => `${run.id} ${run.stepFailed}`),
      truth.runs.map((run) => `${run.id} ${run.stepFailed}`),
    ),
  "a step's failure is called handled wrongly": ({ facts, truth }) => {
    const own = new Set(facts.rows.steps.map((step) => step.id));
    return differences(
      facts.stored.steps.filter((step) => step.handled && own.has(step.id)).map((step) => step.id),
      [...truth.handledSteps],
    );
  },
  "a work order disagrees with its runs": ({ facts, truth }) =>
    differences(
      facts.stored.orders.map((order) => `${order.id} ${order.state} ${order.stepFailed}`),
      truth.orders.map((order) => `${order.id} ${order.state} ${order.stepFailed}`),
    ),
  "a job's state disagrees with its steps": ({ facts, truth }) =>
    differences(
      facts.stored.pairs.map((pair) => `${pair.messageId}/${pair.jobId} ${pair.word} ${pair.stepId}`),
      truth.pairs.map((pair) => `${pair.messageId}/${pair.jobId} ${pair.word} ${pair.stepId}`),
    ),
  "the outbox is not empty": ({ facts }) => (facts.outbox > 0 ? [`${facts.outbox} rows`] : []),
  "a process is not up": ({ facts }) => facts.down,
  "health is not ok": ({ facts }) => (facts.problem ? [facts.problem] : []),
  "a frozen process was not replaced": ({ facts }) => facts.notReplaced,
};

export const ruleNames: readonly string[] = Object.keys(rules);

/** Adds everything up. Reads nothing and changes nothing. */
export function accountOf(given: Facts): Account {
  const facts = settled(given);
  const known = { facts, truth: truthOf(facts.rows), everyStep: given.rows.steps };
  const violations = Object.entries(rules).flatMap(([rule, broken]) => {
    const ids = broken(known);
    return ids.length > 0 ? [{ rule, ids }] : [];
  });
  return { lines: linesOf(known), violations };
}

const count = (items: readonly (string | null)[]): string =>
  [...groups(items, (item) => item ?? "running")]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([word, own]) => `${own.length} ${word}`)
    .join(" + ") || "none";

function linesOf({ facts, truth }: Known): Account["lines"] {
  const { told, rows, stored, effects } = facts;
  const byMessage = new Map(truth.orders.map((order) => [order.messageId, order]));
  const fates = told.accepted.map(({ messageId }) => {
    const order = byMessage.get(messageId);
    return order?.state ?? "without a run";
  });
  const keptIds = new Map(stored.messages.map((message) => [message.n, message.id]));
  const lost = rows.steps.filter((step) => step.reason === "lost").map((step) => step.id);
  const reachedNobody = new Set(stored.steps.filter((step) => step.reachedNobody).map((step) => step.id));
  return [
    ["messages sent", told.sent],
    [
      "  not answered",
      `${told.unanswered.length}, of which ${told.unanswered.filter((n) => keptIds.has(n)).length} stored`,
    ],
    ["  refused", told.refused.length],
    ["  accepted", `${told.accepted.length} = ${count(fates)}`],
    ["reruns, cancels", `${told.reruns.length}, ${told.cancels.length}`],
    ["runs", `${rows.runs.length} = ${count(rows.runs.map((run) => run.state))}`],
    ["steps", `${rows.steps.length} = ${count(rows.steps.map((step) => step.reason))}`],
    ["  lost, had reached nobody", lost.filter((id) => reachedNobody.has(id)).length],
    ["  done again by itself", stored.steps.reduce((sum, step) => sum + step.repeats, 0)],
    ["side effects", effects.length],
    [
      "  distinct by message and job",
      new Set(effects.map(({ n, job, execution }) => (n === null ? execution : `${n}/${job}`))).size,
    ],
    ["slowest answer of the inbox", `${(told.slowestMs / 1000).toFixed(1)} s`],
  ];
}
