import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactNumber } from "@/lib/exact-json";
import type { ProjectDocument, ProjectPayload } from "./document";
import { fromDocument } from "./from-document";
import { openfnDifference } from "./openfn-difference";
import { inMapOrder, stateOf } from "./state";
import { counter, projects } from "./testing/projects";
import { toDocument } from "./to-document";

const job = (name: string, body: string) => ({
  id: `id of ${name}`,
  name,
  adaptor: "@openfn/language-http@latest",
  body,
  project_credential_id: null,
});

const project = (...bodies: string[]): ProjectDocument & ProjectPayload => ({
  id: "p",
  name: "p",
  description: null,
  project_credentials: [],
  workflows: [
    {
      id: "w",
      name: "w",
      lock_version: 1,
      jobs: bodies.map((body, n) => job(`job ${n}`, body)),
      triggers: [],
      edges: [],
    },
  ],
});

describe("openfnDifference", () => {
  it("prints a changed body as OpenFn's documentation shows it", () => {
    const before = project('fn(state => {\n  console.log("ok")\n  return state\n});', "b");
    const after = project('fn(state => {\n  console.log("some changes here!")\n  return state\n});\n', "b");
    expect(openfnDifference(before, after)).toBe(
      [
        " {",
        "   workflows: [",
        "     {",
        "       jobs: [",
        "         {",
        '-          body: "fn(state => {\\n  console.log(\\"ok\\")\\n  return state\\n});"',
        '+          body: "fn(state => {\\n  console.log(\\"some changes here!\\")\\n  return state\\n});\\n"',
        "         }",
        "         ...",
        "       ]",
        "     }",
        "   ]",
        " }",
        "",
      ].join("\n"),
    );
  });

  it("prints a new project as one that was not there", () => {
    const text = openfnDifference(null, project("a"));
    expect(text.split("\n").slice(0, 3)).toEqual(["-null", "+{", '+  id: "p"']);
  });

  it("knows numbers apart that JavaScript does not", () => {
    const filtered = (n: string) => {
      const one = project();
      const [workflow] = one.workflows;
      const trigger = { id: "t", type: "message_filter", enabled: true, inclusion: { n: exactNumber(n) } };
      return { ...one, workflows: workflow ? [{ ...workflow, triggers: [trigger] }] : [] };
    };
    expect(openfnDifference(filtered("9007199254740993"), filtered("9007199254740993"))).toBe("");
    expect(openfnDifference(filtered("9007199254740993"), filtered("9007199254740992"))).toContain(
      '-            n: "9007199254740993"',
    );
  });

  it("is empty after a pull, whatever the project", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(projects({ extensions: true, sameTriggers: true }), (made) => {
        const document = inMapOrder(made);
        const payload = toDocument(fromDocument(document), stateOf(document), counter(), {
          extensions: true,
        });
        expect(openfnDifference(document, payload)).toBe("");
      }),
      { numRuns: 100, seed: 12 },
    );
  });

  it("says the same of long lists, where what did not change is not compared with each other", () => {
    const many = (changed: number, count: number) => ({
      ...project(),
      workflows: Array.from({ length: count }, (_, n) => ({
        id: `${n}`,
        name: `workflow ${n}`,
        jobs: Array.from({ length: 12 }, (_, m) =>
          job(`${n} ${m}`, n === changed && m === 5 ? "new" : "old"),
        ),
        triggers: [],
        edges: [],
      })),
    });
    const [before, after] = [many(-1, 9), many(4, 9)];
    const text = openfnDifference(before, after);
    expect(text).toContain('+          body: "new"');
    expect(openfnDifference(before, after, { manyItems: 5 })).toBe(text);
    expect(openfnDifference(many(-1, 2_000), many(1_000, 2_000))).toContain('+          body: "new"');
  });
});
