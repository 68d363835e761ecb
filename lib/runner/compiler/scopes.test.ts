import { describe, expect, it } from "vitest";
import { compile } from "./index";
import { parseJob } from "./parse";
import { analyzeScopes } from "./scopes";

const free = (source: string) => [...analyzeScopes(parseJob(source)).free].sort();
const adaptor = "@openfn/language-common";
const imports = (source: string, exports = ["fn", "each", "get"]) =>
  compile(source, { adaptor, exports }).imports.flatMap((entry) => entry.names);

describe("free names", () => {
  const cases: [string, string[]][] = [
    ["a; b.c; d[e]; ({ f: g, h, [i]: 1 })", ["a", "b", "d", "e", "g", "h", "i"]],
    ["const a = 1; a; { b; let c; c } c", ["b", "c"]],
    ["a; { var a } b; { let b }", ["b"]],
    ["f(); function f() { return arguments[0] + g }", ["g"]],
    ["arguments", ["arguments"]],
    ["(a, { b, c: [d] = e, ...r }, ...s) => a + b + c + d + r + s", ["c", "e"]],
    ["import x, { y as z } from 'm'; import * as n from 'm'; x; y; z; n", ["y"]],
    ["try { a } catch ({ message: m }) { m } m", ["a", "m"]],
    ["try {} catch { e }", ["e"]],
    ["for (const a of b) a; a", ["a", "b"]],
    ["for (var i = 0; i < n; i++); i", ["n"]],
    ["(class A { m() { return A } static { B } #p = C }); A", ["A", "B", "C"]],
    ["class A { x = A; [k]() {} } A", ["k"]],
    ["(function f() { f }); f", ["f"]],
    ["switch (a) { case b: let c; c } c", ["a", "b", "c"]],
    ["loop: for (;;) { break loop; } x: { continue_; break x }", ["continue_"]],
    ["export const q = 1; export { q as w }; q; w", ["w"]],
    ["export default function named() {} named", []],
    ["`${a}`; tag`${b}`", ["a", "b", "tag"]],
    ["a?.b?.[c]; new D(...e)", ["a", "c", "D", "e"]],
    ["if (1) { function inner() {} } inner", ["inner"]],
  ];
  for (const [source, names] of cases) it(source, () => expect(free(source)).toEqual([...names].sort()));
});

describe("implicit imports", () => {
  it("are what the job uses, does not declare and the adaptor exports", () => {
    expect(imports("fn(s => unknownHelper(s)); each('x', get)")).toEqual(["each", "fn", "get"]);
  });
  it("see through names that only look used", () => {
    expect(imports("const o = { fn: 1, each() {} }; o.get; get: for (;;) break get;")).toEqual([]);
  });
  it("find operations inside a top-level object", () => {
    expect(imports("const mapping = { a: get('x') };")).toEqual(["get"]);
  });
  it("leave out a name that is local everywhere it is used, and add one that is local somewhere only", () => {
    expect(imports("const f = (fn) => fn(1);")).toEqual([]);
    expect(imports("const f = (fn) => fn(1); fn(f);")).toEqual(["fn"]);
  });
  it("do not clash with a namespace import of the same name", () => {
    expect(imports("import * as fn from '@openfn/language-common'; fn.fn(s => s)")).toEqual([]);
  });
});

describe("lazy state", () => {
  const code = (source: string) =>
    compile(source, { adaptor, exports: ["fn", "get", "each"] }).code.split("\n")[1];
  const cases: [string, string][] = [
    ["fn(($) => $.data)", "fn(($) => $.data)"],
    ["const $ = {}; fn(() => $.data)", "() => $.data"],
    ["fn(() => { const $ = {}; return $.x })", "return $.x"],
    ["get({ a: $.items.map(x => x.id) })", "get((state)=>({ a: state.items.map(x => x.id) }))"],
    ["get($['a b'])", "get((state)=>(state['a b']))"],
    ["get($?.a)", "get((state)=>(state?.a))"],
    ["get($.a, $.b)", "get((state)=>(state.a), (state)=>(state.b))"],
    ["get($.a + $.b)", "get((state)=>(state.a + state.b))"],
    ["get(state => $.a)", "get(state => state.a)"],
    ["fn($.f($.a))", "fn((state)=>(state.f(state.a)))"],
    ["each($.a.b().c().d, get($.e))", "each((state)=>(state.a.b().c().d), get((state)=>(state.e)))"],
    ["get(new Date($.a))", "get((state)=>(new Date(state.a)))"],
    ["fn(s => s.$.x)", "s.$.x"],
  ];
  for (const [source, expected] of cases) it(source, () => expect(code(source)).toContain(expected));

  for (const source of [
    "get(...$.items)",
    "get(await $.x)",
    "fn(s => { return $.x })",
    "const m = { a: $.x };",
    "$.f()",
  ]) {
    it(`refuses ${source}`, () =>
      expect(() => compile(source, { adaptor, exports: [] })).toThrow(/Lazy State Error/));
  }
});
