import type { Cost } from "./explain";

/**
 * What one statement may cost, whatever the project has: a page of 50 rows is some 200 buffers, its job states and their
 * steps four more for each; nothing sorts more than the pages of three results. Numbers are kept (`usage_days`, collections,
 * acts), or counted up to 10,000 and said to be more: what counts everything reads more rows than that. Of thirty partitions it
 * looks into those of the days that it is about.
 */
export const limits = { pages: 700, sorted: 400, read: 10_001, partitions: 2 } as const;

type Exception = {
  verb: string;
  /** Of which of its cases (plans/cases.ts). */
  cases: RegExp;
  /** Why it costs more, and what would mend it. */
  why: string;
  scans?: string[];
} & Partial<Record<keyof typeof limits, number>>;

/** What is known to cost more. The figures are today's, rounded up: nothing here may get worse unseen. */
export const exceptions: Exception[] = [
  {
    verb: "listNumberedRuns",
    cases: /state/,
    why: "A state's runs are scattered. Where the table was not vacuumed since, each of the 10,000 that are counted is looked up.",
    pages: 2_000,
  },
  {
    verb: "listNumberedRuns",
    cases: /^changed lately in two/,
    why: "What fits of several projects is sorted: at most the 10,000 that are looked through.",
    sorted: 10_000,
  },
  {
    verb: "listNumberedRuns",
    cases: /^nobody's workflow/,
    why: "Where a workflow has fewer runs than are read at once, PostgreSQL would rather sort them than walk their index.",
    sorted: 1_000,
  },
  {
    verb: "listReplayMessages",
    cases: /^$/,
    why: "Not a page but what a person asks to be tried: the messages of a workflow's newest 400 work orders, each looked up, 200 at most.",
    pages: 2_000,
  },
  {
    verb: "listLogs",
    cases: /^(start|deep inside)$/,
    why: "A partition of a hundred pages, one that nobody has analysed above all, is rather read and the log sorted than its index walked.",
    sorted: 5_001,
  },
  {
    verb: "listLogLines",
    cases: /./,
    why: "Lines have no index of their time: steps of the newest 200 runs are looked into, and up to 10,000 of their lines are sorted.",
    pages: 1_000,
    sorted: 6_000,
  },
  {
    verb: "person",
    cases: /runs$/,
    why: "A page is 200 runs with their steps, and of a long log 5,000 lines: in the background, where fewer pages are better.",
    pages: 3_000,
    sorted: 3 * 5_002,
  },
  {
    verb: "person",
    cases: /the library$|bulk acts$/,
    why: "Versions are found by their project, and sorted: the code that a project may have is bounded, and so are the acts that it keeps.",
    sorted: 4_000,
  },
  {
    verb: "listCollectionItems",
    cases: /^keys that begin alike, all/,
    why: "Where a collection is small, PostgreSQL would rather sort what its index of keys finds than walk the items in their order.",
    sorted: 500,
  },
  {
    verb: "listPersonItems",
    cases: /./,
    why: "A search finds a bounded number of things: where all are of one kind, PostgreSQL would rather sort them than walk their index.",
    sorted: 3 * 5_000,
  },
  {
    verb: "listMessages",
    cases: /^text, waiting/,
    why: "Both of what follows.",
    pages: 9_000,
    sorted: 9_000,
  },
  {
    verb: "listMessages",
    cases: /^text/,
    why: "One call looks through 2,000 messages, four pages each and the text itself. An index of the text would cost more than its table.",
    pages: 10_000,
    sorted: 3 * 2_000,
  },
  {
    verb: "listMessages",
    cases: /^waiting/,
    why: "Reads and sorts all that waits in the project: runs are found by state, but not in the order of their messages. Costs others nothing. A partial index on (project_id, message_id) would be one more write for each message.",
    sorted: 9_000,
  },
  {
    verb: "listMessages",
    cases: /^100 rows$|^a job$/,
    why: "Of each message its work orders, and of each of these whether a job of it has begun: seven pages a row, of twice as many rows, or of rows that are scattered.",
    pages: 800,
  },
  { verb: "getMessage", cases: /^among waiting/, why: "The same, for the neighbours.", sorted: 9_000 },
  {
    verb: "getBulkAct",
    cases: /^/,
    why: "Counts the act's runs by state, each up to a bound. Where the table was not vacuumed since, each is looked up.",
    pages: 3_000,
  },
  {
    verb: "bulk",
    cases: /^messages, waiting/,
    why: "The same, and what follows.",
    pages: 900,
    sorted: 9_000,
  },
  {
    verb: "bulk",
    cases: /^messages|^a job's failures|^runs from a job/,
    why: "Of each item the last step of the job, its run and its work order are read, or when each of its jobs started last.",
    pages: 900,
  },
  {
    verb: "listIssues",
    cases: /^plain|^a state|^a workflow/,
    why: "Of each of 50 issues 14 days of its trend, its newest failure, its workflow, and up to 100 of what it affects.",
    pages: 2_900,
  },
  {
    verb: "listIssueOrders",
    cases: /^/,
    why: "Of each of 50 work orders its state, message, run and step.",
    pages: 900,
  },
  {
    verb: "bulk",
    cases: /^what an issue affects$/,
    why: "Of each item the newest failure, and the last step of the job.",
    pages: 950,
  },
  {
    verb: "listRuns",
    cases: /^text/,
    why: "One call looks through 500 runs, with their inputs, steps and 5,000 lines of log at a time.",
    pages: 9_000,
    sorted: 6_000,
  },
  {
    verb: "countDigest",
    cases: /./,
    why: "Half of a workflow's runs took longer than so much: the newest 2,000 are sorted, once a digest. Where the table was not vacuumed since, each run that did not succeed is looked up.",
    sorted: 2_000,
    pages: 1_200,
  },
  {
    verb: "countDigest of workflows",
    cases: /./,
    why: "The same. And a workflow's runs are counted by no day: its own index is read, once a digest, up to a bound.",
    sorted: 2_000,
    pages: 2_500,
    read: 60_000,
  },
  {
    verb: "keepPartitions",
    cases: /./,
    why: "Where one is to be made, the first id of each is looked up, and how large it is: that says how much there is a day.",
    partitions: 31,
    pages: 1_000,
  },
  {
    verb: "fireDueCronTriggers",
    cases: /./,
    why: "A trigger without a cursor that has never succeeded looks through its workflow's history for a success.",
    pages: 3_000,
    scans: ["runs"],
    read: 90_000,
  },
];

/** What a measured statement broke, in words; empty when it kept to its limits. */
export function broken(cost: Cost, exception?: Exception): string[] {
  const { pages, sorted, read, partitions, scans = [] } = { ...limits, ...exception };
  return [
    ...cost.scanned.filter((table) => !scans.includes(table)).map((table) => `scans ${table}`),
    ...(cost.pages > pages ? [`reads ${cost.pages} pages, limit ${pages}`] : []),
    ...(cost.read > read ? [`reads ${cost.read} rows, limit ${read}`] : []),
    ...(cost.partitions > partitions
      ? [`looks into ${cost.partitions} partitions, limit ${partitions}`]
      : []),
    ...(cost.sorted > sorted ? [`sorts ${cost.sorted} rows, limit ${sorted}`] : []),
  ];
}
