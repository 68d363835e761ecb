import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import type { ProjectPayload, StateDocument } from "./document";
import deployFixture from "./fixtures/deploy-v1-cases.json";
import { fromDocument, specOfState } from "./from-document";
import { hyphenated } from "./keys";
import { parseSpec } from "./parse";
import { type PlainSpec, plainSpec } from "./plain-spec";
import { inMapOrder, stateOf } from "./state";
import { stringifySpec } from "./stringify";
import { answered, counter, projects } from "./testing/projects";
import { mergeSpec, toDocument } from "./to-document";

type Case = {
  id: string;
  title: string;
  input: { projectYaml: string; projectState: StateDocument | null; files?: Record<string, string> };
  expect: { payload?: object; error?: { message: string }; exits?: number };
};
const cases = deployFixture.cases as unknown as Case[];

/** A project.yaml as OpenFn's CLI reads it: bodies beside their paths, expressions as texts. */
function readPlainly(yaml: string, files: Record<string, string> = {}): PlainSpec {
  const spec: PlainSpec = parseDocument(yaml).toJSON();
  for (const { jobs, edges } of Object.values(spec.workflows ?? {})) {
    for (const { body } of Object.values(jobs ?? {}))
      if (typeof body === "object" && body.path) body.content = files[path.normalize(body.path)] ?? "";
    for (const edge of Object.values(edges ?? {}))
      if (edge.condition_expression !== undefined)
        edge.condition_expression = String(edge.condition_expression);
  }
  return spec;
}

/** `{{uuid:n}}` in what is expected stands for any id, the same for the same n. */
function numbered(expected: unknown, found: unknown): unknown {
  const ids = new Map<string, string>();
  const walk = (pattern: unknown, value: unknown): void => {
    if (typeof pattern === "string" && pattern.startsWith("{{uuid:") && typeof value === "string")
      ids.set(value, pattern);
    else if (typeof pattern === "object" && pattern !== null && typeof value === "object" && value !== null)
      for (const [key, one] of Object.entries(pattern)) walk(one, (value as Record<string, unknown>)[key]);
  };
  walk(expected, found);
  return JSON.parse(JSON.stringify(found), (_, value) => ids.get(value) ?? value);
}

describe("the merge of OpenFn's CLI", () => {
  it.each(cases)("$id $title", ({ input, expect: expected }) => {
    const spec = readPlainly(input.projectYaml, input.files);
    const merge = () => mergeSpec(spec, input.projectState, counter()).payload;
    if (expected.error) expect(merge).toThrow(expected.error.message);
    else if (expected.exits)
      expect(merge).toThrow(
        "Workflow found in project state but not spec: Sync patients (00000002-0000-4000-8000-000000000002)",
      );
    else expect(numbered(expected.payload, merge())).toEqual(expected.payload);
  });

  /**
   * deploy-22, -26 and -29 are refused when they are read; deploy-05 has no `credential`, which is null to us; deploy-31
   * has `condition`, which OpenFn's CLI drops.
   */
  const others = ["deploy-05", "deploy-22", "deploy-26", "deploy-29", "deploy-31"];
  const ours = cases.filter(({ id }) => !others.includes(id));

  it.each(ours)("$id is the same of a spec that was read: $title", ({ input, expect: expected }) => {
    const { spec } = parseSpec(input.projectYaml, input.files);
    const merge = () => spec && toDocument(spec, input.projectState, counter());
    if (spec === null) expect(expected.error?.message).toContain("credential");
    else if (expected.payload) expect(numbered(expected.payload, merge())).toEqual(expected.payload);
    else expect(merge).toThrow("Workflow found in project state but not spec");
  });

  it("sends what today's CLI drops of old files: the condition", () => {
    const old = cases.find(({ id }) => id === "deploy-31");
    const { spec } = parseSpec(old?.input.projectYaml ?? "", old?.input.files);
    const payload = spec && toDocument(spec, null, counter());
    expect(payload).toMatchObject({
      workflows: [
        {
          edges: ["always", "on_job_success", "on_job_success", "on_job_failure"].map((condition_type) => ({
            condition_type,
          })),
        },
      ],
    });
  });

  it("takes no inherited property for an entry: keys may be constructor and __proto__", () => {
    const spec: PlainSpec = JSON.parse(`{
      "name": "p",
      "credentials": {"constructor": {"name": "a", "owner": "b"}},
      "workflows": {"__proto__": {"name": "w", "jobs": {
        "toString": {"name": "x", "adaptor": "a", "body": "", "credential": "constructor"},
        "__proto__": {"name": "y", "adaptor": "a", "body": "", "credential": null}
      }, "edges": {"valueOf": {"source_job": "toString", "target_job": "__proto__", "condition_type": "always"}}}}
    }`);
    const { payload, state } = mergeSpec(spec, null, counter());
    const [workflow] = payload.workflows;
    expect(workflow).toMatchObject({
      jobs: [{ name: "x", project_credential_id: payload.project_credentials[0]?.id }, { name: "y" }],
      edges: [{ source_job_id: expect.any(String), target_job_id: expect.any(String) }],
    });
    expect(Object.keys(state.workflows)).toEqual(["__proto__"]);
    expect(() =>
      mergeSpec(
        {
          name: "p",
          workflows: {
            w: { name: "w", jobs: { j: { name: "j", adaptor: "a", body: "", credential: "valueOf" } } },
          },
        },
        null,
        counter(),
      ),
    ).toThrow("Could not find a credential with name: valueOf");
  });

  it("says when a state is none", () => {
    expect(() => mergeSpec({ name: "p" }, JSON.parse("{}"), counter())).toThrow(
      "Project state must have a workflows property",
    );
  });
});

const runs = { numRuns: 150, seed: 12 };

/** As a server stores it: null takes a value away. */
const withoutNulls = (payload: ProjectPayload): ProjectPayload =>
  JSON.parse(JSON.stringify(payload), (key, value) =>
    value === null && key !== "" && !keptNulls.has(key) && !/^\d+$/.test(key) ? undefined : value,
  );
const keptNulls = new Set(["project_credential_id", "default_credential_id"]);

describe("pull, then deploy", { timeout: 60_000 }, () => {
  it("changes nothing, with what is ours", () => {
    fc.assert(
      fc.property(projects({ extensions: true, sameTriggers: true }), (made) => {
        const document = inMapOrder(made);
        const state = stateOf(document);
        const spec = fromDocument(document);
        const none = () => expect.unreachable("an id was made");
        expect(toDocument(spec, state, none, { extensions: true })).toEqual(document);
      }),
      runs,
    );
  });

  it("changes nothing with OpenFn's CLI, through the file", () => {
    fc.assert(
      fc.property(projects({ extensions: false, sameTriggers: false }), (made) => {
        const document = inMapOrder(made);
        const yaml = stringifySpec(fromDocument(document));
        const none = () => expect.unreachable("an id was made");
        expect(mergeSpec(readPlainly(yaml), stateOf(document), none).payload, yaml).toEqual(document);
      }),
      runs,
    );
  });

  it("is read as it was written, by us", () => {
    fc.assert(
      fc.property(projects({ extensions: true, sameTriggers: true }), (document) => {
        const spec = fromDocument(document);
        const yaml = stringifySpec(spec);
        const read = parseSpec(yaml);
        expect(read.problems, yaml).toEqual([]);
        expect(read.spec, yaml).toEqual(spec);
      }),
      runs,
    );
  });

  it("keeps the file's keys over names when the answer is read", () => {
    fc.assert(
      fc.property(projects({ extensions: true, sameTriggers: true }), (document) => {
        const { payload, state } = mergeSpec(plainSpec(fromDocument(document)), null, counter(), {
          extensions: true,
        });
        expect(specOfState(stateOf(answered(payload), state))).toEqual(fromDocument(document));
      }),
      runs,
    );
  });
});

describe("deploying into a project", { timeout: 60_000 }, () => {
  const [before, after] = [projects, projects].map((made) => made({ extensions: true, sameTriggers: true }));

  it("makes it the file's, from whatever it was, and says what is to go", () => {
    if (!before || !after) throw new Error("unreachable");
    fc.assert(
      fc.property(before, after, (made, wanted) => {
        const old = inMapOrder(made);
        const state = stateOf(old);
        const spec = fromDocument(wanted);
        const { payload, state: next } = mergeSpec(plainSpec(spec), state, counter(), {
          extensions: true,
          missing: () => "delete",
        });
        const there = specOfState(stateOf(answered(withoutNulls(payload)), next));
        expect(there.workflows).toEqual(spec.workflows);
        expect(there.env).toEqual(spec.env);
        const gone = old.workflows.filter(({ name }) => !Object.hasOwn(spec.workflows, hyphenated(name)));
        const deleted = payload.workflows.filter((one) => "delete" in one);
        expect(deleted).toEqual(gone.map(({ id }) => ({ id, delete: true })));
      }),
      runs,
    );
  });

  it("keeps a workflow that the file lacks where it is asked to", () => {
    const state = stateOf({
      id: "p",
      name: "p",
      project_credentials: [{ id: "c", name: "n", owner: "o" }],
      workflows: [{ id: "w", name: "w", lock_version: 3, jobs: [], triggers: [], edges: [] }],
    });
    const { payload } = mergeSpec({ name: "p" }, state, counter(), { missing: () => "keep" });
    expect(payload.workflows).toEqual([
      { id: "w", name: "w", lock_version: 3, jobs: [], triggers: [], edges: [] },
    ]);
    expect(payload.project_credentials).toHaveLength(1);
    expect(() => mergeSpec({ name: "p", workflows: {} }, state, counter())).toThrow(
      "Invalid credential spec or corrupted state for credential: n (o)",
    );
  });
});
