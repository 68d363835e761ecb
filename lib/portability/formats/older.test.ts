import { describe, expect, it } from "vitest";
import { stringifyExact } from "@/lib/exact-json";
import { type FolderFiles, type OpenedFiles, openFiles } from "./open";

/** What was read of files that must be sound. */
function opened(files: FolderFiles): Extract<OpenedFiles, { problems: [] }> {
  const result = openFiles(files);
  if (!result.spec) throw new Error(JSON.stringify(result.problems));
  return result;
}

const problemsOf = (files: FolderFiles) =>
  openFiles(files).problems.map(({ file, line, message }) => `${file ?? "-"} ${line ?? "-"} ${message}`);

/** Keys of edges with their conditions. */
const edgesOf = (result: ReturnType<typeof opened>, workflow: string) =>
  Object.entries(result.spec.workflows[workflow]?.edges ?? {}).map(
    ([key, edge]) => `${key} ${edge.conditionType}`,
  );

const platform = `jobs:
  check:
    expression: >
      alterState(state => {
        return state;
      });
    adaptor: '@openfn/language-common'
    trigger: visit
  store:
    expression: ./jobs/store.js
    adaptor: language-http
    trigger: after-check
    credential: clinic
  tell:
    expression: fn(s => s)
    adaptor: '@openfn/language-mailgun@0.2.0'
    trigger: when-store-fails
  nightly:
    expression: fn(s => s)
    adaptor: '@openfn/language-common'
    trigger: every-night
  alone:
    expression: fn(s => s)
    adaptor: '@openfn/language-common'
triggers:
  visit:
    criteria: '{"form":"visit","id":9007199254740993}'
  after-check:
    success: check
  when-store-fails:
    failure: store
  every-night:
    cron: '0 2 * * *'
  unused:
    criteria: { a: 1 }
credentials:
  clinic:
    username: ann@example.org
    password: hunter2
`;
const platformFiles = { "project.yaml": platform, "jobs/store.js": "post('/x');" };

describe("a project.yaml of platform v1", () => {
  it("becomes a workflow for each trigger, its flows edges", () => {
    const result = opened(platformFiles);
    expect(result.format).toBe("platform");
    expect(Object.keys(result.spec.workflows)).toEqual(["visit", "every-night", "alone"]);
    expect(edgesOf(result, "visit")).toEqual([
      "visit->check always",
      "check->store on_job_success",
      "store->tell on_job_failure",
    ]);
    const visit = result.spec.workflows.visit;
    expect(stringifyExact(visit?.triggers.visit?.inclusion ?? null)).toContain("9007199254740993");
    expect(visit?.triggers.visit?.type).toBe("message_filter");
    expect(result.spec.workflows["every-night"]?.triggers).toMatchObject({
      "every-night": { type: "cron", cronExpression: "0 2 * * *" },
    });
    expect([visit?.jobs.store?.body, visit?.jobs.store?.adaptor, visit?.jobs.store?.credential]).toEqual([
      "post('/x');",
      "@openfn/language-http",
      "clinic",
    ]);
  });

  it("imports no secret, and tells what was left out", () => {
    const result = opened(platformFiles);
    expect(JSON.stringify(result)).not.toMatch(/hunter2|ann@example/);
    expect(result.report).toEqual([
      'project.yaml (name): The file does not name the project: it is called "project" as the file is.',
      expect.stringMatching(
        /^project.yaml, line 37 \(credentials\/clinic\): Values of credentials were not imported/,
      ),
      "project.yaml, line 34 (triggers/unused): No job names this trigger, and it was left out.",
      expect.stringMatching(/^project.yaml, line 22 \(jobs\/alone\): No trigger starts this job/),
    ]);
  });

  it("may have older words, and code and credentials at addresses", () => {
    const yaml = platform
      .replace("adaptor: language-http", "language_pack: language-http")
      .replace("./jobs/store.js", "'file://jobs/store.js'")
      .replace("    username: ann@example.org\n    password: hunter2\n", "")
      .replace("  clinic:\n", "  clinic: 'file://clinic.json'\n");
    const { spec, report } = opened({ ...platformFiles, "project.yaml": yaml });
    expect(spec.workflows.visit?.jobs.store).toMatchObject({
      adaptor: "@openfn/language-http",
      body: "post('/x');",
    });
    expect(report.join("\n")).toContain("(credentials/clinic): Values of credentials were not imported");
    const web = platform.replace("./jobs/store.js", "https://example.org/store.js");
    expect(problemsOf({ "project.yaml": web })[0]).toContain(
      "project.yaml 10 Its code is at an address of the web",
    );
  });

  it("is refused with all that is wrong, at its lines", () => {
    const yaml = platform
      .replace("trigger: visit", "trigger: visits")
      .replace("success: check", "success: chek")
      .replace("    cron: '0 2 * * *'", "    note: x")
      .replace("    adaptor: language-http\n", "    adaptr: language-http\n");
    expect(problemsOf({ "project.yaml": yaml })).toEqual([
      "project.yaml 8 Could not find a trigger with key: visits",
      "project.yaml 9 The job store needs an adaptor, like @openfn/language-http@latest.",
      "project.yaml 10 Failed to read file jobs/store.js: it was not sent along. Add it beside the others.",
      'project.yaml 11 Unknown key "adaptr" of a job. Did you mean "adaptor"?',
      "project.yaml 29 Could not find a job with key: chek",
      "project.yaml 32 The trigger every-night needs one of criteria, cron, success and failure.",
      'project.yaml 33 Unknown key "note" of a trigger. Did you mean "name"?',
    ]);
  });

  it("is refused where jobs follow each other in a circle", () => {
    const circle = platform.replace("trigger: visit", "trigger: when-store-fails");
    expect(problemsOf({ ...platformFiles, "project.yaml": circle }).join("\n")).toContain(
      "check follows itself",
    );
  });
});

const state = {
  id: "p1",
  name: "clinic",
  description: null,
  inserted_at: "2024-01-01T00:00:00",
  requires_mfa: false,
  project_credentials: { "ann@example.org-Clinic": { id: "c1", name: "Clinic", owner: "ann@example.org" } },
  workflows: {
    Visits: {
      id: "w1",
      name: "Visits",
      lock_version: 3,
      jobs: {
        Load: {
          id: "j1",
          name: "Load",
          adaptor: "@openfn/language-http@latest",
          body: "get();",
          project_credential_id: "c1",
        },
        Store: { id: "j2", name: "Store", adaptor: "@openfn/language-common@latest", body: "fn(s => s)" },
        Old: { id: "j3", delete: true },
      },
      triggers: {
        cron: {
          id: "t1",
          type: "cron",
          cron_expression: "0 2 * * *",
          cron_cursor_job_id: "j2",
          enabled: true,
        },
      },
      edges: {
        "cron->Load": {
          id: "e1",
          source_trigger_id: "t1",
          source_job_id: null,
          target_job_id: "j1",
          condition: "always",
        },
        "Load->Store": {
          id: "e2",
          source_job_id: "j1",
          target_job_id: "j2",
          condition_type: "on_job_failure",
          enabled: false,
        },
        "Load->Old": { id: "e3", delete: true },
      },
    },
  },
};
/** The same as the API has it. */
const answer = {
  data: {
    ...state,
    project_credentials: Object.values(state.project_credentials),
    workflows: Object.values(state.workflows).map((workflow) => ({
      ...workflow,
      jobs: Object.values(workflow.jobs).filter((one) => !("delete" in one)),
      triggers: Object.values(workflow.triggers).filter((one) => !("delete" in one)),
      edges: Object.values(workflow.edges).filter((one) => !("delete" in one)),
    })),
  },
};

describe("a state file, or what OpenFn's API answers", () => {
  it.each([
    ["projectState.json", JSON.stringify(state, null, 2)],
    ["indented with tabs", JSON.stringify(state, null, "\t")],
    ["an answer", JSON.stringify(answer)],
    ["an answer without its envelope", JSON.stringify(answer.data)],
  ])("is a project: %s", (_, text) => {
    const result = opened({ "state.json": text });
    expect([result.format, result.spec.name]).toEqual(["state", "clinic"]);
    expect(edgesOf(result, "Visits")).toEqual(["cron->Load always", "Load->Store on_job_failure"]);
    const visits = result.spec.workflows.Visits;
    expect(Object.keys(visits?.jobs ?? {})).toEqual(["Load", "Store"]);
    expect(visits?.jobs.Load?.credential).toBe("ann@example.org-Clinic");
    expect(visits?.triggers.cron).toMatchObject({ cronExpression: "0 2 * * *", cronCursorJob: "Store" });
    expect(visits?.edges["Load->Store"]?.enabled).toBe(false);
    const deleted = expect.stringMatching(/and 1 more place: It was deleted there, and was left out.$/);
    expect(result.report).toEqual(text.includes("delete") ? [deleted] : []);
    expect(result.state).toMatchObject({
      id: "p1",
      workflows: { Visits: { id: "w1", jobs: { Load: { id: "j1" } } } },
    });
  });

  it("is not taken where a project.yaml is", () => {
    const yaml = "name: spec\nworkflows: { w: { name: W } }\n";
    expect(opened({ "project.yaml": yaml, "projectState.json": JSON.stringify(state) }).spec.name).toBe(
      "spec",
    );
  });

  it("is refused where ids lead nowhere", () => {
    const text = JSON.stringify(state, null, 1).replace('"target_job_id": "j2"', '"target_job_id": "j9"');
    expect(problemsOf({ "state.json": text }).join("\n")).toMatch(
      /state.json \d+ target_job_id is j9, and nothing here has that id/,
    );
  });
});

describe("one workflow", () => {
  const yaml = `name: Visits now
jobs:
  Load: { name: Load, adaptor: '@openfn/language-http@latest', body: get(), credential: ann-Clinic }
triggers:
  webhook: { type: webhook, enabled: true }
edges:
  webhook->Load: { source_trigger: webhook, target_job: Load, condition_type: always }
`;

  it("is a project of its own", () => {
    const result = opened({ "visits.yaml": yaml });
    expect([result.format, result.spec.name]).toEqual(["workflow", "Visits now"]);
    expect(edgesOf(result, "Visits-now")).toEqual(["webhook->Load always"]);
    expect(result.spec.credentials).toEqual({ "ann-Clinic": { name: "ann-Clinic", owner: "" } });
    expect(result.report).toEqual([expect.stringContaining('the project is called "Visits now"')]);
  });

  it("is checked as a project is, at its own lines", () => {
    expect(problemsOf({ "visits.yaml": yaml.replace("target_job: Load", "target_job: Lod") })).toEqual([
      "visits.yaml 7 Could not find a job with key: Lod",
    ]);
  });

  it("is no workflow of GitHub or CircleCI", () => {
    expect(problemsOf({ "ci.yml": "on: push\njobs: { a: { runs-on: x } }\n" })[0]).toContain(
      "GitHub Actions",
    );
    expect(
      problemsOf({
        "config.yml": "version: 2.1\njobs: { a: { docker: [] } }\nworkflows: { w: { jobs: [a] } }\n",
      })[0],
    ).toContain("CircleCI");
  });
});
