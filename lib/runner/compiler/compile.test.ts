import vm from "node:vm";
import { describe, expect, it, vi } from "vitest";
import { CompileError, compile, maxSourceBytes } from "./index";
import { maxNodes } from "./parse";
import { runCompiled } from "./run-for-tests";

const adaptor = "@openfn/language-common";
type Operation = (state: Record<string, unknown>) => unknown;
const push =
  (name: string): Operation =>
  (state) => ({ ...state, log: [...((state.log as string[]) ?? []), name] });
const common = {
  fn: (f: unknown) => f,
  push,
  fail: (message: string) => async () => {
    throw new Error(message);
  },
  both: (a: Operation, b: Operation) => async (state: Record<string, unknown>) =>
    b((await a(state)) as Record<string, unknown>),
};
const exports = Object.keys(common);
const job = (source: string) => compile(source, { adaptor, exports });
const run = (source: string, state = {}) => runCompiled(job(source), { [adaptor]: common }, state);
const errorOf = (source: string, make = job): CompileError => {
  try {
    make(source);
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error(`compiles: ${source.slice(0, 100)}`);
};

const compiles = (source: string) => {
  try {
    return Boolean(job(source));
  } catch {
    return false;
  }
};

describe("operations", () => {
  it("run in order, after everything else in the body", async () => {
    expect(await run("push(name); push('b'); const name = 'a';")).toEqual({ log: ["a", "b"] });
  });
  it("may await their arguments", async () => {
    expect(await run("const wait = async x => x; push(await wait('a')); push('b')")).toEqual({
      log: ["a", "b"],
    });
  });
  it("are left alone when the job exports its own", async () => {
    const own = "push('never'); export default [push('a')];";
    expect(job(own).operations).toEqual([]);
    expect(job(own).hasDefaultExport).toBe(true);
    expect(await run(own)).toEqual({ log: ["a"] });
  });
  it("may be exported as a named function, which is then no list", async () => {
    await expect(run("export default function x() {}")).resolves.toEqual({});
  });
  it("keep apart from neighbours without semicolons", async () => {
    expect(await run("push('a')\npush('b')\nconst x = 1\npush('c')\n;[1].length")).toEqual({
      log: ["a", "b", "c"],
    });
    const split = "let x = push\nimport { push as q } from '@openfn/language-common'\n(x)";
    await expect(run(split)).resolves.toEqual({});
  });
});

describe("promise chains", () => {
  it("apply then to the operation's result", async () => {
    expect(await run("push('a').then(s => ({ ...s, n: 1 })).then(s => ({ ...s, m: s.n + 1 }))")).toEqual({
      log: ["a"],
      n: 1,
      m: 2,
    });
  });
  it("give a catch next to the operation the error and the state", async () => {
    const source =
      "fail('x').catch((e, s) => ({ ...s, caught: e.message })).then(s => ({ ...s, after: true }))";
    expect(await run(source, { in: 1 })).toEqual({ in: 1, caught: "x", after: true });
  });
  it("give a later catch the error only", async () => {
    expect(await run("fail('x').then(s => s).catch((e, s) => ({ e: e.message, s: s ?? null }))")).toEqual({
      e: "x",
      s: null,
    });
  });
  it("throw what nobody catches", async () => {
    await expect(run("fail('x').then(s => s)")).rejects.toThrow("x");
    await expect(run("push('a').then(s => { throw new Error('later') })")).rejects.toThrow("later");
  });
  it("work inside arguments, several levels deep, with parentheses and comments", async () => {
    const source =
      "both(push('a').then(s => ({ ...s, n: 1 })), both((push('b')) /* ( */ . then(s => s), ((push('c')).catch(e => e)).then(s => s)))";
    expect(await run(source)).toEqual({ log: ["a", "b", "c"], n: 1 });
  });
  it("are ordinary promises inside functions and behind Promise", async () => {
    expect(await run("fn(s => Promise.resolve(s).then(x => ({ ...x, n: 1 })))")).toEqual({ n: 1 });
    expect(await run("const n = await Promise.resolve(1).then(x => x + 1); fn(s => ({ n }))")).toEqual({
      n: 2,
    });
  });
});

describe("modules", () => {
  it("import by name, as another name, as default and whole", async () => {
    const all = { [adaptor]: { ...common, default: { name: "whole" } } };
    const source = `import whole, { push as add, "push" as p } from "@openfn/language-common";
import * as ns from "@openfn/language-common"; import { defer } from "@openfn/runtime"; import "@openfn/language-common";
add(whole.name); p("b"); ns.push("c"); defer(push("d"), p => p);`;
    expect(await runCompiled(job(source), all, {})).toEqual({ log: ["whole", "b", "c", "d"] });
  });
  it("load later through the worker", async () => {
    expect(await run("const m = await import('@openfn/language-common'); m.push('a');")).toEqual({
      log: ["a"],
    });
  });
  it("refuse other modules at the place of their name", () => {
    const error = errorOf("fn(s => s);\nimport fs from 'node:fs';");
    expect(error).toMatchObject({
      type: "ImportError",
      message: "module blacklisted: node:fs",
      line: 2,
      column: 16,
    });
    expect(error.hint).toContain(adaptor);
    expect(errorOf("export * from 'fs'").type).toBe("ImportError");
    expect(errorOf("export { a } from 'fs'").type).toBe("ImportError");
  });
  it("refuse names the adaptor does not export", () => {
    expect(errorOf("import { nope } from '@openfn/language-common';")).toMatchObject({
      type: "SyntaxError",
      line: 1,
      column: 10,
    });
  });
  it("have no import.meta", () => {
    expect(errorOf("fn(() => import.meta.url)")).toMatchObject({
      type: "SecurityError",
      line: 1,
      column: 10,
    });
  });
});

describe("what a module means and a script would not", () => {
  it("this is undefined at the top and in arrows, and itself elsewhere", async () => {
    expect(
      await run(
        "const a = this; fn(() => ({ a: typeof a, b: typeof this, c: (function () { return this }).call(1) }))",
      ),
    ).toEqual({ a: "undefined", b: "undefined", c: 1 });
  });
  it("<!-- is no comment", async () => {
    expect(await run("let a = 1, b = 5; const c = a<!--b; fn(() => ({ b, c }))")).toEqual({ b: 4, c: false });
  });
  it("code is strict", async () => {
    await expect(run("undeclared = 1;")).rejects.toThrow("undeclared is not defined");
  });
  it("the job's names never clash with ours", async () => {
    const source =
      "const __ops = 1, __import = 2, __dimp = 3, __defer = 4, ___ops = 5, __deferChain = 6; push('a').then(s => ({ ...s, n: __ops + ___ops }))";
    expect(await run(source)).toEqual({ log: ["a"], n: 6 });
  });
  it("no edit adds or removes a line", () => {
    const source =
      "import {\n push\n} from '@openfn/language-common';\nexport\n const a = 1;\npush('a')\n .catch(\n e => e\n)\n .then(s => s);\nexport { a\n as b };";
    expect(job(source).code.split("\n").length).toBe(source.split("\n").length + 2);
  });
});

describe("bounds", { timeout: 30_000 }, () => {
  const n = 100_000;
  const hostile: Record<string, string> = {
    "too many bytes": `fn(s => s); // ${"é".repeat(maxSourceBytes / 2)}`,
    brackets: `${"[".repeat(n)}${"]".repeat(n)}`,
    parentheses: `${"(".repeat(n)}1${")".repeat(n)}`,
    "open parentheses": "(".repeat(n),
    arrows: `${"a=>".repeat(n / 2)}a`,
    functions: `${"function f(){".repeat(n / 10)}${"}".repeat(n / 10)}`,
    calls: `f${"(f".repeat(n)}${")".repeat(n)}`,
    blocks: `${"{".repeat(n)}${"}".repeat(n)}`,
    "a sum": `1${"+1".repeat(n)}`,
    "a chain of members": `a${".a".repeat(n)}`,
    "a chain of thens": `fn(1)${".then(a)".repeat(n / 5)}`,
    unary: `${"!".repeat(n)}1`,
    templates: `${"`${".repeat(n / 2)}1${"}`".repeat(n / 2)}`,
    patterns: `const ${"[".repeat(n)}a${"]".repeat(n)} = 1`,
    "if else": "if(a);else ".repeat(n / 10),
    classes: `${"(class extends ".repeat(n / 10)}A${"{})".repeat(n / 10)}`,
    awaits: `${"await ".repeat(n / 3)}1`,
    conditions: `${"a?".repeat(n)}1${":1".repeat(n)}`,
  };
  const elapsedMs = (work: () => unknown) => {
    const start = performance.now();
    work();
    return performance.now() - start;
  };
  /** How long an ordinary job of so many operations takes, on this machine as busy as it is now. */
  const ordinaryMs = (operations: number) => {
    const source = "get($.a.b).then(s => s);\n".repeat(operations);
    return elapsedMs(() => job(source));
  };
  for (const [title, source] of Object.entries(hostile)) {
    it(`refuses ${title} in a sentence and in good time`, () => {
      const refusalMs = elapsedMs(() => expect(errorOf(source).type).toBe("SyntaxError"));
      expect(refusalMs).toBeLessThan(60 * ordinaryMs(1000));
    });
  }
  it("refuses too many nodes in a sentence and in good time", () => {
    const source = "f();".repeat(maxNodes / 3 + 1);
    const refusalMs = elapsedMs(() => expect(errorOf(source).message).toBe("The code has too many parts"));
    expect(refusalMs).toBeLessThan(60 * ordinaryMs(17_000));
  });
  it("takes what people write: a 200-term sum, 60 levels of nesting, 5,000 operations", () => {
    expect(() => job(`fn(s => ${Array(200).fill("'abc'").join("+")})`)).not.toThrow();
    expect(() => job(`fn(s => ${"[".repeat(60)}${"]".repeat(60)})`)).not.toThrow();
    expect(job("fn(s=>s);\n".repeat(5000)).operations).toHaveLength(5000);
  });
  it("lets nothing pass that V8 would refuse as too deep", () => {
    const depths = ["[", "(x => ", "f(", "!(", "{a:"].map((open) => {
      const close = open === "[" ? "]" : open === "{a:" ? "}" : ")";
      const at = (depth: number) => `fn(() => (${open.repeat(depth)}1${close.repeat(depth)}))`;
      let depth = 500;
      while (depth > 0 && !compiles(at(depth))) depth -= 5;
      expect(() => new vm.Script(job(at(depth)).code)).not.toThrow();
      return depth;
    });
    expect(Math.min(...depths)).toBeGreaterThan(150);
  });
  it("compiles any job within the bounds in linear time", () => {
    // The least of three: whatever else the machine does only adds to a measure.
    const leastMs = (operations: number) => Math.min(...[1, 2, 3].map(() => ordinaryMs(operations)));
    // Four times as much: four times as long if it is linear, sixteen times if every part looks at every other.
    expect(leastMs(4000)).toBeLessThan(10 * leastMs(1000));
  });
});

describe("errors", () => {
  it("say the words of OpenFn, with 1-based places beside them", () => {
    expect(errorOf("fn(s => {\n  return 1 1\n})")).toMatchObject({
      type: "SyntaxError",
      message: "Unexpected token (2:11)",
      line: 2,
      column: 12,
    });
  });
  it("do not hide faults of our own", () => {
    const parse = vi.spyOn(JSON, "stringify").mockImplementationOnce(() => {
      throw new TypeError("ours");
    });
    expect(() => job("fn(s => s)")).toThrow("ours");
    parse.mockRestore();
  });
});

it("everything that compiles is a script that V8 accepts", { timeout: 30_000 }, () => {
  const pieces = [
    "fn(s => s)",
    "get($.a)",
    "both(fn($.x), fn(await 1))",
    "x().then(a).catch(b)",
    "export const q = 1",
    "import * as z from '@openfn/language-common'",
    "{ let y }",
    "if (1) fn(1)",
    "class K { static x = this; y = 1 }",
    "(fn)(1)",
    "`${fn(1)}`",
    "async () => { await 1 }",
    "for await (const x of []) ;",
    "label: fn(2)",
    "export default [fn(1)]",
    "this",
    "a<!--b",
    "// c",
    "/* d\n */",
  ];
  for (const first of pieces) {
    for (const second of pieces) {
      for (const between of ["\n", ";", "\n\n;"]) {
        const source = `let a, b, x;\n${first}${between}\n${second}`;
        let code: string;
        try {
          ({ code } = job(source));
        } catch (error) {
          expect(error).toBeInstanceOf(CompileError);
          continue;
        }
        expect(() => new vm.Script(code), source).not.toThrow();
      }
    }
  }
});

describe("the adaptor that every job has", () => {
  const also = { adaptor: "@openfn/language-collections", exports: ["collections"] };
  const options = { adaptor: "@openfn/language-common", exports: ["fn", "each"], also };
  const importsOf = (source: string, more: object = {}) => {
    const { imports, usesAlso } = compile(source, { ...options, ...more });
    return { imports, usesAlso };
  };

  it("is taken for its name alone, beside the job's own", () => {
    expect(importsOf("fn(s => s); collections.get('a', 'b')")).toEqual({
      imports: [
        { from: "@openfn/language-common", names: ["fn"] },
        { from: also.adaptor, names: ["collections"] },
      ],
      usesAlso: true,
    });
  });

  it.each([
    ["in a comment", "fn(s => s) // collections"],
    ["in a text", "fn(s => 'collections')"],
    ["as a property", "fn(s => s.collections)"],
    ["as a name of the job's own", "const collections = {}; fn(() => collections)"],
  ])("is left alone %s", (_, source) => {
    expect(importsOf(source)).toMatchObject({ usesAlso: false });
    expect(compile(source, options).code).not.toContain("language-collections");
  });

  it("gives way to the own adaptor's name, and is none where it is the own adaptor", () => {
    const source = "collections.get('a', 'b')";
    expect(importsOf(source, { exports: ["collections"] }).usesAlso).toBe(false);
    expect(importsOf(source, { adaptor: also.adaptor, exports: ["collections"] })).toEqual({
      imports: [{ from: also.adaptor, names: ["collections"] }],
      usesAlso: false,
    });
  });

  it("can be imported, under any name, and has only what it has", () => {
    expect(importsOf(`import { collections as c } from "${also.adaptor}"; c.get("a", "b")`).usesAlso).toBe(
      true,
    );
    expect(() => compile(`import { other } from "${also.adaptor}"`, options)).toThrow(
      "does not provide an export named 'other'",
    );
    expect(() =>
      compile(`import { collections } from "${also.adaptor}"`, { ...options, also: undefined } as never),
    ).toThrow("module blacklisted");
  });
});
