import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isNode, parseDocument, visit } from "yaml";
import { fromDocument } from "./from-document";
import { parseSpec } from "./parse";
import { rewriteSpec } from "./rewrite";
import type { ProjectSpec } from "./spec";
import { stringifySpec } from "./stringify";
import { text as body, projects } from "./testing/projects";

const file = `# Our clinics' project. Ask Ann before you change it.
name: clinics
description: Nightly   # not by day

workflows:
    # The first one.
    Sync:
        name: 'Sync'
        jobs:

            Fetch:   # from the registry
                adaptor: "@openfn/language-http@6.5.1"
                body: {path: ./jobs/fetch.js}
                name: Fetch
            # Keeps what was fetched.
            Store:
                name: Store
                adaptor: '@openfn/language-common@latest'
                credential: null
                body: |
                    // why so
                    fn(state => state);
        triggers:
            cron: {type: cron, cron_expression: 0 2 * * *, enabled: true}
        edges:
            cron->Fetch: {source_trigger: cron, target_job: Fetch, condition: always}
            "Fetch->Store":
                target_job: Store
                source_job: Fetch
                condition: on_job_success # or else we lose some

# The end.
`;
const files = { "./jobs/fetch.js": "get('/patients');\n" };

const specOf = (yaml: string, sent: Record<string, string> = files): ProjectSpec => {
  const { spec, problems } = parseSpec(yaml, sent);
  if (!spec) throw new Error(JSON.stringify(problems));
  return spec;
};

/** The file after a change of its spec, read again. */
function edited(
  change: (workflow: ProjectSpec["workflows"][string], spec: ProjectSpec) => void,
  text = file,
) {
  const spec = structuredClone(specOf(text));
  const sync = spec.workflows.Sync;
  if (!sync) throw new Error("unreachable");
  change(sync, spec);
  const found = rewriteSpec(text, spec, files);
  expect(specOf(found.text, { ...files, ...found.files }), found.text).toEqual(spec);
  return { ...found, lines: changedLines(text, found.text) };
}

/** Lines that only one of the texts has. */
function changedLines(before: string, now: string): string[] {
  const [old, young] = [before.split("\n"), now.split("\n")];
  return [
    ...old.filter((line) => !young.includes(line)).map((line) => `-${line.trim()}`),
    ...young.filter((line) => !old.includes(line)).map((line) => `+${line.trim()}`),
  ];
}

const job = (workflow: ProjectSpec["workflows"][string], key: string) => {
  const found = workflow.jobs[key];
  if (!found) throw new Error(`no job ${key}`);
  return found;
};

describe("rewriteSpec", () => {
  it("leaves a file that says so already as it is, to the last byte", () => {
    expect(rewriteSpec(file, specOf(file), files)).toEqual({ text: file, files: {} });
  });

  it("changes one line where one thing changed", () => {
    const changes: [string[], Parameters<typeof edited>[0]][] = [
      [
        ["-description: Nightly   # not by day", "+description: Daily # not by day"],
        (_, spec) => {
          spec.description = "Daily";
        },
      ],
      [
        ['-adaptor: "@openfn/language-http@6.5.1"', '+adaptor: "@openfn/language-http@7.0.0"'],
        (workflow) => {
          job(workflow, "Fetch").adaptor = "@openfn/language-http@7.0.0";
        },
      ],
      [
        ["-// why so", "+// why not"],
        (workflow) => {
          job(workflow, "Store").body = "// why not\nfn(state => state);\n";
        },
      ],
      [
        [
          "-condition: on_job_success # or else we lose some",
          "+condition_type: on_job_failure # or else we lose some",
        ],
        ({ edges }) => {
          const edge = edges["Fetch->Store"];
          if (edge) edge.conditionType = "on_job_failure";
        },
      ],
      [
        [
          "-cron: {type: cron, cron_expression: 0 2 * * *, enabled: true}",
          "+cron: {type: cron, cron_expression: '0 3 * * *', enabled: true}",
        ],
        ({ triggers }) => {
          if (triggers.cron) triggers.cron.cronExpression = "0 3 * * *";
        },
      ],
      [
        ["-name: Fetch", "+name: Fetch all"],
        (workflow) => {
          job(workflow, "Fetch").name = "Fetch all";
        },
      ],
    ];
    for (const [lines, change] of changes) expect(edited(change).lines).toEqual(lines);
  });

  it("leaves code in its file, and writes that", () => {
    const found = edited((workflow) => {
      job(workflow, "Fetch").body = "get('/all');\n";
    });
    expect(found).toMatchObject({ text: file, files: { "./jobs/fetch.js": "get('/all');\n" } });
    expect(rewriteSpec(file, specOf(file), {}).files).toEqual({ "./jobs/fetch.js": "get('/patients');\n" });
    const old = "name: p\nworkflows:\n  Sync:\n    jobs:\n      a: {adaptor: x, path: ./jobs/fetch.js}\n";
    const kept = edited((workflow) => {
      job(workflow, "a").body = "new";
    }, old);
    expect(kept).toMatchObject({ text: old, files: { "./jobs/fetch.js": "new" } });
  });

  it("puts code into the file where two jobs of one file differ from now on", () => {
    const two =
      "name: p\nworkflows:\n  Sync:\n    jobs:\n      a: {adaptor: x, path: jobs/fetch.js}\n      b:\n        adaptor: x\n        body:\n          path: ./jobs/fetch.js\n";
    const apart = edited((workflow) => {
      job(workflow, "a").body = "new";
    }, two);
    expect(apart.files).toEqual({});
    expect(apart.text).toContain("path: ./jobs/fetch.js");
    const alike = edited((workflow) => {
      for (const one of Object.values(workflow.jobs)) one.body = "both";
    }, two);
    expect(alike.text).toBe(two);
    expect(Object.values(alike.files)).toEqual(["both", "both"]);
  });

  it("adds a job, an edge and a workflow where they belong, and takes them away with what is said of them", () => {
    const added = edited((workflow, spec) => {
      const tell = { ...job(workflow, "Store"), name: "Tell", body: "fn(s => s)" };
      workflow.jobs.Tell = tell;
      const edge = workflow.edges["Fetch->Store"];
      if (edge) workflow.edges["Store->Tell"] = { ...edge, sourceJob: "Store", targetJob: "Tell" };
      spec.workflows.Other = { ...workflow, name: "Other", jobs: { Tell: tell }, triggers: {}, edges: {} };
    });
    expect(added.lines.filter((line) => line.startsWith("-"))).toEqual([]);
    const removed = edited((workflow) => {
      delete workflow.jobs.Store;
      delete workflow.edges["Fetch->Store"];
    });
    expect(removed.lines.filter((line) => line.startsWith("+"))).toEqual([]);
    expect(removed.lines).toContain("-# Keeps what was fetched.");
    for (const comment of ["# Our clinics'", "# The first one.", "# from the registry", "# The end."])
      expect(removed.text).toContain(comment);
  });

  it("unfolds an alias where what it stands for is no longer the same", () => {
    const aliased =
      "name: p\nx-adaptor: &a http@1 # ours\nworkflows:\n  Sync:\n    jobs:\n      a: {adaptor: *a, body: x} # one\n      b: {adaptor: *a, body: x}\n";
    const found = edited((workflow) => {
      job(workflow, "b").adaptor = "http@2";
    }, aliased);
    expect(found.lines).toHaveLength(2);
    expect(found.text).toContain("a: {adaptor: *a, body: x} # one");
    const anchored = aliased.replace("x-adaptor: &a http@1 # ours\n", "").replace("*a", "&a http@1");
    const other = edited((workflow) => {
      job(workflow, "a").adaptor = "http@2";
    }, anchored);
    expect(other.text).toContain("# one");
  });

  it("switches edges that a job of 2023 switched off", () => {
    const old =
      "name: p # ours\nworkflows:\n  Sync:\n    jobs:\n      a: {adaptor: x, body: x}\n      b: {adaptor: x, body: x, enabled: false}\n    triggers:\n      webhook: {type: webhook}\n    edges:\n      webhook->b: {source_trigger: webhook, target_job: b}\n      a->b: {source_job: a, target_job: b}\n";
    const found = edited(({ edges }) => {
      const edge = edges["a->b"];
      if (edge) edge.enabled = true;
    }, old);
    expect(found.text).toContain("# ours");
    expect(found.text).toContain("webhook->b: {source_trigger: webhook, target_job: b, enabled: false}");
  });

  it("keeps Windows' line ends, and writes what cannot be read anew", () => {
    const windows = file.replaceAll("\n", "\r\n");
    const found = edited((workflow) => {
      job(workflow, "Store").body = "x\ny\n";
    }, windows);
    expect(found.text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    const spec = specOf(file);
    for (const broken of ["", "a: b: c", "[]", "name: p\nworkflows:\n  w: 3\n"])
      expect(rewriteSpec(broken, spec, files)).toEqual({ text: stringifySpec(spec), files: {} });
    const unknown = file.replace("name: clinics", "nam: clinics");
    const anew = rewriteSpec(unknown, spec, files);
    expect(anew.text).toContain("path: ./jobs/fetch.js");
    expect(specOf(anew.text)).toEqual(spec);
  });

  const any = projects({ extensions: true, sameTriggers: true }).map(fromDocument);

  /** A person's hand: comments, blank lines, another indentation, quotes and order. */
  function byHand(spec: ProjectSpec, dice: number): string {
    let state = dice;
    const below = (n: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state % n;
    };
    const document = parseDocument(stringifySpec(spec));
    visit(document, {
      Pair(_, { key }) {
        if (!isNode(key)) return;
        if (below(3) === 0) key.commentBefore = ` note ${below(1_000_000)}`;
        if (below(4) === 0) key.spaceBefore = true;
      },
      Map(_, map) {
        if (below(3) === 0) map.items.reverse();
      },
    });
    return document.toString({ lineWidth: 0, indent: 2 + below(3) });
  }

  it("says whatever it is to say, whatever the file was", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(any, any, fc.nat(), (old, now, dice) => {
        const text = byHand(old, dice);
        const found = rewriteSpec(text, now);
        expect(parseSpec(found.text).spec, `${text}\n=====\n${found.text}`).toEqual(now);
      }),
      { numRuns: 60, seed: 12 },
    );
  });

  it("keeps every note of what did not change, in every file", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(any, any, fc.nat(), (old, other, dice) => {
        const text = byHand(old, dice);
        const said = specOf(text, {});
        const now = { ...said, workflows: { ...said.workflows, ...other.workflows } };
        const keys = Object.keys(other.workflows).filter((key) => Object.hasOwn(old.workflows, key));
        // The keys of the credentials of another project are not there.
        for (const workflow of Object.values(other.workflows))
          for (const one of Object.values(workflow.jobs))
            Object.assign(one, { credential: null, keychain: null });
        const found = rewriteSpec(text, now);
        expect(parseSpec(found.text).spec, `${text}\n=====\n${found.text}`).toEqual(now);
        const notes = (yaml: string) => yaml.match(/# note \d+/g) ?? [];
        if (keys.length === 0) expect(notes(found.text)).toEqual(notes(text));
      }),
      { numRuns: 60, seed: 12 },
    );
  });

  it("touches the lines of one body, when one body changed, in every file", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(any, body, fc.nat(), (old, text, dice) => {
        const file = byHand(old, dice);
        const spec = specOf(file, {});
        const [job] = Object.values(spec.workflows).flatMap(({ jobs }) => Object.values(jobs));
        if (!job) return;
        const lines = job.body.split("\n").length;
        job.body = text;
        const found = rewriteSpec(file, spec);
        expect(parseSpec(found.text).spec, `${file}\n=====\n${found.text}`).toEqual(spec);
        const young = new Set(found.text.split("\n"));
        const gone = file.split("\n").filter((line) => !young.has(line));
        expect(gone.length, `${file}\n=====\n${found.text}`).toBeLessThanOrEqual(lines + 1);
      }),
      { numRuns: 60, seed: 12 },
    );
  });
});
