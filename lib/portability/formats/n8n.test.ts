import { describe, expect, it } from "vitest";
import { toDraftGraph } from "@/lib/portability/to-graph";
import { cronProblem } from "@/lib/workflow/cron";
import { validateGraph } from "@/lib/workflow/validate-graph";
import { openFiles } from "./open";

type Node = { name: string; type: string; [field: string]: unknown };
const n8n = (type: string) => `n8n-nodes-base.${type}`;
const to = (...names: string[]) => ({ main: [names.map((node) => ({ node, type: "main", index: 0 }))] });

const flow = (nodes: Node[], connections: Record<string, unknown>, more: object = {}) =>
  JSON.stringify({ name: "Visits", nodes, connections, active: true, ...more }, null, 2);

function opened(text: string) {
  const result = openFiles({ "My flow.json": text });
  if (!result.spec) throw new Error(JSON.stringify(result.problems));
  const [workflow] = Object.values(result.spec.workflows);
  if (!workflow) throw new Error("no workflow");
  return { ...result, workflow, said: result.report.join("\n") };
}

/** What a save would refuse. */
function problemsOf({ workflow }: ReturnType<typeof opened>) {
  let n = 0;
  const draft = toDraftGraph(workflow, () => `id-${n++}`);
  const jobs = draft.jobs.map((job) => ({
    ...job,
    adaptorVersion: "1.0.0",
    projectCredentialId: null,
    keychainCredentialId: null,
  }));
  return validateGraph({ ...draft, jobs }).map(({ message }) => message);
}

const visits = flow(
  [
    {
      name: "Webhook",
      type: n8n("webhook"),
      parameters: { httpMethod: "POST", path: "x", responseMode: "lastNode" },
    },
    {
      name: "Every night",
      type: n8n("scheduleTrigger"),
      parameters: { rule: { interval: [{ field: "cronExpression", expression: "0 0 2 * * *" }] } },
    },
    {
      name: "Check it",
      type: n8n("code"),
      parameters: {
        jsCode:
          "const items = $input.all(); const item = 1;\nreturn items.map(i => ({ json: { n: i.json.n + item } }));",
      },
    },
    {
      name: "Name",
      type: n8n("set"),
      parameters: {
        assignments: {
          assignments: [
            { name: "who", value: "={{ $json['full name'].first }}" },
            { name: "a b", value: 3 },
          ],
        },
      },
    },
    { name: "Is new", type: n8n("if"), parameters: { conditions: {} } },
    {
      name: "Send",
      type: n8n("httpRequest"),
      parameters: { method: "POST", url: "https://example.org/v", sendBody: true },
      credentials: { httpBasicAuth: { id: "1", name: "Clinic API" } },
    },
    { name: "Ask a model", type: "@n8n/n8n-nodes-langchain.agent", parameters: { secret: "hunter2" } },
    { name: "Note", type: n8n("stickyNote"), parameters: { content: "hello" } },
  ],
  {
    Webhook: to("Check it"),
    "Every night": to("Check it"),
    "Check it": to("Name"),
    Name: to("Is new"),
    "Is new": {
      main: [[{ node: "Send", type: "main", index: 0 }], [{ node: "Ask a model", type: "main", index: 0 }]],
    },
    Send: to("Check it"),
  },
  { settings: { timezone: "Africa/Nairobi" } },
);

describe("a workflow of n8n", () => {
  const result = opened(visits);
  const { workflow, said } = result;

  it("becomes a workflow that can be saved", () => {
    expect([result.format, result.spec.name, workflow.name]).toEqual(["n8n", "Visits", "Visits"]);
    expect(problemsOf(result)).toEqual([]);
    expect(
      Object.values(workflow.triggers).map(({ type, enabled, webhookReply, cronExpression }) => [
        type,
        enabled,
        webhookReply,
        cronExpression,
      ]),
    ).toEqual([
      ["webhook", true, "after_completion", null],
      ["cron", false, null, "0 2 * * *"],
    ]);
    expect(
      Object.entries(workflow.jobs).map(([key, job]) => [key, job.name, job.adaptor, job.credential]),
    ).toEqual([
      ["Check-it", "Check it", "@openfn/language-common@latest", null],
      ["Name", "Name", "@openfn/language-common@latest", null],
      ["Is-new", "Is new", "@openfn/language-common@latest", null],
      ["Send", "Send", "@openfn/language-http@latest", "Clinic-API"],
      ["Ask-a-model", "Ask a model", "@openfn/language-common@latest", null],
    ]);
    expect(
      Object.entries(workflow.edges).map(
        ([key, { conditionType, enabled }]) => `${key} ${conditionType} ${enabled}`,
      ),
    ).toEqual([
      "Webhook->Check-it always true",
      "Every-night->Check-it always true",
      "Check-it->Name on_job_success true",
      "Name->Is-new on_job_success true",
      "Is-new->Send on_job_success false",
      "Is-new->Ask-a-model on_job_success false",
    ]);
  });

  it("tells everything that is not as it was", () => {
    for (const sentence of [
      "The webhook has an address of its own here",
      "A workflow has one trigger that is on: this one is switched off.",
      "Its code was wrapped",
      "Its conditions were not translated: its edges are switched off.",
      "Of the request its method and address were taken. Write the rest: sendBody.",
      "@n8n/n8n-nodes-langchain.agent has no counterpart: its job fails until you write it.",
      "It is a note for people, and was left out.",
      'The way back to "Check it" was left out',
      "The workflow's settings were not taken over",
    ])
      expect(said).toContain(sentence);
    expect(said).not.toContain("does not compile");
    expect(said).toMatch(/^My flow.json, line \d+ \(nodes\/\d+\)/m);
    expect(JSON.stringify(result)).not.toContain("hunter2");
  });

  it("runs its code as it did: code and set, on what came", async () => {
    const run = async (body: string, data: unknown): Promise<unknown> => {
      let given: unknown;
      const fn = async (operation: (state: object) => unknown) => {
        given = await operation({ data });
      };
      await new Function("fn", `return ${body.replace(/^\/\/.*\n/, "").replace(/;\s*$/, "")}`)(fn);
      return given;
    };
    expect(await run(workflow.jobs["Check-it"]?.body ?? "", [{ n: 1 }, { n: 5 }])).toEqual({
      data: [{ n: 2 }, { n: 6 }],
    });
    expect(await run(workflow.jobs.Name?.body ?? "", { "full name": { first: "Ann" } })).toEqual({
      data: { who: "Ann", "a b": 3 },
    });
    await expect(run(workflow.jobs["Ask-a-model"]?.body ?? "", {})).rejects.toThrow(
      'This was the node "Ask a model" of n8n',
    );
  });

  it.each<[string, object, string | null]>([
    ["scheduleTrigger", { rule: { interval: [{ field: "minutes", minutesInterval: 15 }] } }, "*/15 * * * *"],
    [
      "scheduleTrigger",
      { rule: { interval: [{ field: "hours", hoursInterval: 6, triggerAtMinute: 30 }] } },
      "30 */6 * * *",
    ],
    ["scheduleTrigger", { rule: { interval: [{ triggerAtHour: 9 }] } }, "0 9 * * *"],
    [
      "scheduleTrigger",
      { rule: { interval: [{ field: "weeks", triggerAtDay: [1, 3], triggerAtHour: 7 }] } },
      "0 7 * * 1,3",
    ],
    ["scheduleTrigger", { rule: { interval: [{ field: "months", triggerAtDayOfMonth: 5 }] } }, "0 0 5 * *"],
    ["scheduleTrigger", { rule: { interval: [{ field: "minutes", minutesInterval: 45 }] } }, null],
    ["scheduleTrigger", { rule: { interval: [{ field: "seconds" }] } }, null],
    ["cron", { triggerTimes: { item: [{ mode: "everyDay", hour: 3, minute: 10 }] } }, "10 3 * * *"],
    ["cron", { triggerTimes: { item: [{ mode: "everyX", value: 2, unit: "hours" }] } }, "0 */2 * * *"],
    ["cron", { triggerTimes: { item: [{ mode: "custom", cronExpression: "*/5 * * * *" }] } }, "*/5 * * * *"],
    ["interval", { interval: 1, unit: "minutes" }, "* * * * *"],
    ["interval", { interval: 10 }, null],
  ])("has times: %s %j", (type, parameters, expression) => {
    const { workflow, said } = opened(flow([{ name: "T", type: n8n(type), parameters }], {}));
    expect(workflow.triggers.T).toMatchObject({ type: "cron", enabled: expression !== null });
    expect(workflow.triggers.T?.cronExpression).toBe(expression ?? "0 0 * * *");
    expect(cronProblem(workflow.triggers.T?.cronExpression ?? "")).toBeNull();
    expect(said.includes("times were not understood")).toBe(expression === null);
  });

  it("is switched off where it was, and by hand needs no trigger", () => {
    const off = opened(flow([{ name: "W", type: n8n("webhook") }], {}, { active: false }));
    expect([off.workflow.triggers.W?.enabled, off.said.includes("was not active there")]).toEqual([
      false,
      true,
    ]);
    const hand = opened(
      flow(
        [
          { name: "M", type: n8n("manualTrigger") },
          { name: "A", type: n8n("noOp") },
        ],
        { M: to("A") },
      ),
    );
    expect([hand.workflow.triggers, hand.workflow.edges]).toEqual([{}, {}]);
    expect(hand.said).toContain("can be run by hand anyway");
  });

  it("with others in a folder is one project", () => {
    const result = openFiles({
      "a.json": visits,
      "b.json": visits.replace('"Visits"', '"Others"'),
      "README.md": "",
    });
    expect(Object.keys(result.spec?.workflows ?? {})).toEqual(["Visits", "Others"]);
  });

  it("is refused where a way leads to nothing", () => {
    const { problems } = openFiles({
      "f.json": flow([{ name: "W", type: n8n("webhook") }], { W: to("Gone") }),
    });
    expect(problems).toEqual([
      expect.objectContaining({
        message: '"W" leads to "Gone", and one of them is not there.',
        line: 9,
        file: "f.json",
      }),
    ]);
  });
});
