import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conflictedJobs, conflictText } from "./conflict";
import { fromDocument } from "./from-document";
import { parseSpec } from "./parse";
import type { ProjectSpec } from "./spec";
import { stringifySpec } from "./stringify";
import { projects, text } from "./testing/projects";
import { mergeSpecs } from "./three-way";

const specOf = (yaml: string): ProjectSpec => {
  const { spec, problems } = parseSpec(yaml);
  if (!spec) throw new Error(JSON.stringify(problems));
  return spec;
};

const base = specOf(`name: clinics
credentials:
  ann-API: {name: API, owner: ann}
workflows:
  Sync:
    jobs:
      Fetch: {adaptor: http@1, credential: ann-API, body: "one\\ntwo\\nthree\\nfour\\nfive\\n"}
      Store: {adaptor: common@1, body: "fn()"}
    triggers:
      webhook: {type: webhook, enabled: true}
    edges:
      webhook->Fetch: {source_trigger: webhook, target_job: Fetch}
      Fetch->Store: {source_job: Fetch, target_job: Store}
`);

type Workflow = ProjectSpec["workflows"][string];

/** The base, changed. */
function changed(change: (sync: Workflow, spec: ProjectSpec) => void): ProjectSpec {
  const spec = structuredClone(base);
  const sync = spec.workflows.Sync;
  if (!sync) throw new Error("unreachable");
  change(sync, spec);
  return spec;
}

const job = (workflow: Workflow | undefined, key: string) => {
  const found = workflow?.jobs[key];
  if (!found) throw new Error(`no job ${key}`);
  return found;
};

const paths = (conflicts: { path: string[] }[]) => conflicts.map(({ path }) => path.join("/"));

describe("mergeSpecs", { timeout: 60_000 }, () => {
  it("takes what either side changed, down to fields and lines", () => {
    const yours = changed((sync, spec) => {
      job(sync, "Fetch").body = "ONE\ntwo\nthree\nfour\nfive\n";
      job(sync, "Store").adaptor = "common@2";
      spec.description = "ours";
    });
    const theirs = changed((sync) => {
      job(sync, "Fetch").body = "one\ntwo\nthree\nfour\nFIVE\n";
      job(sync, "Store").name = "Keep";
      sync.jobs.Tell = { ...job(sync, "Store"), name: "Tell" };
    });
    const { spec, conflicts } = mergeSpecs(base, yours, theirs);
    expect(conflicts).toEqual([]);
    expect(job(spec.workflows.Sync, "Fetch").body).toBe("ONE\ntwo\nthree\nfour\nFIVE\n");
    expect(job(spec.workflows.Sync, "Store")).toMatchObject({ adaptor: "common@2", name: "Keep" });
    expect(Object.keys(spec.workflows.Sync?.jobs ?? {})).toEqual(["Fetch", "Store", "Tell"]);
    expect(spec.description).toBe("ours");
  });

  it("puts a readable block where both changed the same lines, and knows it again", () => {
    const [yours, theirs] = ["mine", "server's"].map((word) =>
      changed((sync) => {
        job(sync, "Fetch").body = `one\n${word}\nthree\nfour\nfive\n`;
      }),
    );
    if (!yours || !theirs) throw new Error("unreachable");
    const { spec, conflicts } = mergeSpecs(base, yours, theirs);
    expect(job(spec.workflows.Sync, "Fetch").body).toBe(
      "one\n<<<<<<< yours\nmine\n||||||| last pulled\ntwo\n=======\nserver's\n>>>>>>> server\nthree\nfour\nfive\n",
    );
    expect(conflicts).toMatchObject([{ path: ["workflows", "Sync", "jobs", "Fetch", "body"], kept: "both" }]);
    expect(conflictedJobs(spec)).toEqual(["Sync/Fetch"]);
    expect(conflictedJobs(base)).toEqual([]);
  });

  it("keeps yours of a field that both changed, and shows all three", () => {
    const [yours, theirs] = ["http@2", "http@3"].map((adaptor) =>
      changed((sync) => {
        job(sync, "Fetch").adaptor = adaptor;
      }),
    );
    if (!yours || !theirs) throw new Error("unreachable");
    const { spec, conflicts } = mergeSpecs(base, yours, theirs);
    expect(job(spec.workflows.Sync, "Fetch").adaptor).toBe("http@2");
    expect(conflicts.map(conflictText)).toEqual([
      "workflows/Sync/jobs/Fetch/adaptor: yours was kept\n<<<<<<< yours\nhttp@2\n||||||| last pulled\nhttp@1\n=======\nhttp@3\n>>>>>>> server",
    ]);
  });

  it("keeps what one side took away and the other changed", () => {
    const gone = changed((sync) => {
      delete sync.jobs.Store;
      delete sync.edges["Fetch->Store"];
    });
    const used = changed((sync) => {
      job(sync, "Store").body = "fn(s => s)";
    });
    for (const [yours, theirs, kept] of [
      [gone, used, "theirs"],
      [used, gone, "yours"],
    ] as const) {
      const { spec, conflicts } = mergeSpecs(base, yours, theirs);
      expect(job(spec.workflows.Sync, "Store").body).toBe("fn(s => s)");
      expect(conflicts).toMatchObject([{ path: ["workflows", "Sync", "jobs", "Store"], kept }]);
      expect(conflictText(conflicts[0] ?? expect.unreachable())).toContain("(not there)");
    }
  });

  it("brings back what one side took away and the other names from now on", () => {
    const gone = changed((sync, spec) => {
      delete sync.jobs.Store;
      delete sync.edges["Fetch->Store"];
      job(sync, "Fetch").credential = null;
      spec.credentials = {};
    });
    const used = changed((sync) => {
      const tell = { ...job(sync, "Store"), name: "Tell", credential: "ann-API" };
      sync.jobs.Tell = tell;
      const edge = sync.edges["Fetch->Store"];
      if (edge) sync.edges["Store->Tell"] = { ...edge, sourceJob: "Store", targetJob: "Tell" };
    });
    const { spec, conflicts } = mergeSpecs(base, gone, used);
    expect(paths(conflicts)).toEqual(["credentials/ann-API", "workflows/Sync/jobs/Store"]);
    expect(parseSpec(stringifySpec(spec)).problems).toEqual([]);
    expect(spec.workflows.Sync?.edges["Fetch->Store"]).toBeUndefined();
  });

  it("does not mix two ways to say one thing", () => {
    const yours = changed((sync, spec) => {
      spec.keychains.k = { name: "k", path: "$.a", defaultCredential: null };
      Object.assign(job(sync, "Fetch"), { credential: null, keychain: "k" });
      Object.assign(sync.triggers.webhook ?? {}, { type: "cron", cronExpression: "0 * * * *" });
    });
    const theirs = changed((sync, spec) => {
      spec.credentials.other = { name: "other", owner: "ann" };
      job(sync, "Fetch").credential = "other";
      Object.assign(sync.triggers.webhook ?? {}, { webhookReply: "before_start" });
    });
    const { spec, conflicts } = mergeSpecs(base, yours, theirs);
    expect(paths(conflicts)).toEqual([
      "workflows/Sync/jobs/Fetch/credential, keychain",
      "workflows/Sync/triggers/webhook",
    ]);
    expect(parseSpec(stringifySpec(spec))).toMatchObject({ problems: [], report: [] });
  });

  it("takes nothing for taken away where nobody knows what both came from", () => {
    const yours = changed((sync) => {
      delete sync.jobs.Store;
      delete sync.edges["Fetch->Store"];
    });
    const { spec, conflicts } = mergeSpecs(null, yours, base);
    expect(conflicts).toEqual([]);
    expect(Object.keys(spec.workflows.Sync?.jobs ?? {})).toEqual(["Fetch", "Store"]);
  });

  const any = projects({ extensions: true, sameTriggers: true }).map(fromDocument);
  const runs = { numRuns: 60, seed: 12 };

  it("is the changed side where the other changed nothing, and either where they are the same", () => {
    fc.assert(
      fc.property(any, any, (was, now) => {
        expect(mergeSpecs(was, now, was)).toEqual({ spec: now, conflicts: [] });
        expect(mergeSpecs(was, was, now)).toEqual({ spec: now, conflicts: [] });
        expect(mergeSpecs(was, now, now)).toEqual({ spec: now, conflicts: [] });
        expect(mergeSpecs(null, now, now)).toEqual({ spec: now, conflicts: [] });
      }),
      runs,
    );
  });

  /** A project with jobs enough, and a few changes of it. */
  const edits = fc.array(
    fc.record({ job: fc.nat(5), field: fc.constantFrom("name", "adaptor", "body"), value: text }),
    { maxLength: 4 },
  );
  const jobs = (spec: ProjectSpec) =>
    Object.values(spec.workflows).flatMap((workflow) => Object.values(workflow.jobs));
  function edited(
    spec: ProjectSpec,
    some: { job: number; field: "name" | "adaptor" | "body"; value: string }[],
  ) {
    const copy = structuredClone(spec);
    for (const { job, field, value } of some) Object.assign(jobs(copy)[job] ?? {}, { [field]: value });
    return copy;
  }

  it("loses no side's work: it is in the result, or in a conflict", () => {
    fc.assert(
      fc.property(any, edits, edits, (was, mine, other) => {
        const [yours, theirs] = [edited(was, mine), edited(was, other)];
        const { spec, conflicts } = mergeSpecs(was, yours, theirs);
        for (const [n, one] of jobs(spec).entries())
          for (const field of ["name", "adaptor", "body"] as const) {
            const [b, y, t] = [was, yours, theirs].map((side) => jobs(side)[n]?.[field]);
            if (y === b || t === b || y === t) expect(one[field]).toBe(y === b ? t : y);
            else
              expect(
                one[field] !== y ||
                  conflicts.some(
                    ({ path, theirs }) =>
                      path.at(-1) === field && JSON.stringify(theirs).includes(JSON.stringify(t)),
                  ),
              ).toBe(true);
          }
      }),
      runs,
    );
  });

  it("makes a project that can be read, whatever became of either side", () => {
    fc.assert(
      fc.property(any, any, any, (was, yours, theirs) => {
        const { spec } = mergeSpecs(was, yours, theirs);
        const missing = /Could not find/;
        const { problems } = parseSpec(stringifySpec(spec));
        expect(problems.filter(({ message }) => missing.test(message))).toEqual([]);
      }),
      runs,
    );
  });
});
