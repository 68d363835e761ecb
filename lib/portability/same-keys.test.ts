import { expect, it } from "vitest";
import { parseSpec } from "./parse";
import { sameKeyProblems } from "./same-keys";

const problemsOf = (yaml: string) => {
  const parsed = parseSpec(yaml);
  if (!parsed.spec) throw new Error(JSON.stringify(parsed.problems));
  return sameKeyProblems(parsed.spec, { lineOf: parsed.lineOf, fileOf: () => null });
};

it("finds names that one key would stand for, with both and the line", () => {
  const problems = problemsOf(`name: p
workflows:
  w:
    name: Sync it
    jobs:
      a: {name: Send it, adaptor: x, body: x}
      b: {name: Send  it, adaptor: x, body: x}
      c: {name: Send it, adaptor: x, body: x}
      d: {name: Store, adaptor: x, body: x}
  v:
    name: Sync-it
    jobs:
      a: {name: Send it, adaptor: x, body: x}
`);
  expect(problems.map(({ line, path, message }) => `${line} ${path} ${message}`)).toEqual([
    '10 workflows/v "Sync it" and "Sync-it" would both be "Sync-it" in project.yaml. Rename one of them.',
    '7 workflows/w/jobs/b "Send it" and "Send  it" would both be "Send-it" in project.yaml. Rename one of them.',
    '8 workflows/w/jobs/c Two jobs of the workflow "Sync it" are called "Send it". Rename one of them.',
  ]);
});
