import fs from "node:fs";
import { describe, expect, it } from "vitest";
import { sampleFiles, sampleYaml } from "@/lib/domain/project/sample-files";
import deployCases from "@/lib/portability/fixtures/deploy-v1-cases.json";
import { parseSpec } from "@/lib/portability/parse";
import type { ProjectSpec } from "@/lib/portability/spec";
import { isFlat } from "./flat";
import { type FolderFiles, openFiles } from "./open";

const seedYaml = fs.readFileSync("lib/portability/fixtures/seed-project.yaml", "utf8");
const files = {
  ...sampleFiles,
  "jobs/my-fancy-script.js": "fn(state => state)",
  "jobs/notify-failure.js": "fn(s => s)",
};

/** As a page's text is copied: at the margin, every line. */
const flat = (yaml: string) => yaml.replace(/^[\t ]+/gm, "");
/** Without what ends in ":", too, as the seed's page lost it. Blocks of code keep their first line. */
const poorer = (yaml: string) => flat(yaml).replace(/^\S[^|\n]*:\n/gm, "");

/** What of a project does not depend on indentation. */
const outline = ({ name, description, workflows, credentials }: ProjectSpec) => ({
  name,
  description,
  credentials,
  workflows: Object.values(workflows).map((workflow) => ({
    name: workflow.name,
    jobs: Object.values(workflow.jobs).map(({ body, ...job }) => ({ ...job, body: flat(body).trimEnd() })),
    triggers: Object.values(workflow.triggers),
    edges: Object.values(workflow.edges),
  })),
});

const opened = (text: string, more: FolderFiles = files) => {
  const result = openFiles({ ...more, "project.yaml": text }, { pasted: "project.yaml" });
  if (!result.spec) throw new Error(JSON.stringify(result.problems));
  return result;
};

const sound = [
  ["the seed's", seedYaml],
  ["the sample", sampleYaml],
  ...deployCases.cases.map(({ id, input }) => [id, input.projectYaml]),
].filter(
  ([, yaml = ""]) =>
    // One thing in a line, as OpenFn's tools write it, and what has words of its own.
    !/[{[].*:.*[\]}]$/m.test(yaml.replace(/^.*(=>|fn\().*$/gm, "")) &&
    !/retry|delivery_id|keychain|webhook_response_config|kafka|inclusion|exclusion|collections/.test(yaml) &&
    isFlat(flat(yaml)) &&
    parseSpec(yaml, files).spec,
);

describe("a project.yaml that has lost its indentation", () => {
  it("has cases to try", () => expect(sound.length).toBeGreaterThan(5));

  it.each(sound)("is put together again: %s", (_, yaml = "") => {
    const { spec } = parseSpec(yaml, files);
    const result = opened(flat(yaml));
    expect(result.format).toBe("flat");
    expect(outline(result.spec)).toEqual(spec && outline(spec));
    expect(result.report.join("\n")).toContain("has lost its indentation");
  });

  it("is put together without the lines that end in a colon, too", () => {
    const { spec } = parseSpec(seedYaml, files);
    const result = opened(poorer(seedYaml));
    const { credentials: _, ...graph } = outline(result.spec);
    const { credentials: __, ...expected } = outline(spec ?? result.spec);
    expect(graph).toEqual(expected);
    expect(Object.keys(result.spec.workflows)).toEqual(["OpenHIE-Workflow"]);
  });

  it("tells code that lost lines by its job, and imports it", () => {
    const cut = poorer(seedYaml).replace(/^\}\);\n/m, "");
    const { report, spec } = opened(cut);
    expect(report).toContainEqual(
      expect.stringMatching(
        /^Line \d+ \(.*Send-to-OpenHIM.*\): Its code does not compile \(SyntaxError in its line 4/,
      ),
    );
    expect(Object.keys(spec.workflows["OpenHIE-Workflow"]?.jobs ?? {})).toHaveLength(4);
  });

  it("keeps code that looks like the file", () => {
    const text = `name: p
workflows:
name: W
jobs:
name: A
adaptor: '@openfn/language-common@latest'
body: |
fn(state => ({
name: 'x',
type: 'webhook',
data: {
label:
'y',
},
}));
name: B
adaptor: '@openfn/language-common@latest'
body: fn(s => s)
triggers:
type: webhook
edges:
source_trigger: webhook
target_job: A
`;
    const { jobs, edges } = opened(text).spec.workflows.W ?? { jobs: {}, edges: {} };
    expect(Object.values(jobs).map(({ name, body }) => [name, body.split("\n").length])).toEqual([
      ["A", 9],
      ["B", 1],
    ]);
    expect(Object.keys(edges)).toEqual(["webhook->A"]);
  });

  it("says with the line what does not fit, all at once", () => {
    const text = `${poorer(seedYaml)}and so on\nsource_job: Nobody\ntarget_job: Nobody\ntarget_job: Else\n`;
    const { problems } = openFiles({ ...files, "project.yaml": text }, { pasted: "project.yaml" });
    const last = text.split("\n").length - 1;
    expect(problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
      expect.stringMatching(`^${last - 3} This line has no place`),
      expect.stringMatching(`^${last - 2} Could not find a job with key: Nobody`),
      expect.stringMatching(`^${last} "target_job" stands twice in one edge`),
      expect.stringMatching(`^${last} Could not find a job with key: Else`),
    ]);
  });

  it("is not seen where there is indentation, or nothing to put together", () => {
    expect(isFlat(seedYaml)).toBe(false);
    expect(isFlat("name: p\ndescription: d\n")).toBe(false);
    expect(isFlat('{"name": "p", "adaptor": "x"}')).toBe(false);
  });
});
