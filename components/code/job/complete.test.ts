import { CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { javascript } from "@codemirror/lang-javascript";
import { ensureSyntaxTree } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { describe, expect, test } from "vitest";
import { ExactNumber } from "@/lib/exact-json";
import { type Knowledge, operationOptions, operationSource, stateSource } from "./complete";
import { vocabularyOf } from "./vocabulary";

const http = {
  name: "@openfn/language-http",
  version: "7.2.10",
  isBuilt: true,
  documented: [
    {
      name: "get",
      description: "Make a GET request.",
      params: [
        { name: "path", description: "Where to." },
        { name: "options", description: "Query and headers." },
      ],
      examples: [{ caption: "A patient", code: "get('/patient')" }],
    },
    {
      name: "fn",
      description: "A step of one's own.",
      params: [{ name: "func", description: "" }],
      examples: [],
    },
  ],
  undocumented: ["lastReferenceValue", "util"],
};
const common = {
  name: "@openfn/language-common",
  version: "3.3.4",
  isBuilt: true,
  documented: [
    {
      name: "lastReferenceValue",
      description: "Picks out a value of the last reference.",
      params: [{ name: "path", description: "" }],
      examples: [{ caption: "", code: "lastReferenceValue('key')" }],
    },
  ],
  undocumented: [],
};
const vocabulary = vocabularyOf(http, common);

const sample = {
  data: {
    patient: { name: "Amina", "post code": "1010", naïve: true, "2nd": 2 },
    items: [
      { sku: "A-1", price: new ExactNumber("1.10") },
      { sku: "B-2", price: 4 },
    ],
    nothing: null,
  },
  references: [{ id: 7 }],
};
const know =
  (given: unknown = sample): (() => Knowledge) =>
  () => ({ vocabulary, sample: given });
const draw = () => {
  throw new Error("Drawn only when it is shown.");
};

/** What is completed at `|`. */
function at(code: string, source: ReturnType<typeof stateSource>, isAsked = false): CompletionResult | null {
  const pos = code.indexOf("|");
  const doc = code.slice(0, pos) + code.slice(pos + 1);
  const state = EditorState.create({ doc, extensions: javascript() });
  ensureSyntaxTree(state, doc.length, 5_000);
  const result = source(new CompletionContext(state, pos, isAsked));
  if (result instanceof Promise) throw new Error("Nothing here waits.");
  return result;
}

const labels = (result: CompletionResult | null): string[] => result?.options.map(({ label }) => label) ?? [];
const states = (code: string, given?: unknown): string[] => labels(at(code, stateSource(know(given))));
const operations = (code: string, isAsked = false): string[] =>
  labels(at(code, operationSource(know(), draw), isAsked));

describe("operations", () => {
  test("of the adaptor, what it hands on of common, and what every job has", () => {
    const found = operations("ge|");
    expect(found).toEqual(
      expect.arrayContaining([
        "get",
        "fn",
        "lastReferenceValue",
        "util",
        "collections.get",
        "bytesOf",
        "hmac",
      ]),
    );
    expect(found.filter((name) => name === "get")).toHaveLength(1);
    expect(vocabulary.words.get("lastReferenceValue")).toMatchObject({
      description: "Picks out a value of the last reference.",
      from: "@openfn/language-http 7.2.10",
    });
  });

  test("say how they are called, and of which version", () => {
    const [get] = operationOptions(vocabulary, "ge", false, draw).filter(({ label }) => label === "get");
    expect(get?.detail).toBe("(path, options)");
    expect(typeof get?.apply).toBe("function");
    const [called] = operationOptions(vocabulary, "ge", true, draw).filter(({ label }) => label === "get");
    expect(called?.apply).toBeUndefined();
  });

  test.each(["collections.|", "collections.g|"])("of a namespace after its dot: %s", (code) => {
    expect(operations(code)).toEqual([
      "collections.get",
      "collections.set",
      "collections.each",
      "collections.remove",
    ]);
  });

  test.each(["'ge|'", "// ge|", "/* ge| */", "`ge|`", "state.ge|", "state.data.ge|", "9e|", "x?.ge|"])(
    "are not offered where they mean nothing: %s",
    (code) => expect(operations(code)).toEqual([]),
  );

  test("are offered within a template's braces, and anywhere when asked for", () => {
    expect(operations("`$" + "{ge|}`")).toContain("get");
    expect(operations("fn(|)")).toEqual([]);
    expect(operations("fn(|)", true)).toContain("get");
  });

  test("nothing is known of an adaptor that is not built, but for what every job has", () => {
    const unbuilt = vocabularyOf({ ...http, isBuilt: false }, common);
    expect(unbuilt.adaptor).toBeNull();
    expect([...unbuilt.words.keys()]).toContain("collections.get");
    expect([...unbuilt.words.keys()]).not.toContain("get");
    expect(vocabularyOf(null, null).adaptor).toBeNull();
  });
});

describe("the state", () => {
  test.each([
    ["fn(state => state.|)", ["data", "references"]],
    ["fn(s => s.|)", ["data", "references"]],
    ["fn((s) => { const a = 1; return s.data.| })", ["patient", "items", "nothing"]],
    ["fn(async s => { await x(); s?.data?.| })", ["patient", "items", "nothing"]],
    ["fn(function (s) { return s.data.pa| })", ["patient", "items", "nothing"]],
    ["get($.data.patient.|)", ["name", '["post code"]', "naïve", '["2nd"]']],
    ["get(`/x/$" + "{$.data.patient.|}`)", ["name", '["post code"]', "naïve", '["2nd"]']],
    ["get('/x').then(s => s.data.|)", ["patient", "items", "nothing"]],
    ["state.data.|", ["patient", "items", "nothing"]],
    ["collections.each('c', '*', (s, value) => { s.| })", ["data", "references"]],
  ])("is completed from the sample: %s", (code, expected) => expect(states(code)).toEqual(expected));

  test("of a list by index, and by what lists can do", () => {
    expect(states("$.data.items.|").slice(0, 3)).toEqual(["[0]", "[1]", "length"]);
    expect(states("$.data.items[0].|")).toEqual(["sku", "price"]);
    expect(states("$.data.items[|]")).toEqual(["0", "1"]);
    expect(at("$.data.items[0].|", stateSource(know()))?.options[1]?.detail).toBe("1.10");
  });

  test("of a key in brackets, with and without its quotes", () => {
    expect(states('$.data.patient["|"]')).toEqual(["name", "post code", "naïve", "2nd"]);
    expect(states("$.data.patient['po|']")).toContain("post code");
    expect(states("$.data.patient[|]")).toContain('"post code"');
    expect(states('$.data["patient"].|')).toContain("name");
  });

  test.each([
    ["fn(state => { const { patient } = state.data; return patient.| })", "name"],
    ["fn(state => { const { patient: p, rest = 1 } = state.data; p.| })", "name"],
    ["fn(({ data }) => data.|)", "patient"],
    ["fn(state => { const first = state.data.items[0]; first.| })", "sku"],
    ["fn(state => state.data.items.map(item => item.|))", "sku"],
    ["fn(state => { state.data.items.forEach(item => { item.| }) })", "sku"],
    ["each('$.data.items[*]', post('/x', state => state.data.|))", "sku"],
    ["each('data.items[*]', fn(s => s.data.|))", "sku"],
    ["each($.data.items, post('/x', $.data.|))", "sku"],
    ["each(s => s.data.items, fn(state => state.data.|))", "sku"],
  ])("is followed through names and lists: %s", (code, expected) => expect(states(code)).toContain(expected));

  test.each([
    "fn(state => state.data.items.map(state => other.|))",
    "fn(s => t.|)",
    "list.map(item => item.|)",
    "dataValue('x')(y => z.|)",
    "fn(state => f().data.|)",
    "fn(state => state.data.gone.|)",
    "fn(state => state.data.nothing.|)",
    "fn(state => state.data.patient.name.|)",
    "fn(state => 'state.|')",
    "// state.|",
    "fn(state => state[key].|)",
    "const a = b.c; fn(() => { const b = a.d; b.| })",
    "const a = a.b; a.|",
  ])("says nothing where it does not know: %s", (code) => expect(states(code)).toEqual([]));

  test("without a sample nothing is offered", () => {
    expect(
      labels(
        at(
          "$.|",
          stateSource(() => ({ vocabulary, sample: undefined })),
        ),
      ),
    ).toEqual([]);
  });

  test("takes part in nothing when keys are those of every object", () => {
    expect(states("$.data.constructor.|")).toEqual([]);
    expect(states("$.data.__proto__.|")).toEqual([]);
  });
});
