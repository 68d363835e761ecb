import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Document, isMap, isScalar, isSeq, type Node, parseDocument, type YAMLMap } from "yaml";
import { sampleFiles, sampleYaml } from "@/lib/domain/project/sample-files";
import deployCases from "./fixtures/deploy-v1-cases.json";
import { type ParsedSpec, parseSpec } from "./parse";

const seedYaml = fs.readFileSync(path.join(import.meta.dirname, "fixtures/seed-project.yaml"), "utf8");
const files = {
  ...sampleFiles,
  "jobs/my-fancy-script.js": "fn(state => state)",
  "jobs/notify-failure.js": "fn(s => s)",
  "jobs/store.js": "fn(s => s)",
};
/** Every level of the grammar, filters within filters, and what has no effect. */
const everything = `name: p
description: d
collections: {seen: {name: seen}}
channels: {c: {name: c}}
credentials: {c: {name: n, owner: o}}
workflows:
  w:
    name: W
    concurrency: 2
    order_key: data.patient.id
    enable_job_logs: false
    jobs:
      a: {name: A, adaptor: x, credential: c, body: {path: jobs/store.js}}
      b: {adaptor: x, body: y, retry: {attempts: 3, delay_seconds: 10, max_delay_seconds: 60, error_types: [JobError]}}
    triggers:
      t: {type: message_filter, enabled: true, inclusion: {form: visit, deep: [{x: {y: 1}}]}, exclusion: {test: true}}
      c: {type: cron, cron_expression: '0 0 * * *', cron_cursor_job: a}
      h: {type: webhook, webhook_reply: after_completion, webhook_response_config: {success_code: 202}, custom_path: visits, takes_get: true, open_rosa: false}
    edges:
      e: {source_trigger: t, target_job: a, condition_type: always, condition_label: l, enabled: true}
      f: {source_job: a, target_job: b, condition_type: js_expression, condition_expression: state.x}
`;
const sound = (yaml: string) => parseSpec(yaml, files).spec !== null;
const projects = [
  seedYaml,
  sampleYaml,
  everything,
  ...deployCases.cases.map(({ input }) => input.projectYaml),
].filter(sound);

type Place = { path: string[]; map: YAMLMap };

/** Every map of a document, with the keys that lead to it. */
function maps(node: Node | null | unknown, path: string[] = []): Place[] {
  if (isSeq(node)) return node.items.flatMap((item, index) => maps(item, [...path, String(index)]));
  if (!isMap(node)) return [];
  const inner = node.items.flatMap(({ key, value }) =>
    maps(value, [...path, String(isScalar(key) ? key.value : key)]),
  );
  return [{ path, map: node }, ...inner];
}

const keysOf = ({ map }: Place) => map.items.map(({ key }) => String(isScalar(key) ? key.value : key));

const everythingSaid = (parsed: ParsedSpec): string =>
  parsed.spec
    ? [...parsed.report, JSON.stringify(parsed.spec)].join("\n")
    : parsed.problems.map(({ path, message }) => `${path} ${message}`).join("\n");

const isUnobeyed = (path: string[]) => ["channels"].some((key) => path.includes(key));

/** A key of its own, or one that is nearly a key that is there. */
const strangeKey = (place: Place): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc.stringMatching(/^[a-z_]{3,12}$/),
      fc.constantFrom("constructor", "__proto__", "toString", "true", "1.0", "<<", "é ü", "hasOwnProperty"),
      fc
        .tuple(fc.constantFrom(...keysOf(place), "conditon_type"), fc.nat(20))
        .map(([key, at]) => key.slice(0, at % key.length) + key.slice((at % key.length) + 1)),
    )
    .filter((key) => key !== "" && !keysOf(place).includes(key) && !known.has(key));
/** Keys that have a meaning somewhere; whether they are obeyed there is for the tests of each. */
const known = new Set([
  ...["name", "description", "credentials", "workflows", "owner", "concurrency", "jobs", "triggers", "edges"],
  ...[
    "adaptor",
    "credential",
    "body",
    "path",
    "enabled",
    "type",
    "inclusion",
    "exclusion",
    "condition",
    "id",
  ],
  ...["color", "env", "channels"],
]);

it("has projects to try, and all of them say nothing of what they do not have", () => {
  expect(projects.length).toBeGreaterThan(15);
  const { "jobs/my-fancy-script.js": first, "jobs/notify-failure.js": second } = files;
  const parsed = parseSpec(seedYaml, { "jobs/my-fancy-script.js": first, "jobs/notify-failure.js": second });
  expect(parsed.spec ? parsed.report : null).toEqual([]);
});

it("never drops a key silently, at whatever level of whatever project", () => {
  const places = projects.flatMap((yaml) =>
    maps(parseDocument(yaml).contents).map((place, index) => ({ yaml, index, path: place.path, place })),
  );
  const one = fc.constantFrom(...places).chain((at) => strangeKey(at.place).map((key) => ({ ...at, key })));
  fc.assert(
    fc.property(one, fc.constantFrom(false, 1, "x", {}, { a: 1 }), ({ yaml, index, path, key }, value) => {
      const document = parseDocument(yaml);
      const { map } = maps(document.contents)[index] ?? {};
      map?.add(document.createPair(key, value));
      const parsed = parseSpec(written(document), files);
      // What stands under a key without effect is told by that key.
      const told = isUnobeyed(path) ? (path.find((one) => isUnobeyed([one])) ?? key) : key;
      expect(everythingSaid(parsed)).toContain(JSON.stringify(told).slice(1, -1));
    }),
    { seed: 20_261_125, numRuns: 500 },
  );
});

const written = (document: Document) => document.toString({ lineWidth: 0 });

const project = (lines: string) => `name: p
workflows:
  w:
    name: W
    jobs:
      A: {adaptor: x, body: y}
      B: {adaptor: x, body: y}
${lines}`;
const problemsOf = (yaml: string) =>
  parseSpec(yaml).problems.map(({ message, line }) => `${line} ${message}`);
const reportOf = (yaml: string) => {
  const parsed = parseSpec(yaml);
  return parsed.spec ? parsed.report : parsed.problems;
};

describe("misspelt and misplaced keys", () => {
  it.each([
    ["    edgse: {}\n", '8 Unknown key "edgse" of a workflow. Did you mean "edges"?'],
    ["    triggers: {t: {type: webhook, enabeld: false}}\n", 'Did you mean "enabled"?'],
    ["    edges: {e: {source_job: A, target_job: B, conditon_type: on_job_failure}}\n", '"condition_type"?'],
    [
      "    edges: {e: {source_job: A, target_job: B, condition_type: on_job_failur}}\n",
      "mean on_job_failure?",
    ],
    ["    edges: {e: {source_job: A, target_job: B, to: B}}\n", 'Did you mean "target_job"?'],
    ["    steps: []\n", 'Did you mean "jobs"?'],
    ["    deleted_at: 2026-01-01\n", "would come back to life"],
    ["    triggers: {t: {type: webhook, delete: true}}\n", "Leave the whole thing out"],
    [
      "    triggers: {t: {type: webhook, webhook_reply: after_completion, webhook_response_config: {success_code: 99}}}\n",
      "from 200 to 599",
    ],
    [
      "    triggers: {t: {type: webhook, webhook_reply: after_completion, webhook_response_config: {sucess_code: 200}}}\n",
      'Did you mean "success_code"?',
    ],
    [
      "    triggers: {t: {type: webhook, webhook_reply: after_completion, webhook_response_config: 200}}\n",
      "must be a map",
    ],
    ["    triggers: {t: {type: webhook, inclusion: {a: 1}}}\n", "every message would start it"],
    ["    triggers: {t: {type: cron, takes_get: true}}\n", "Only a webhook has it"],
    ["    triggers: {t: {type: message_filter, open_rosa: true}}\n", "Only a webhook has it"],
    ["    triggers: {t: {type: webhook, takes_get: 1}}\n", "true or false, without quotes"],
    [
      "    edges: {e: {source_job: A, target_job: B, condition_expression: state.x}}\n",
      "has an expression, but",
    ],
    ["    edges: {e: {source_job: A, target_job: B, enabled: yes}}\n", "true or false, without quotes"],
    ["    <<: {a: 1}\n", "no merge keys"],
  ])("%j is refused with its line and the nearest word", (lines, message) => {
    expect(problemsOf(project(lines))).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ["channels: {c: {name: c}}\n", "Line 8 (channels): There are no channels here"],
    [
      "shade: red\n",
      'Unknown key "shade" of the project. Known: name, description, env, credentials, keychain_credentials, collections, workflows. It has no effect and was left out.',
    ],
    ["x-shared: &code {a: 1}\n", "Keys that begin with x- have no effect"],
    ["requires_mfa: true\n", "It was not turned on"],
    ["    lock_version: 4\n", "Versions are counted anew"],
    ["    triggers: {t: {type: cron, custom_path: visits}}\n", "Only a webhook has it"],
    [
      "    triggers: {t: {type: webhook, webhook_auth_methods: [a]}}\n",
      "Whoever knows the trigger's address",
    ],
    [
      "    triggers: {t: {type: webhook, webhook_response_config: {success_code: 201}}}\n",
      "answered at once",
    ],
    [
      "    triggers: {t: {type: webhook, cron_expression: '0 0 * * *'}}\n",
      "Only a trigger of type cron has it",
    ],
    [
      "    edges: {e: {source_job: A, target_job: B, condition: always, condition_type: on_job_failure}}\n",
      "counts",
    ],
    [
      "    edges: {e: {source_job: A, target_job: B, condition_type: always, condition_expression: state.x}}\n",
      "It was left out",
    ],
  ])("%j is of OpenFn's own files, and told in the report", (lines, said) => {
    expect(reportOf(project(lines))).toEqual([expect.stringContaining(said)]);
  });

  it("tells which files no job names", () => {
    const sent = { "jobs/a.js": "fn(s => s)", "README.md": "x", "./jobs/b.js": "y" };
    const parsed = parseSpec(project("").replace("body: y", "body: {path: ./jobs/a.js}"), sent);
    expect(parsed.spec ? parsed.report : parsed.problems).toEqual([
      "2 files were sent that no job names, and were left out: README.md, jobs/b.js.",
    ]);
  });

  it("tells what is alike in one line", () => {
    const yaml = project(
      "    edges: {e: {id: 1, source_job: A, target_job: B}, f: {id: 2, source_job: A, target_job: B}}\n",
    );
    expect(reportOf(yaml)).toEqual([
      expect.stringMatching(
        /^Line 8 \(workflows\/w\/edges\/e\/id\) and 1 more place: Everything was given a new id/,
      ),
    ]);
  });

  it.each([
    "collections:\n",
    "channels: {}\n",
    "scheduled_deletion: null\n",
    "requires_mfa: false\n",
    "    deleted_at: null\n",
  ])("says nothing of %j, with which nothing is lost", (lines) =>
    expect(reportOf(project(lines))).toEqual([]),
  );
});

describe("YAML that says something else than it seems to", () => {
  it.each([
    ["    name: again\n", "duplicate key"],
    ["    edges: {e: {source_job: A, target_job: B, enabled: false, enabled: true}}\n", "duplicate key"],
    ["    triggers: {t: {type: message_filter, inclusion: {a: 1, a: 2}}}\n", "duplicate key"],
    ["---\nname: q\n", "several documents"],
    ["    ? [a, b]\n    : c\n", "A key must be a text"],
    ["    : c\n", "A key is missing"],
    ["\tname: q\n", "tab"],
    [
      "    edges: {e: {source_job: A, target_job: B, condition_type: js_expression, condition_expression: !state.x }}\n",
      "Put quotes around the value",
    ],
    ["    triggers: {t: {type: message_filter, inclusion: {n: 0x20000000000001}}}\n", "as another number"],
    ["    triggers: {t: {type: message_filter, inclusion: {n: .nan}}}\n", "as another number"],
    ["    triggers: {t: {type: message_filter, inclusion: {n: .12345678901234567}}}\n", "as another number"],
  ])("refuses %j", (lines, message) => {
    expect(problemsOf(project(lines)).join("\n")).toContain(message);
  });

  it("keeps names as they are written, numbers and all", () => {
    const yaml = `name: 1.10
workflows:
  007:
    name: 1e3
    jobs:
      no: {name: no, adaptor: x, body: y}
      1.0: {name: 0x1f, adaptor: x, body: &code "fn(s => s)"}
      yes: {name: 2026-11-25, adaptor: x, body: *code}
    triggers: {t: {type: message_filter, inclusion: {big: 9007199254740991, half: 0.5, no: no, on: on}}}
    edges: {e: {source_job: no, target_job: 1.0}, f: {source_job: 1.0, target_job: yes}}
`;
    const { spec, problems } = parseSpec(yaml);
    expect(problems).toEqual([]);
    const workflow = spec?.workflows["007"];
    expect([spec?.name, workflow?.name]).toEqual(["1.10", "1e3"]);
    expect(Object.entries(workflow?.jobs ?? {}).map(([key, { name }]) => [key, name])).toEqual([
      ["no", "no"],
      ["1.0", "0x1f"],
      ["yes", "2026-11-25"],
    ]);
    expect(workflow?.jobs.yes?.body).toBe("fn(s => s)");
    expect(workflow?.triggers.t?.inclusion).toEqual({ big: 9007199254740991, half: 0.5, no: "no", on: "on" });
  });
});

describe("files that are no project.yaml", () => {
  it.each([
    ["n8n", '{"name":"My flow","nodes":[{"type":"n8n-nodes-base.webhook"}],"connections":{},"active":false}'],
    ["Make", '{"name":"Scenario","flow":[{"id":1,"module":"http"}],"metadata":{}}'],
    ["Node-RED", '[{"id":"a","type":"inject","wires":[[]]}]'],
    ["GitHub Actions", "name: ci\non: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n"],
    ["Docker Compose", "services:\n  web:\n    image: nginx\n"],
    ["Kubernetes", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n"],
    ["package.json", '{"name":"a","version":"1.0.0","dependencies":{}}'],
    ["OpenAPI", "openapi: 3.1.0\ninfo: {title: t}\npaths: {}\n"],
    ["one workflow", "name: p\njobs:\n  a: {adaptor: x, body: y}\n"],
    ["one workflow", "name: w\njobs: {}\ntriggers: {}\nedges: {}\n"],
    [
      "one workflow in OpenFn's portability format v2",
      "id: w\nname: W\nstart: webhook\nsteps:\n  - id: webhook\n    type: webhook\n",
    ],
    [
      "portability format v2",
      "id: p\nname: P\nschema_version: '4.0'\nworkflows:\n  - id: w\n    name: W\n    steps: []\n",
    ],
    ["openfn.yaml", "project:\n  uuid: 1\n  name: p\nworkspace:\n  dirs: {}\n"],
    ["OpenFn's API answers", '{"data":{"id":"1","name":"p","workflows":[]}}'],
    [
      "with lists instead of maps",
      '{"id":"1","name":"p","workflows":[{"id":"2","name":"w","jobs":[],"edges":[]}]}',
    ],
    [
      "state file",
      '{"id":"1","name":"p","workflows":{"w":{"id":"2","name":"w","jobs":{},"edges":{"e":{"id":"3","target_job_id":"4"}}}}}',
    ],
    ["FHIR", '{"resourceType":"Patient","id":"1"}'],
  ])("says that this is %s, and what to do", (kind, text) => {
    const { spec, problems } = parseSpec(text);
    expect(spec).toBeNull();
    expect(problems).toEqual([{ path: "project", line: 1, message: expect.stringContaining(kind) }]);
    expect(problems[0]?.message).toMatch(/import|pull|project/);
  });
});
