import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Refusal } from "@/lib/refusal";
import type { ProjectDocument, StateDocument, WorkflowDocument } from "./document";
import fixture from "./fixtures/state-from-server-cases.json";
import { fromDocument, specOfState } from "./from-document";
import { inMapOrder, pulledState, stateOf } from "./state";
import { projects } from "./testing/projects";

type Case = {
  id: string;
  title: string;
  input: { serverProject: ProjectDocument; localState?: StateDocument };
  expect: { projectState: StateDocument };
};

describe("the state file of OpenFn's CLI", () => {
  it.each(fixture.cases as unknown as Case[])("$id $title", ({ input, expect: expected }) => {
    const { serverProject, ...rest } = input;
    const [previous] = Object.values(rest) as (StateDocument | undefined)[];
    expect(stateOf(serverProject, previous)).toEqual(expected.projectState);
  });

  it("loses nothing of a project", () => {
    fc.assert(
      fc.property(projects({ extensions: true, sameTriggers: true }), (document) => {
        const { workflows } = stateOf(document);
        expect(
          Object.values(workflows)
            .map((one) => one.id)
            .sort(),
        ).toEqual(document.workflows.map((one) => one.id).sort());
        for (const { id, jobs, triggers, edges } of document.workflows) {
          const there = Object.values(workflows).find((one) => one.id === id);
          expect(Object.keys(there?.jobs ?? {})).toHaveLength(jobs.length);
          expect(Object.values(there?.triggers ?? {})).toEqual(triggers);
          expect(Object.values(there?.edges ?? {})).toEqual(edges);
        }
      }),
      { numRuns: 150, seed: 12 },
    );
  });

  it("does not take up what was made elsewhere: the next deploy would delete it", () => {
    const known = stateOf(project([workflow("w", ["a"])]));
    const now = project([workflow("w", ["a", "b"]), workflow("v", [])]);
    expect(stateOf(now, known)).toEqual(known);
  });

  it("keeps the keys of the files that a pull writes over, and takes up what is new", () => {
    const known = stateOf(project([workflow("w", ["a", "b"])]));
    const { w } = known.workflows;
    if (!w) throw new Error("unreachable");
    const own = {
      ...known,
      workflows: { mine: { ...w, jobs: { first: w.jobs.a, b: w.jobs.b } } },
    } as StateDocument;
    const [now, other] = [workflow("w", ["a", "first"]), workflow("mine", ["a"])];
    const pulled = pulledState(project([now, other]), own);
    expect(Object.keys(pulled.workflows)).toEqual(["mine", "mine-2"]);
    expect(Object.keys(pulled.workflows.mine?.jobs ?? {})).toEqual(["first", "first-2"]);
    expect(pulledState(project([now]), null)).toEqual(stateOf(project([now])));
  });

  it("is the same with a pull of its own", () => {
    fc.assert(
      fc.property(projects({ extensions: true, sameTriggers: true }), (document) => {
        expect(pulledState(document, stateOf(document))).toEqual(stateOf(document));
      }),
      { numRuns: 100, seed: 12 },
    );
  });

  it("keeps channels, which are OpenFn's", () => {
    const channels = [{ id: "1", name: "a b", destination_url: "https://example.org" }];
    const state = stateOf({ ...project([]), channels });
    expect(state.channels).toEqual({ "a-b": channels[0] });
    expect(stateOf({ ...project([]), channels }, state)).toEqual(state);
  });
});

const workflow = (name: string, jobs: string[]): WorkflowDocument => ({
  id: `id of ${name}`,
  name,
  lock_version: 1,
  jobs: jobs.map((job) => ({
    id: `id of ${name} ${job}`,
    name: job,
    adaptor: "a",
    body: "",
    project_credential_id: null,
  })),
  triggers: [],
  edges: [],
});

const project = (workflows: WorkflowDocument[]): ProjectDocument => ({
  id: "p",
  name: "p",
  description: null,
  project_credentials: [],
  workflows,
});

describe("names with one key", () => {
  const said = (document: ProjectDocument): string => {
    const messages = [stateOf, fromDocument].map((read) => {
      try {
        read(document);
      } catch (error) {
        if (error instanceof Refusal && error.code === "conflict") return error.message;
      }
      return "not refused";
    });
    expect(messages[0]).toBe(messages[1]);
    return messages[0] ?? "";
  };

  it("are refused with both names", () => {
    expect(said(project([workflow("Sync", ["Send it", "Store", "Send-it"])]))).toBe(
      'Two jobs of the workflow "Sync" would be "Send-it" in project.yaml: "Send it" and "Send-it". Rename one of each.',
    );
    expect(said(project([workflow("a b", []), workflow("a  b", [])]))).toBe(
      'Two workflows would be "a-b" in project.yaml: "a b" and "a  b". Rename one of each.',
    );
    const credentials = ["x y", "x-y"].map((name) => ({ id: name, name, owner: "o" }));
    expect(said({ ...project([]), project_credentials: credentials })).toContain(
      'Two credentials would be "o-x-y" in project.yaml: "o x y" and "o x-y".',
    );
    const collections = ["x y", "x-y"].map((name) => ({ id: name, name }));
    expect(said({ ...project([]), collections })).toContain('Two collections would be "x-y"');
    const keychain_credentials = collections.map((one) => ({
      ...one,
      path: "$.a",
      default_credential_id: null,
    }));
    expect(said({ ...project([]), keychain_credentials })).toContain('Two keychains would be "x-y"');
  });

  it("are all told, up to a number", () => {
    const names = Array.from({ length: 30 }, (_, n) => [`a ${n}`, `a-${n}`]).flat();
    const message = said(project([workflow("w", names)]));
    expect(message.match(/Two jobs/g)).toHaveLength(20);
    expect(message).toContain("And 10 more.");
  });

  it("are fine in two workflows, and so are triggers of a type and edges between the same jobs", () => {
    const one = workflow("w", ["a", "b"]);
    const [a, b] = one.jobs.map(({ id }) => id);
    const edge = { source_job_id: a ?? "", target_job_id: b ?? "", condition_type: "always", enabled: true };
    const several: WorkflowDocument = {
      ...one,
      triggers: ["1", "2", "3"].map((id) => ({ id, type: "webhook", enabled: true })),
      edges: ["4", "5"].map((id) => ({ id, ...edge })),
    };
    const state = stateOf(project([several, workflow("v", ["a", "b"])]));
    expect(Object.keys(state.workflows.w?.triggers ?? {})).toEqual(["webhook", "webhook-2", "webhook-3"]);
    expect(Object.keys(state.workflows.w?.edges ?? {})).toEqual(["a->b", "a->b-2"]);
  });
});

describe("inMapOrder", () => {
  it("is the order of the maps that OpenFn's CLI makes, and loses nothing", () => {
    const names = ["b", "10", "9", "01", "4294967295", "a", "0", "-1", "1.5"];
    const { workflows } = inMapOrder(project(names.map((name) => workflow(name, names))));
    const map = Object.keys(Object.fromEntries(names.map((name) => [name, 1])));
    expect(workflows.map(({ name }) => name)).toEqual(map);
    expect(workflows[0]?.jobs.map(({ name }) => name)).toEqual(map);
    expect(inMapOrder(project([workflow("a b", []), workflow("a-b", [])])).workflows).toHaveLength(2);
  });
});

describe("specOfState", () => {
  it("leaves out what is to go, and refuses what is not known", () => {
    const state = stateOf(project([workflow("w", ["a", "b"])]));
    const w = state.workflows.w;
    if (!w) throw new Error("unreachable");
    const without = {
      ...state,
      workflows: { w: { ...w, jobs: { ...w.jobs, b: { id: "b", delete: true as const } } } },
    };
    expect(Object.keys(specOfState(without).workflows.w?.jobs ?? {})).toEqual(["a"]);
    const strange = { ...w, triggers: { kafka: { id: "t", type: "kafka" } } };
    expect(() => specOfState({ ...state, workflows: { w: strange } })).toThrow(
      'The project has a trigger "kafka", which is not known here',
    );
  });

  it("takes an edge that is never followed for one that is switched off", () => {
    const one = workflow("w", ["a"]);
    const [a] = one.jobs.map(({ id }) => id);
    const edge = { id: "e", source_job_id: a ?? "", target_job_id: a ?? "", enabled: true };
    const edges = ["never", null].map((condition_type, n) => ({ ...edge, id: `e${n}`, condition_type }));
    const { workflows } = fromDocument(project([{ ...one, edges }]));
    expect(Object.values(workflows.w?.edges ?? {})).toMatchObject([
      { conditionType: "on_job_success", enabled: false },
      { conditionType: "on_job_success", enabled: true },
    ]);
  });
});
