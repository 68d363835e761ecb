import { describe, expect, test } from "vitest";
import { plainJob, plainTrigger, plainWorkflow } from "./complete";
import { differenceOfGraphs, isNoDifference } from "./difference";
import type { Edge, JobNode, WorkflowGraph } from "./types";

const job = (name: string, more: Partial<JobNode> = {}): JobNode => ({
  id: name.toLowerCase(),
  name,
  body: `get("/${name}");\nfn(s => s);\n`,
  adaptor: "@openfn/language-http@7.2.10",
  adaptorVersion: "7.2.10",
  projectCredentialId: null,
  ...plainJob,
  ...more,
});
const edge = (id: string, target: string, more: Partial<Edge> = {}): Edge => ({
  id,
  sourceTriggerId: "t",
  sourceJobId: null,
  targetJobId: target,
  conditionType: "always",
  conditionExpression: null,
  conditionLabel: null,
  enabled: true,
  ...more,
});
const graph: WorkflowGraph = {
  name: "Visit",
  ...plainWorkflow,
  concurrency: null,
  triggers: [
    {
      id: "t",
      type: "message_filter",
      enabled: true,
      inclusion: { form: "visit" },
      exclusion: null,
      cronExpression: null,
      cronCursorJobId: null,
      webhookReply: null,
      webhookResponseConfig: null,
      ...plainTrigger,
    },
  ],
  jobs: [job("Referral"), job("Payment")],
  edges: [edge("1", "referral"), edge("2", "payment")],
  positions: null,
};
const [referral = job("Referral"), payment = job("Payment")] = graph.jobs;
const [first = edge("1", "referral"), second = edge("2", "payment")] = graph.edges;
const [trigger] = graph.triggers;

describe("the difference of two versions", () => {
  test("is nothing for the same, wherever its nodes stand", () => {
    const moved = { ...graph, positions: { referral: { x: 1, y: 2 } } };
    const found = differenceOfGraphs(graph, moved);
    expect(isNoDifference(found)).toBe(true);
    expect(found.isShortened).toBe(false);
  });

  test("names code, adaptor and credential of a job", () => {
    const changed = job("Payment", {
      body: 'post("/Payment");\nfn(s => s);\n',
      adaptor: "@openfn/language-http@7.3.0",
      adaptorVersion: "7.3.0",
      projectCredentialId: "c2",
    });
    const before = { ...graph, jobs: [referral, { ...payment, projectCredentialId: "c1" }] };
    const found = differenceOfGraphs(
      before,
      { ...graph, jobs: [referral, changed] },
      new Map([["c1", "Clinic"]]),
    );
    expect(found.jobs).toMatchObject([
      {
        id: "payment",
        name: "Payment",
        change: "changed",
        fields: [
          { field: "adaptor", before: "@openfn/language-http@7.2.10", after: "@openfn/language-http@7.3.0" },
          { field: "adaptorVersion", before: "7.2.10", after: "7.3.0" },
          {
            field: "credential",
            before: "Clinic",
            after: "c2, which is not shared with the project any more",
          },
        ],
        code: { removed: 1, added: 1 },
      },
    ]);
    expect([found.workflow, found.triggers, found.edges]).toEqual([[], [], []]);
  });

  test("names triggers, edges by where they lead, and the workflow's own settings", () => {
    const after: WorkflowGraph = {
      ...graph,
      concurrency: 2,
      triggers: trigger ? [{ ...trigger, inclusion: { form: "home-visit" } }] : [],
      jobs: [referral],
      edges: [{ ...first, enabled: false }],
    };
    const found = differenceOfGraphs(graph, after);
    expect(found.workflow).toEqual([{ field: "concurrency", before: null, after: "2" }]);
    expect(found.triggers[0]?.fields).toEqual([
      { field: "inclusion", before: '{"form":"visit"}', after: '{"form":"home-visit"}' },
    ]);
    expect(found.jobs).toMatchObject([
      { name: "Payment", change: "removed", code: { removed: 2, added: 0 } },
    ]);
    expect(found.edges).toMatchObject([
      {
        name: "message_filter->Referral",
        change: "changed",
        fields: [{ field: "enabled", before: "true", after: "false" }],
      },
      { name: "message_filter->Payment", change: "removed" },
    ]);
  });

  test("tells edges that are followed in another order", () => {
    const found = differenceOfGraphs(graph, { ...graph, edges: [second, first] });
    expect(found.workflow).toEqual([
      {
        field: "orderOfEdges",
        before: "message_filter->Referral, message_filter->Payment",
        after: "message_filter->Payment, message_filter->Referral",
      },
    ]);
  });

  test("knows every field of a version, also one that is added later", () => {
    const odd = <T extends object>(item: T): T => ({ ...item, later: "new" });
    const after = { ...odd(graph), triggers: graph.triggers.map(odd), jobs: graph.jobs.map(odd) };
    const found = differenceOfGraphs(graph, { ...after, edges: graph.edges.map(odd) });
    const later = { field: "later", before: null, after: "new" };
    expect(found.workflow).toEqual([later]);
    for (const list of [found.triggers, found.jobs, found.edges])
      for (const item of list) expect(item.fields).toEqual([later]);
    expect([found.triggers.length, found.jobs.length, found.edges.length]).toEqual([1, 2, 2]);
  });

  test("names library entries and the jobs of other workflows, where it is told their names", () => {
    const after: WorkflowGraph = {
      ...graph,
      triggers: trigger ? [{ ...trigger, sourceJobId: "other" }] : [],
      jobs: [referral, { ...payment, libraryJobId: "entry", libraryVersion: 2 }],
    };
    const names = new Map([
      ["entry", "Pay"],
      ["other", "Visit: Register"],
    ]);
    const found = differenceOfGraphs(graph, after, names);
    expect(found.triggers[0]?.fields).toEqual([
      { field: "sourceJobId", before: null, after: "Visit: Register" },
    ]);
    expect(found.jobs[0]?.fields).toEqual([
      { field: "libraryJobId", before: null, after: "Pay" },
      { field: "libraryVersion", before: null, after: "2" },
    ]);
  });

  test("is bounded, and says so", () => {
    const jobs = Array.from({ length: 500 }, (_, i) => job(`Job ${i}`, { body: "x\n".repeat(9_000) }));
    const found = differenceOfGraphs(graph, { ...graph, name: "n".repeat(5_000), jobs });
    expect(found.isShortened).toBe(true);
    expect(found.jobs.length).toBeLessThanOrEqual(300);
    expect(JSON.stringify(found).length).toBeLessThan(500_000);
  });
});
