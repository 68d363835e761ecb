import { describe, expect, it } from "vitest";
import { compile } from "./index";
import { placeOf, runCompiled } from "./run-for-tests";

const adaptor = "@openfn/language-common";
const resolve = (value: unknown, state: unknown) => (typeof value === "function" ? value(state) : value);
const common = {
  fn: (f: (state: unknown) => unknown) => f,
  get: (path: unknown, options?: unknown) => async (state: unknown) => {
    resolve(path, state);
    resolve(options, state);
    return state;
  },
  each: (items: unknown, operation: (state: unknown) => unknown) => async (state: unknown) => {
    resolve(items, state);
    return operation(state);
  },
};

/** Compiles and runs; the error must come from the place of `⟦` (removed before compiling). */
async function failsAtMark(marked: string) {
  const offset = marked.indexOf("⟦");
  const source = marked.replace("⟦", "");
  const before = marked.slice(0, offset).split(/\r\n|[\n\r\u2028\u2029]/);
  const expected = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  const job = compile(source, { adaptor, exports: Object.keys(common) });
  let error: unknown = null;
  try {
    await runCompiled(job, { [adaptor]: common }, { data: { a: 1 }, items: [1] });
  } catch (thrown) {
    error = thrown;
  }
  expect(error, "the job must fail").not.toBeNull();
  expect(placeOf(job, error)).toEqual(expected);
}

describe("a run-time error is placed in the source, exact to line and column", () => {
  const cases: Record<string, string> = {
    "in an operation": "fn(state => {\n  const x = null;\n  return x.⟦y;\n});",
    "on the first line": "fn(state => state.a.⟦b);",
    "in the second operation of a line": "fn(s => s); fn(s => ⟦nothing);",
    "in lazy state": "get('/x/' + $.data.a);\nget(`/y/${$.data.none.⟦x}`);",
    "after lazy state in the same argument": "get($.data.a + $.none.⟦x);",
    "in a later argument": "get($.data.a, { q: $.data.a, r: $.no.⟦thing });",
    "in a chain": "get('/x').then(s => s).then(s => {\n  return s.no.⟦thing;\n});",
    "in a chain after a catch": "get('/x').catch(e => e).then(s => s.no.⟦thing);",
    "in a nested chain": "each($.items,\n  get('/x/' + $.data.a).then(s => s.no.⟦thing));",
    "after non-ASCII text": "fn(s => { const é = '日本語 🎉'; return é.no.⟦thing; });",
    "after an astral character on the same line as an edit": "get($.data['🎉🎉'] ?? $.data.none.⟦x);",
    "after imports": "import { fn } from '@openfn/language-common';\nfn(s => s.no.⟦thing);",
    "after a multi-line import":
      "import {\n  fn,\n  get\n} from '@openfn/language-common'; const q = 1;\nfn(s => s.no.⟦thing);",
    "after named exports": "export const a = 1; fn(s => s.no.⟦thing);",
    "in an exported array": "export default [fn(s => s), fn(s => s.no.⟦thing)];",
    "in a multi-line exported array": "export default\n [\n  fn(s => s.no.⟦thing)];",
    "in the body": "const x = {};\nx.y.⟦z;\nfn(s => s);",
    "in a thunk": "const x = {};\nfn(x.y.⟦z);",
    "after an awaited argument": "fn(await (s => s));\nfn(s => s.no.⟦thing);",
    "with CRLF line ends": "fn(s => s);\r\nfn(s => s.no.⟦thing);\r\n",
    "with old Mac line ends": "fn(s => s);\rfn(s => s.no.⟦thing);",
    "after a line separator in a string": "fn(s => '\u2028'); fn(s => s.no.⟦thing);",
    "after this": "const t = this; fn(s => s.no.⟦thing);",
    "after a hashbang": "#!/usr/bin/env openfn\nfn(s => s.no.⟦thing);",
    "in parentheses around a chain": "((get('/x')).then(a => a)).then(s => s.no.⟦thing);",
  };
  for (const [title, source] of Object.entries(cases)) it(title, () => failsAtMark(source));
});

describe("positions of operations", () => {
  it("are those of the call, chains included", () => {
    const source = "fn(s => s);\n  get('/x')\n    .then(s => s);\nutil.tidy('é'); fn(s => s);";
    const { operations } = compile(source, { adaptor, exports: Object.keys(common) });
    expect(operations).toEqual([
      { name: "fn", label: "fn", line: 1, column: 1, order: 1 },
      { name: "get", label: "get", line: 2, column: 3, order: 2 },
      { label: "util.tidy", line: 4, column: 1, order: 3 },
      { name: "fn", label: "fn", line: 4, column: 17, order: 4 },
    ]);
  });

  it("answer null for lines that are not the job's", () => {
    const job = compile("fn(s => s);", { adaptor, exports: ["fn"] });
    expect(job.locate({ line: 0, column: 5 })).toBeNull();
    expect(job.locate({ line: 99, column: 1 })).toBeNull();
    expect(job.locate({ line: 1, column: 1 })).toEqual({ line: 1, column: 1 });
  });
});
