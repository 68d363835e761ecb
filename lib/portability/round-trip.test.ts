import { describe, expect, it } from "vitest";
import { sampleFiles, sampleYaml } from "@/lib/domain/project/sample-files";
import { type ExactJson, ExactNumber } from "@/lib/exact-json";
import { plainJob, plainTrigger, plainWorkflow } from "@/lib/workflow/complete";
import type { DeliveryRule, WorkflowGraph } from "@/lib/workflow/types";
import { fromDocument } from "./from-document";
import { parseSpec } from "./parse";
import type { EdgeSpec, JobPlace, ProjectSpec, TriggerSpec, WorkflowSpec } from "./spec";
import { stringifySpec } from "./stringify";
import { answered, counter } from "./testing/projects";
import { toDocument } from "./to-document";
import { versionHash } from "./version-hash";

/** Small seeded generator: the same cases at every run. */
function generator(seed: number) {
  let state = seed * 2654435761;
  const below = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const pick = <T>(items: readonly [T, ...T[]]): T => items[below(items.length)] ?? items[0];
  return { below, pick, maybe: <T>(make: () => T): T | null => (below(2) ? make() : null) };
}

const nasty = [
  "plain",
  "two words",
  "true",
  "null",
  "1.0",
  "2026-11-22",
  "0x1f",
  "a: b",
  "- a",
  "# a",
  "it's",
  '"quoted"',
  " padded ",
  "tab\tinside",
  "trailing \nspace",
  "line\nline",
  "line\n\n\n",
  "\n leading",
  "  indented\nless",
  "windows\r\nline",
  "é € 🙂 漢字",
  "next\u0085line\u2028separator",
  "\u0007bell",
  "@openfn/language-http@latest",
  "*alias",
  "&anchor",
  "%directive",
  "---",
  "?",
  "=",
  "<<",
  "~",
] as const;

function randomSpec(seed: number): ProjectSpec {
  const { below, pick, maybe } = generator(seed);
  // Two jobs of one version have the same code.
  let version = 0;
  const keys = (n: number) => [...new Set(Array.from({ length: n }, () => pick(nasty)))];
  const credentials = Object.fromEntries(
    keys(below(3)).map((key) => [key, { name: pick(nasty), owner: pick(nasty) }]),
  );
  const chainNames = keys(below(3))
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const keychains = Object.fromEntries(
    [...new Set(chainNames)].map((name) => [
      pick(nasty),
      {
        name,
        path: pick(["$.data.facility", "$['a b'][0]", "$..id"]),
        defaultCredential: Object.keys(credentials)[below(3)] ?? null,
      },
    ]),
  );
  const collections = Object.fromEntries(keys(below(3)).map((key) => [key, { name: pick(nasty) }]));
  const oneOf = (credential: string | null, keychain: string | null) => ({
    credential: keychain === null ? credential : null,
    keychain,
  });
  const filter = (): ExactJson =>
    pick<ExactJson>([
      {},
      { n: [new ExactNumber("9007199254740993")] },
      { a: [1, null, "x: y"] },
      { n: "1e3", t: true, "a b": { c: "x\r\ny" } },
      [],
      "text",
    ]);
  const workflow = (): WorkflowSpec => {
    const jobKeys = keys(1 + below(4));
    const triggerKeys = keys(below(3));
    const someJob = () => jobKeys[below(jobKeys.length)] ?? "";
    const fromTrigger = () =>
      triggerKeys.length > 0 && below(2) ? (triggerKeys[below(triggerKeys.length)] ?? null) : null;
    const source = () => {
      const sourceTrigger = fromTrigger();
      return { sourceTrigger, sourceJob: sourceTrigger === null ? someJob() : null };
    };
    return {
      name: pick(nasty),
      concurrency: maybe(() => 1 + below(9)),
      orderKey: maybe(() => pick(["data.patient.id", "request.headers.x-patient"])),
      jobLogs: maybe(() => below(2) === 1),
      jobs: Object.fromEntries(
        jobKeys.map((key) => [
          key,
          {
            name: pick(nasty),
            adaptor: pick(nasty),
            ...oneOf(
              Object.keys(credentials)[below(3)] ?? null,
              below(2) ? (Object.keys(keychains)[below(3)] ?? null) : null,
            ),
            body: pick(nasty),
            retry: maybe(() => ({
              attempts: 2 + below(19),
              delaySeconds: 1 + below(60),
              maxDelaySeconds: 60 + below(3_600),
              errorTypes: maybe(() => [pick(nasty), "TimeoutError"]),
            })),
            ...pick([
              { libraryEntry: null, libraryVersion: null },
              { libraryEntry: pick(["Pay", "true", "a: b"]), libraryVersion: ++version },
            ]),
          },
        ]),
      ),
      triggers: Object.fromEntries(
        triggerKeys.map((key) => {
          const type = pick<TriggerSpec["type"]>(["webhook", "cron", "message_filter"]);
          const of = <T>(wanted: TriggerSpec["type"], make: () => T) =>
            type === wanted ? maybe(make) : null;
          return [
            key,
            {
              type,
              enabled: maybe(() => below(2) === 1),
              ...pick<Pick<TriggerSpec, "webhookReply" | "webhookResponseConfig">>([
                { webhookReply: null, webhookResponseConfig: null },
                ...(type === "webhook"
                  ? ([
                      { webhookReply: "before_start", webhookResponseConfig: null },
                      { webhookReply: "custom", webhookResponseConfig: null },
                      { webhookReply: "after_completion", webhookResponseConfig: null },
                      { webhookReply: "after_completion", webhookResponseConfig: { error_code: 502 } },
                      {
                        webhookReply: "after_completion",
                        webhookResponseConfig: { success_code: 200, error_code: 422 },
                      },
                    ] as const)
                  : []),
              ]),
              customPath: of("webhook", () => pick(["visits", "true", "007", "a_b-1"])),
              takesGet: of("webhook", () => below(2) === 1),
              openRosa: of("webhook", () => below(2) === 1),
              deliveryId: of("webhook", () =>
                pick<DeliveryRule>([
                  { header: "x-event" },
                  { path: "data.a.0" },
                  { header: "007", path: "data.true", hours: 48 },
                ]),
              ),
              ratePerMinute: of("webhook", () => 1 + below(1_000)),
              cronExpression: of("cron", () => pick(nasty)),
              cronCursorJob: of("cron", someJob),
              timeZone: of("cron", () => pick(nasty)),
              whenRunning: of("cron", () => pick(["queue", "skip"] as const)),
              sourceJob: null,
              inclusion: of("message_filter", filter),
              exclusion: of("message_filter", filter),
            },
          ];
        }),
      ),
      edges: Object.fromEntries(
        keys(below(4)).map((key) => {
          const conditionType = pick<EdgeSpec["conditionType"]>([
            "always",
            "on_job_success",
            "on_job_failure",
            "js_expression",
          ]);
          return [
            key,
            {
              ...source(),
              targetJob: someJob(),
              conditionType,
              conditionLabel: maybe(() => pick(nasty)),
              conditionExpression: conditionType === "js_expression" ? maybe(() => pick(nasty)) : null,
              enabled: below(2) === 1,
            },
          ];
        }),
      ),
    };
  };
  const workflows = Object.fromEntries(keys(1 + below(2)).map((key) => [key, workflow()]));
  const places = Object.entries(workflows).flatMap(([key, { jobs }]) =>
    Object.keys(jobs).map((job) => ({ workflow: key, job })),
  );
  const named = ({ workflow, job }: JobPlace) => `${workflow}/${job}`;
  const clear = places.filter((one) => places.filter((other) => named(other) === named(one)).length === 1);
  for (const { triggers } of Object.values(workflows)) {
    const sourceJob = clear[below(clear.length)];
    const type = pick<TriggerSpec["type"]>(["flow", "catch"]);
    if (sourceJob && below(2)) triggers[pick(nasty)] = { ...plain, type, sourceJob };
  }
  return {
    name: pick(nasty),
    description: maybe(() => pick(nasty)),
    env: maybe(() => pick(["staging", "1", "null", "0x1f"])),
    credentials,
    keychains,
    collections,
    workflows,
  };
}

const plain: Omit<TriggerSpec, "type"> = {
  enabled: null,
  webhookReply: null,
  customPath: null,
  deliveryId: null,
  ratePerMinute: null,
  takesGet: null,
  openRosa: null,
  webhookResponseConfig: null,
  cronExpression: null,
  cronCursorJob: null,
  timeZone: null,
  whenRunning: null,
  sourceJob: null,
  inclusion: null,
  exclusion: null,
};

describe("stringifySpec", () => {
  it("loses nothing: reading what was written gives the same spec", () => {
    for (let seed = 1; seed <= 120; seed++) {
      const spec = randomSpec(seed);
      const yaml = stringifySpec(spec);
      expect(parseSpec(yaml), `seed ${seed}\n${yaml}`).toEqual({
        spec,
        problems: [],
        report: [],
        lineOf: expect.any(Function),
      });
    }
  });

  const withBodies = (bodies: string[]): ProjectSpec => {
    const job = { adaptor: "a", credential: null, keychain: null, retry: null };
    const none = { libraryEntry: null, libraryVersion: null };
    const jobs = bodies.map((body, n) => [`j${n}`, { name: `${n}`, body, ...job, ...none }]);
    const plainOne = { name: "w", concurrency: null, orderKey: null, jobLogs: null, triggers: {}, edges: {} };
    return {
      name: "p",
      description: null,
      env: null,
      credentials: {},
      keychains: {},
      collections: {},
      workflows: { w: { ...plainOne, jobs: Object.fromEntries(jobs) } },
    };
  };
  const bodiesOf = (yaml: string) =>
    Object.values(parseSpec(yaml).spec?.workflows.w?.jobs ?? {}).map(({ body }) => body);

  it("keeps every body of four characters that YAML treats as something", { timeout: 60_000 }, () => {
    let bodies = [""];
    const all = [""];
    for (let length = 0; length < 4; length++) {
      bodies = bodies.flatMap((body) => [" ", "\n", "\t", "\r", "a", "#", ":"].map((char) => body + char));
      all.push(...bodies);
    }
    for (let from = 0; from < all.length; from += 400) {
      const some = all.slice(from, from + 400);
      expect(bodiesOf(stringifySpec(withBodies(some)))).toEqual(some);
    }
  });

  it("keeps bodies of 5 MB, in a time that grows with their length", { timeout: 120_000 }, () => {
    for (const line of ["get('/x');\n", "get('/x');\r\n", "x = 'y'; "]) {
      const body = `${line.repeat(5_000_000 / line.length)}end`;
      expect(bodiesOf(stringifySpec(withBodies([body])))[0] === body).toBe(true);
    }
  });

  it("writes the sample as a person would", () => {
    const { spec } = parseSpec(sampleYaml, sampleFiles);
    if (!spec) throw new Error("the sample does not parse");
    const yaml = stringifySpec(spec);
    expect(yaml.split("\n").slice(0, 15).join("\n")).toBe(`name: home-visits
description: |-
  A form from a home visit asks for a referral and a payment.
credentials:
  you-Mobile-money-practice:
    owner: you
    name: Mobile money practice
workflows:
  Referral:
    name: Referral
    jobs:
      Referral:
        name: Referral
        adaptor: '@openfn/language-common@3.3.4'
        credential: null`);
    expect(yaml).toContain("        body: |\n          // Operations run one after the other.");
  });
});

describe("fromDocument", () => {
  it("gives the sample's spec back", () => {
    const { spec } = parseSpec(sampleYaml, sampleFiles);
    if (!spec) throw new Error("the sample does not parse");
    const payload = toDocument(spec, null, counter(), { extensions: true });
    expect(fromDocument(answered(payload))).toEqual(spec);
  });
});

const edgeBetween = (sourceJobId: string, targetJobId: string): WorkflowGraph["edges"][number] => ({
  id: "e",
  sourceTriggerId: null,
  sourceJobId,
  targetJobId,
  conditionType: "always",
  conditionExpression: null,
  conditionLabel: null,
  enabled: true,
});

describe("versionHash", () => {
  const graph: WorkflowGraph = {
    name: "w",
    ...plainWorkflow,
    concurrency: null,
    triggers: [],
    jobs: ["a", "b"].map((id) => ({
      id,
      name: id,
      body: "fn(s => s)",
      adaptor: "@openfn/language-common@latest",
      adaptorVersion: "3.3.4",
      projectCredentialId: null,
      ...plainJob,
    })),
    edges: [edgeBetween("a", "b")],
    positions: null,
  };

  it("is twelve digits of the values alone: ids, pins and the order of items do not count", () => {
    expect(versionHash(graph)).toMatch(/^[0-9a-f]{12}$/);
    const renamed = structuredClone(graph);
    renamed.jobs = renamed.jobs
      .map((job) => ({ ...job, id: `${job.id}${job.id}`, adaptorVersion: "9.9.9" }))
      .reverse();
    renamed.edges = [{ ...edgeBetween("aa", "bb"), id: "other" }];
    expect(versionHash(renamed)).toBe(versionHash(graph));
  });

  const job = (id: string, name: string, body: string) => ({
    id,
    name,
    body,
    adaptor: "@openfn/language-http@latest",
    adaptorVersion: "7.2.10",
    projectCredentialId: null,
    ...plainJob,
  });
  const trigger = {
    id: "t",
    ...plainTrigger,
    inclusion: null,
    exclusion: null,
    cronExpression: null,
    cronCursorJobId: null,
    webhookReply: null,
    webhookResponseConfig: null,
  };
  const edge = { ...edgeBetween("a", "b"), sourceTriggerId: null };

  /** What @openfn/project 0.17.0 makes of the same; where its order of names is a language's, OpenFn's server counts. */
  it("is OpenFn's", () => {
    const nightly: WorkflowGraph = {
      ...graph,
      name: "Nightly sync",
      jobs: [job("b", "store", "fn(s => s)\n"), job("a", "fetch", "get('/patients')")],
      triggers: [
        { ...trigger, type: "cron", enabled: false, cronExpression: "0 2 * * *", cronCursorJobId: "b" },
      ],
      edges: [
        { ...edge, id: "1", sourceTriggerId: "t", sourceJobId: null, targetJobId: "a" },
        {
          ...edge,
          id: "2",
          conditionType: "js_expression",
          conditionExpression: "state.data.length > 0",
          conditionLabel: "has rows",
          enabled: false,
        },
      ],
    };
    expect(versionHash(nightly)).toBe("3fc43a8dac54");
    const hook: WorkflowGraph = {
      ...graph,
      name: "Hook",
      jobs: [job("a", "Åse 🙂", "")],
      triggers: [
        {
          ...trigger,
          type: "webhook",
          enabled: true,
          webhookReply: "after_completion",
          webhookResponseConfig: { success_code: 201, error_code: 400 },
        },
      ],
      edges: [{ ...edge, sourceTriggerId: "t", sourceJobId: null, targetJobId: "a" }],
    };
    expect(versionHash(hook)).toBe("3cf2a2ca606e");
  });

  it("does not depend on the order of jobs, whatever they are called", () => {
    const jobs = ["\uffee", "🙂", "B", "a", "A b", "a-b", "é"].map((name) => job(name, name, name));
    const hashes = [jobs, [...jobs].reverse()].map((some) =>
      versionHash({ ...graph, jobs: some, edges: [] }),
    );
    expect(new Set(hashes).size).toBe(1);
  });

  it("changes with a name, a body, a condition or a filter", () => {
    const [job] = graph.jobs;
    const [edge] = graph.edges;
    const changed = [
      { ...graph, name: "x" },
      { ...graph, jobs: graph.jobs.map((one) => (one === job ? { ...one, body: "fn()" } : one)) },
      {
        ...graph,
        edges: graph.edges.map((one) =>
          one === edge ? { ...one, conditionType: "on_job_failure" as const } : one,
        ),
      },
      { ...graph, edges: [] },
    ];
    expect(new Set([graph, ...changed].map(versionHash)).size).toBe(5);
  });
});
