import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alignKeys } from "./align";
import { specOfState } from "./from-document";
import type { ProjectSpec, WorkflowSpec } from "./spec";
import { stateOf } from "./state";
import { counter, projects } from "./testing/projects";
import { toDocument } from "./to-document";

/** The same under other keys, as another tool would have chosen them. */
function underOtherKeys(spec: ProjectSpec): ProjectSpec {
  const jobKeys = new Map(
    Object.entries(spec.workflows).map(([key, { jobs }]) => [key, numbered("job", jobs)]),
  );
  const [workflows, credentials, keychains, collections] = [
    numbered("w", spec.workflows),
    numbered("credential", spec.credentials),
    numbered("keychain", spec.keychains),
    numbered("collection", spec.collections),
  ];
  const of = (keys: Map<string, string> | undefined, key: string) => keys?.get(key) ?? "";
  const workflow = (one: WorkflowSpec, key: string): WorkflowSpec => {
    const jobs = jobKeys.get(key);
    const triggers = numbered("t", one.triggers);
    return {
      ...one,
      jobs: under(one.jobs, jobs, (job) => ({
        ...job,
        credential: job.credential && of(credentials, job.credential),
        keychain: job.keychain && of(keychains, job.keychain),
      })),
      triggers: under(one.triggers, triggers, (trigger) => ({
        ...trigger,
        cronCursorJob: trigger.cronCursorJob && of(jobs, trigger.cronCursorJob),
        sourceJob: trigger.sourceJob && {
          workflow: of(workflows, trigger.sourceJob.workflow),
          job: of(jobKeys.get(trigger.sourceJob.workflow), trigger.sourceJob.job),
        },
      })),
      edges: under(one.edges, numbered("e", one.edges), (edge) => ({
        ...edge,
        sourceTrigger: edge.sourceTrigger && of(triggers, edge.sourceTrigger),
        sourceJob: edge.sourceJob && of(jobs, edge.sourceJob),
        targetJob: of(jobs, edge.targetJob),
      })),
    };
  };
  return {
    ...spec,
    credentials: under(spec.credentials, credentials),
    keychains: under(spec.keychains, keychains, (one) => ({
      ...one,
      defaultCredential: one.defaultCredential && of(credentials, one.defaultCredential),
    })),
    collections: under(spec.collections, collections),
    workflows: under(spec.workflows, workflows, workflow),
  };
}

const numbered = (word: string, items: object) =>
  new Map(Object.keys(items).map((key, n) => [key, `${word}~${n}`]));

const under = <T>(
  items: Record<string, T>,
  keys: Map<string, string> | undefined,
  toItem: (item: T, key: string) => T = (item) => item,
): Record<string, T> =>
  Object.fromEntries(Object.entries(items).map(([key, item]) => [keys?.get(key) ?? key, toItem(item, key)]));

const options = { extensions: true, missing: () => "keep" as const };

describe("a file whose keys are others than the project's", () => {
  test("is taken for the same project by the names in it, and nothing would be changed", () => {
    fc.assert(
      fc.property(projects({ extensions: true, sameTriggers: false }), (document) => {
        const state = stateOf(document);
        const spec = specOfState(state);
        const aligned = alignKeys(underOtherKeys(spec), state);
        expect(toDocument(aligned, state, counter(), options)).toEqual(
          toDocument(spec, state, counter(), options),
        );
      }),
      { numRuns: 60 },
    );
  });

  test("stays as it is where the keys are the project's, or there is nothing alike", () => {
    fc.assert(
      fc.property(projects({ extensions: true, sameTriggers: true }), (document) => {
        const state = stateOf(document);
        const spec = specOfState(state);
        expect(alignKeys(spec, state)).toEqual(spec);
        expect(alignKeys(spec, { id: "p", name: "p", project_credentials: {}, workflows: {} })).toEqual(spec);
      }),
      { numRuns: 40 },
    );
  });
});

const job = (name: string, body = "fn(s => s)") => ({ name, body });
const specWith = (jobs: Record<string, { name: string; body: string }>): ProjectSpec => ({
  name: "p",
  description: null,
  env: null,
  credentials: {},
  keychains: {},
  collections: {},
  workflows: {
    w: {
      name: "w",
      concurrency: null,
      orderKey: null,
      jobLogs: null,
      triggers: {},
      edges: {},
      jobs: Object.fromEntries(
        Object.entries(jobs).map(([key, one]) => [
          key,
          {
            ...one,
            adaptor: "@openfn/language-common@3.3.4",
            credential: null,
            keychain: null,
            retry: null,
            libraryEntry: null,
            libraryVersion: null,
          },
        ]),
      ),
    },
  },
});
const stateWith = (jobs: Record<string, { id: string; name: string }>) => ({
  id: "p",
  name: "p",
  project_credentials: {},
  workflows: {
    w: {
      id: "w-id",
      name: "w",
      triggers: {},
      edges: {},
      jobs: Object.fromEntries(
        Object.entries(jobs).map(([key, one]) => [
          key,
          { ...one, body: "x", adaptor: "a", project_credential_id: null },
        ]),
      ),
    },
  },
});

test("a job that was renamed in the file is known by the id that the file's own state has for its key", () => {
  const current = stateWith({ Old: { id: "1", name: "Old" }, Other: { id: "2", name: "Other" } });
  const known = stateWith({ first: { id: "1", name: "Old" } });
  const aligned = alignKeys(specWith({ first: job("Renamed"), Old: job("New") }), current, known);
  expect(Object.entries(aligned.workflows.w?.jobs ?? {}).map(([key, { name }]) => [key, name])).toEqual([
    ["Old", "Renamed"],
    ["Old-2", "New"],
  ]);
  const strange = alignKeys(specWith({ first: job("Renamed") }), current, { ...known, id: "another" });
  expect(Object.keys(strange.workflows.w?.jobs ?? {})).toEqual(["first"]);
});
