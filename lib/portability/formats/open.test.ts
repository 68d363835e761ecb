import { describe, expect, it } from "vitest";
import { limits } from "@/lib/limits";
import { type FolderFiles, type OpenedFiles, openFiles } from "./open";
import { pickFiles } from "./pick";

/** What was read of files that must be sound. */
function opened(files: FolderFiles, project?: string): Extract<OpenedFiles, { problems: [] }> {
  const result = openFiles(files, { project });
  if (!result.spec) throw new Error(JSON.stringify(result.problems));
  return result;
}

const problemsOf = (files: FolderFiles, project?: string) =>
  openFiles(files, { project }).problems.map(
    ({ file, line, message }) => `${file ?? "-"} ${line ?? "-"} ${message}`,
  );

const clinic = `name: clinic
credentials:
  ann@example.org-Clinic:
    name: Clinic
    owner: ann@example.org
workflows:
  visits:
    name: Visits
    jobs:
      Load:
        name: Load
        adaptor: '@openfn/language-http@latest'
        credential: ann@example.org-Clinic
        body:
          path: ./code/load.js
    triggers:
      webhook:
        type: webhook
    edges:
      webhook->Load:
        source_trigger: webhook
        target_job: Load
`;
const load = "get('/visits');\n";

const visits = `id: visits
name: Visits now
start: webhook
steps:
  - id: webhook
    type: webhook
    enabled: true
    next:
      load: true
  - id: load
    name: Load all
    adaptor: '@openfn/language-http@7.0.0'
    configuration: ann@example.org|Clinic
    expression: ./load.js
    next:
      store:
        condition: on_job_failure
      tell:
        disabled: true
        condition: state.data.n > 1.50
        label: many
      never-mind:
        condition: never
  - id: store
    name: Store
    adaptor: common
    expression: fn(s => s)
  - id: tell
    expression: fn(s => s)
  - id: never-mind
    name: Never mind
    adaptor: '@openfn/language-common'
    expression: fn(s => s)
`;
const workspace =
  "project:\n  uuid: 6f\n  name: clinic\n  collections: [seen]\nworkspace:\n  dirs:\n    workflows: workflows\n";
const v2Folder = {
  "openfn.yaml": workspace,
  "workflows/visits/visits.yaml": visits,
  "workflows/visits/load.js": load,
};

describe("a folder with a project.yaml", () => {
  it("is read with the code beside it, wherever in the folder that is", () => {
    for (const at of ["", "repo-main/", "./a/b/"]) {
      const { format, spec, path } = opened({ [`${at}project.yaml`]: clinic, [`${at}code/load.js`]: load });
      expect([format, path, spec.workflows.visits?.jobs.Load?.body]).toEqual([
        "spec",
        `${at}project.yaml`.replace("./", ""),
        load,
      ]);
    }
  });

  it("says which file, and everything at once, when something is wrong", () => {
    const yaml = clinic.replace("target_job: Load", "target_job: Lod");
    expect(problemsOf({ "a/spec.yaml": yaml, "README.md": "" })).toEqual([
      "a/spec.yaml 14 Failed to read file ./code/load.js: it was not sent along. Add it beside a/spec.yaml.",
      "a/spec.yaml 22 Could not find a job with key: Lod",
    ]);
  });

  it("says that a name has other capitals, or that a path leads elsewhere", () => {
    expect(problemsOf({ "project.yaml": clinic, "Code/load.js": load })[0]).toMatch(
      /There is Code\/load.js: capitals/,
    );
    for (const path of ["../load.js", "/home/ann/load.js", "c:\\load.js", "code/../../x/load.js"]) {
      const yaml = clinic.replace("./code/load.js", path);
      expect(problemsOf({ "project.yaml": yaml, "code/load.js": load })[0]).toContain(
        "leads out of the folder",
      );
    }
    const inside = clinic.replace("./code/load.js", "../code/load.js");
    expect(opened({ "a/project.yaml": inside, "code/load.js": load }).spec.name).toBe("clinic");
  });

  it("tells in the report, with the file, what has no effect", () => {
    const yaml = `${clinic}channels: {c: {name: c}}\n`;
    expect(
      opened({ "project.yaml": yaml, "code/load.js": load, "old.js": "", "notes.md": "" }).report,
    ).toEqual([
      "project.yaml, line 23 (channels): There are no channels here: they were left out.",
      "2 files were sent that no job names, and were left out: old.js, notes.md.",
    ]);
  });

  it("knows where each item was read", () => {
    const { lineOf, fileOf } = opened({ "project.yaml": clinic, "code/load.js": load });
    expect([lineOf(["workflows", "visits", "jobs", "Load"]), fileOf(["workflows"])]).toEqual([
      10,
      "project.yaml",
    ]);
  });

  it("takes the state that OpenFn's tools keep beside it", () => {
    const state = JSON.stringify({ id: "8d", name: "clinic", workflows: {}, project_credentials: {} });
    const files = { "code/load.js": load, "other/state.json": state };
    const ids = (more: FolderFiles) => opened({ ...files, ...more }).state?.id ?? null;
    expect(ids({ "project.yaml": clinic })).toBeNull();
    expect(ids({ "project.yaml": clinic, "projectState.json": state })).toBe("8d");
    expect(ids({ "project.yaml": clinic, ".state.json": state })).toBe("8d");
    expect(ids({ "openfn-8d-spec.yaml": clinic, "openfn-8d-state.json": state })).toBe("8d");
    const config = '{\n  // where it is\n  "specPath": "spec.yaml",\n  "statePath": "./kept/s.json"\n}';
    expect(ids({ "spec.yaml": clinic, "config.json": config, "kept/s.json": state })).toBe("8d");
    expect(
      ids({ "project.yaml": clinic, "projectState.json": '{"id": "8d", "workflows": {"w": {}}}' }),
    ).toBeNull();
    expect(ids({ "project.yaml": clinic, "projectState.json": "{" })).toBeNull();
  });
});

describe("what cannot be had here", () => {
  const yaml = clinic
    .replace("credential: ann@example.org-Clinic", "credential: bob-Clinic")
    .replace("type: webhook", "type: kafka\n        kafka_configuration: { topics: [visits] }");
  const files = { "project.yaml": yaml, "code/load.js": load };

  it("is refused as OpenFn's command line does", () => {
    expect(problemsOf(files)).toEqual([
      "project.yaml 13 Could not find a credential with name: bob-Clinic",
      expect.stringContaining('project.yaml 18 type of webhook is "kafka"'),
    ]);
  });

  it("is replaced and told where somebody reads the report", () => {
    const result = openFiles(files, { isLenient: true });
    expect(result.spec?.workflows.visits?.jobs.Load?.credential).toBeNull();
    expect(result.spec?.workflows.visits?.triggers.webhook).toMatchObject({
      type: "webhook",
      enabled: false,
    });
    expect(result.spec && result.report).toEqual([
      'project.yaml, line 13 (workflows/visits/jobs/Load/credential): The file does not say what "bob-Clinic" is. Choose a credential for the job.',
      expect.stringMatching(
        /^project.yaml, line 18 .*There are no Kafka triggers here: a webhook that is switched off/,
      ),
    ]);
  });
});

describe("a folder of the format v2", () => {
  const { spec, report, format, lineOf, fileOf } = opened(v2Folder);
  const workflow = spec.workflows["Visits-now"];

  it("becomes the same as a project.yaml would", () => {
    expect(format).toBe("v2");
    expect(spec).toMatchObject({
      name: "clinic",
      collections: { seen: { name: "seen" } },
      credentials: { "ann@example.org-Clinic": { name: "Clinic", owner: "ann@example.org" } },
    });
    expect(workflow?.name).toBe("Visits now");
    expect(
      Object.entries(workflow?.jobs ?? {}).map(([key, job]) => [key, job.name, job.adaptor, job.body]),
    ).toEqual([
      ["Load-all", "Load all", "@openfn/language-http@7.0.0", load],
      ["Store", "Store", "@openfn/language-common", "fn(s => s)"],
      ["tell", "tell", "@openfn/language-common@latest", "fn(s => s)"],
      ["Never-mind", "Never mind", "@openfn/language-common", "fn(s => s)"],
    ]);
    expect(workflow?.jobs["Load-all"]?.credential).toBe("ann@example.org-Clinic");
    expect(workflow?.triggers.webhook).toMatchObject({ type: "webhook", enabled: true });
  });

  it("has its conditions in v1's words: what is none of v2's own is an expression, never is off", () => {
    const edges = Object.entries(workflow?.edges ?? {}).map(([key, edge]) => [
      key,
      edge.conditionType,
      edge.conditionExpression,
      edge.conditionLabel,
      edge.enabled,
    ]);
    expect(edges).toEqual([
      ["webhook->Load-all", "always", null, null, true],
      ["Load-all->Store", "on_job_failure", null, null, true],
      ["Load-all->tell", "js_expression", "state.data.n > 1.50", "many", false],
      ["Load-all->Never-mind", "on_job_success", null, null, false],
    ]);
  });

  it("says where things are in their own files, and what was added", () => {
    expect([
      fileOf(["workflows", "Visits-now"]),
      lineOf(["workflows", "Visits-now", "jobs", "Store"]),
    ]).toEqual(["workflows/visits/visits.yaml", 24]);
    expect(report).toEqual([
      "workflows/visits/visits.yaml, line 28 (steps/3/adaptor): It names no adaptor, and was given @openfn/language-common, which has what every job may use.",
    ]);
  });

  it("lists everything that is wrong at once, each in its file", () => {
    const other = visits
      .replace("load: true", "laod: true")
      .replace("Visits now", "Others")
      .replace("./load.js", "./lost.js");
    const broken = "id: x\nsteps:\n  - id: a\n   name: b\n";
    expect(
      problemsOf({
        ...v2Folder,
        "workflows/b/b.yaml": other,
        "workflows/c/c.yaml": broken,
        "workflows/visits/load.js": "",
      }),
    ).toEqual([
      "workflows/b/b.yaml 9 Could not find a step with id: laod",
      "workflows/b/b.yaml 14 Failed to read file workflows/b/lost.js: it was not sent along. Add it beside the others.",
      expect.stringMatching(/^workflows\/c\/c.yaml 4 /),
    ]);
  });

  it("imports no values of credentials, and says what to do", () => {
    const secret = visits.replace("ann@example.org|Clinic", "{ password: hunter2 }");
    const file = visits.replace("ann@example.org|Clinic", "./tmp/clinic.json");
    const inline = opened({ ...v2Folder, "workflows/visits/visits.yaml": secret });
    expect(JSON.stringify(inline)).not.toContain("hunter2");
    expect(inline.report[0]).toContain('Make one called "Load all", and choose it for this job.');
    const named = opened({ ...v2Folder, "workflows/visits/visits.yaml": file });
    expect(named.report[0]).toContain('Make a credential called "clinic".');
    expect(named.spec.credentials).toEqual({ clinic: { name: "clinic", owner: "" } });
  });

  it("may have been committed without openfn.yaml, or be one file, or one workflow", () => {
    const whole = `id: clinic
name: Clinic
schema_version: '4.0'
credentials: [{ uuid: 1c, name: Clinic, owner: ann@example.org }]
collections: [{ name: seen }]
openfn: { uuid: 6f, endpoint: https://example.org }
workflows:
  - name: Visits
    steps:
      - { id: cron, type: cron, cron_expression: '0 2 * * *', cron_cursor_job_id: 7a, next: { load: { condition: always } } }
      - { id: load, name: Load, adaptor: '@openfn/language-http@latest', expression: 'get()', configuration: 1c, openfn: { uuid: 7a } }
    openfn: { uuid: 2b, lock_version: 3, concurrency: 2 }
  - name: Old
    steps: []
    openfn: { uuid: 3c, deleted_at: 2026-01-01T00:00:00Z }
`;
    const one = opened({ "clinic.yaml": whole });
    expect(Object.keys(one.spec.workflows)).toEqual(["Visits"]);
    expect(one.spec.workflows.Visits).toMatchObject({
      concurrency: 2,
      triggers: { cron: { cronExpression: "0 2 * * *", cronCursorJob: "Load" } },
      jobs: { Load: { credential: "ann@example.org-Clinic" } },
    });
    expect(one.report).toEqual([
      "clinic.yaml, line 15 (workflows/1/openfn): This workflow was deleted, and was left out.",
    ]);

    const { "openfn.yaml": _, ...uncommitted } = v2Folder;
    const checked = opened({ ...uncommitted, ".projects/main@example.org.yaml": whole });
    expect([checked.spec.name, Object.keys(checked.spec.workflows)]).toEqual(["Clinic", ["Visits-now"]]);
    const alone = opened(uncommitted);
    expect(alone.spec.name).toBe("Visits now");
    expect(alone.report[0]).toContain('No file names the project: it is called "Visits now"');
    expect(
      opened({ "openfn.yaml": workspace, ".projects/main@example.org.yaml": whole }).spec.workflows,
    ).toHaveProperty("Visits");
  });

  it("remembers its ids on the server, where it has all of them", () => {
    const fetched = `name: Clinic
schema_version: '4.0'
credentials: [{ uuid: c1, name: Clinic, owner: ann@example.org }]
openfn: { uuid: p1 }
workflows:
  - name: Visits now
    history: ['cli:abc']
    openfn: { uuid: w1, lock_version: 3 }
    steps:
      - { id: webhook, type: webhook, openfn: { uuid: t1 }, next: { load-all: { condition: always, openfn: { uuid: e1 } } } }
      - { id: load-all, name: Load all, adaptor: x, expression: 'get()', configuration: ann@example.org|Clinic, openfn: { uuid: j1 } }
`;
    const stateOf = (text: string) => opened({ ...v2Folder, ".projects/main@example.org.yaml": text }).state;
    expect(stateOf(fetched)).toMatchObject({
      id: "p1",
      project_credentials: { "ann@example.org-Clinic": { id: "c1" } },
      workflows: {
        "Visits-now": {
          id: "w1",
          lock_version: 3,
          version_history: ["cli:abc"],
          jobs: { "Load-all": { id: "j1", project_credential_id: "c1" } },
          triggers: { webhook: { id: "t1" } },
          edges: { "webhook->Load-all": { id: "e1", source_trigger_id: "t1", target_job_id: "j1" } },
        },
      },
    });
    expect(stateOf(fetched.replace("openfn: { uuid: j1 }", "x-none: 1"))).toBeNull();
  });

  it("may be a plan in JSON, as OpenFn's command line runs it", () => {
    const plan = JSON.stringify({
      options: { start: "a" },
      workflow: {
        steps: [
          {
            id: "a",
            adaptors: ["http@5.0.1"],
            expression: "./a.js",
            state: { data: 1 },
            next: { b: "!state.error" },
          },
          { id: "b", adaptor: "common", expression: "fn(s => s)" },
        ],
      },
    });
    const { spec, report } = opened({ "plans/visit.json": plan, "plans/a.js": load });
    expect(spec.workflows.visit?.jobs.a).toMatchObject({
      adaptor: "@openfn/language-http@5.0.1",
      body: load,
    });
    expect(spec.workflows.visit?.edges["a->b"]?.conditionExpression).toBe("!state.error");
    expect(report.join("\n")).toContain("Runs begin with the message that started them");
    const two = plan.replace('["http@5.0.1"]', '["common", "http@5.0.1"]');
    const several = opened({ "plans/visit.json": two, "plans/a.js": load });
    expect(several.spec.workflows.visit?.jobs.a?.adaptor).toBe("@openfn/language-http@5.0.1");
    expect(several.report.join("\n")).toContain("words of the others are missing");
    const old = JSON.stringify({ jobs: [{ id: "a", adaptor: "common", expression: "fn(s => s)" }] });
    expect(Object.keys(opened({ "old.json": old }).spec.workflows.old?.jobs ?? {})).toEqual(["a"]);
  });
});

describe("a folder that holds several projects", () => {
  const files = {
    "east/project.yaml": clinic.replace("name: clinic", "name: east"),
    "east/code/load.js": load,
    "west/project.yaml": clinic.replace("name: clinic", "name: west"),
    "west/code/load.js": "post('/west');",
    ".circleci/config.yml": "version: 2.1\nworkflows:\n  version: 2\n  build:\n    jobs: [test]\n",
  };

  it("asks which one, and reads that", () => {
    const asked = openFiles(files);
    expect(asked.choices).toEqual([
      { path: "east/project.yaml", format: "spec", name: "east" },
      { path: "west/project.yaml", format: "spec", name: "west" },
    ]);
    expect(asked.problems.map(({ message }) => message)).toEqual([
      "The folder holds 2 projects: east/project.yaml (east), west/project.yaml (west). Choose one of them.",
    ]);
    expect(opened(files, "west/project.yaml").spec.workflows.visits?.jobs.Load?.body).toBe("post('/west');");
    expect(problemsOf(files, "north/project.yaml")).toEqual([
      "- - There is no project in north/project.yaml.",
    ]);
  });

  it("looks into JSON where YAML alone is no project, or where openfn.json says so", () => {
    const plan = JSON.stringify({ workflow: { steps: [{ id: "a", expression: "fn(s => s)" }] } });
    const { "west/project.yaml": _, ...east } = files;
    expect(opened({ ...east, "plan-workflow.json": plan }).path).toBe("east/project.yaml");
    expect(opened({ "README.md": "", "plan-workflow.json": plan }).format).toBe("v2");
    const workspace = { project: { name: "json" }, workspace: { formats: { workflow: "json" } } };
    const inJson = {
      "openfn.json": JSON.stringify(workspace),
      "workflows/a/a.json": JSON.stringify({ id: "a", steps: [] }),
    };
    expect(opened({ ...inJson, "notes.yaml": "a: b" }).spec).toMatchObject({
      name: "json",
      workflows: { a: { name: "a" } },
    });
  });

  it("does not take other tools' files, or data, for projects", () => {
    const { "west/project.yaml": _, "west/code/load.js": __, ...east } = files;
    const data = {
      "samples/big.json": JSON.stringify({ jobs: Array.from({ length: 30_000 }, (_, n) => ({ n })) }),
    };
    const more = { "package.json": '{"name":"x","workflows":{}}', "samples/broken.json": '{"jobs": [' };
    const compose = { "docker-compose.yml": "services: {a: {image: b}}\n" };
    expect(opened({ ...east, ...data, ...more, ...compose }).spec.name).toBe("east");
  });
});

describe("what cannot be opened", () => {
  it.each<[string, FolderFiles, string]>([
    ["nothing", {}, "The folder is empty."],
    [
      "code alone",
      { "jobs/a.js": "x", "b.js": "y" },
      "This looks like a folder of job code: 2 files of JavaScript",
    ],
    ["other files", { "README.md": "x", "a.txt": "y" }, "None of these files is a project."],
    ["one other file", { "a.txt": "hello" }, "is a map that begins with the project's name"],
    [
      "settings alone",
      { "config.json": '{"specPath": "project.yaml"}' },
      "This is the configuration of OpenFn's CLI",
    ],
    ["broken YAML", { "project.yaml": "name: a: b\n" }, 'This value holds ": "'],
  ])("%s is refused by its name", (_, files, message) => {
    expect(problemsOf(files)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    "/etc/passwd",
    "..",
    "../project.yaml",
    "a/../../b.yaml",
    "C:\\x.yaml",
    "a\u0000b.yaml",
    "",
    ".",
    "x".repeat(1_001),
  ])("a path such as %j is refused by name", (path) => {
    const [problem] = problemsOf({ "project.yaml": clinic, [path]: "" });
    expect(problem).toContain("is no path inside the folder");
  });

  it("two files of one path are refused", () => {
    expect(problemsOf({ "a/b.yaml": "", "./a//b.yaml": "" })).toEqual([
      "a/b.yaml - Two files have this path. Send one of them.",
    ]);
  });

  it("bounds files, bytes and what is parsed before it is", () => {
    const many = Object.fromEntries(
      Array.from({ length: limits.importFiles + 1 }, (_, n) => [`f${n}.js`, ""]),
    );
    expect(problemsOf(many)).toEqual([expect.stringContaining("has 501 files; at most 500")]);
    const large = Object.fromEntries([1, 2, 3].map((n) => [`f${n}.js`, " ".repeat(limits.importBytes / 2)]));
    expect(problemsOf(large)).toEqual([expect.stringContaining("20,000,000")]);
    // Each is within the limit of one file, and all of them are not.
    const entries = `x:\n${"  - a\n".repeat(limits.yamlEntries / 4)}`;
    const spread = Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`w${n}.yaml`, entries]));
    expect(problemsOf(spread)).toEqual([expect.stringContaining("20,000 keys and list items")]);
    const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"];
    for (let n = 0; n < 8; n++)
      bomb.push(
        `b${n}: &b${n} [${Array(9)
          .fill(n === 0 ? "*a" : `*b${n - 1}`)
          .join(",")}]`,
      );
    expect(problemsOf({ "openfn.yaml": `${workspace}${bomb.join("\n")}\n`, "w.yaml": visits })).toEqual([
      expect.stringContaining("refers to its own anchors too often"),
    ]);
  });
});

describe("the files that may be a part of a project", () => {
  it("leave data and other tools' files at home", () => {
    const names = [
      ...[
        "project.yaml",
        "projectState.json",
        ".state.json",
        "config.json",
        "jobs/a.js",
        ".projects/main@x.yaml",
      ],
      ...[
        "samples/patients.json",
        "node_modules/a/index.js",
        ".git/x.yaml",
        "package-lock.json",
        ".github/workflows/a.yml",
      ],
      ...["README.md", "workflows/plan-workflow.json"],
    ];
    const picked = pickFiles(names.map((path) => ({ path, bytes: 10 }))).map(({ path }) => path);
    expect(new Set(picked)).toEqual(new Set([...names.slice(0, 6), "workflows/plan-workflow.json"]));
    expect(pickFiles([{ path: "My flow.json", bytes: 10 }])).toHaveLength(1);
    expect(pickFiles([{ path: "big.json", bytes: 50_000_000 }])).toEqual([]);
  });
});
