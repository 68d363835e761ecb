/** A repeatable stream of numbers in [0, 1). */
export function random(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Writes jobs for language-common over a state of `data: {n, name, items}`; the same seed writes the same job. */
export class JobWriter {
  readonly #next: () => number;
  #names = 0;

  constructor(seed: number) {
    this.#next = random(seed);
  }

  #below = (count: number) => Math.floor(this.#next() * count);
  #pick = <T>(...items: [T, ...T[]]): T => items[this.#below(items.length)] ?? items[0];
  #name = (prefix: string) => `${prefix}${this.#names++}`;
  #some = (most: number, make: () => string) => Array.from({ length: 1 + this.#below(most) }, make);

  job(): string {
    const head = this.#below(5) === 0 ? [this.#import()] : [];
    const body = this.#some(5, () => (this.#below(3) === 0 ? this.#statement() : this.#operation(2)));
    if (this.#below(8) === 0) {
      const own = `export default [${this.#some(3, () => this.#operation(1)).join(", ")}]`;
      return [...head, ...this.#some(2, () => this.#statement()), own].join(this.#gap());
    }
    return [...head, ...body].join(this.#gap());
  }

  #gap = () => this.#pick(";\n", "\n;", ";\r\n", "; /* é */ ", ";\n// line\n", ";\n\n");

  #import = () =>
    this.#pick(
      'import { fn } from "@openfn/language-common"',
      "import { each as each, fn } from '@openfn/language-common'",
      "import {\n  combine,\n  fn\n} from '@openfn/language-common'",
    );

  #statement(): string {
    const name = this.#name("v");
    return this.#pick(
      () => `const ${name} = ${this.#value("null")}; fn(state => ({ ...state, ${name} }))`,
      () =>
        `function ${name}(x) { return [x, ${this.#value("x")}] } fn(s => ({ ...s, ${name}: ${name}(1) }))`,
      () =>
        `let ${name} = 0; for (const i of [1, 2, 3]) { if (i === 2) continue; ${name} += i } fn(s => ({ ...s, ${name} }))`,
      () => `export const ${name} = (x) => ({ x }); fn(s => ({ ...s, ${name}: ${name}(2) }))`,
      () => `const ${name} = await Promise.resolve(${this.#below(9)}); fn(s => ({ ...s, ${name} }))`,
      () => `const ${name} = (fn) => fn(3); fn(state => ({ ...state, ${name}: ${name}(x => x * 2) }))`,
      () =>
        `class ${name} { static k = 1; #p = 2; get v() { return this.#p + ${name}.k } } fn(s => ({ ...s, ${name}: new ${name}().v }))`,
      () =>
        `let ${name}; try { throw new Error("in") } catch ({ message: m }) { ${name} = m } fn(s => ({ ...s, ${name} }))`,
      () => `const ${name} = fn(state => ({ ...state, ${name}: 'late' })); combine(${name}, fn(s => s))`,
      () => `if (${this.#below(2)}) { fn(() => { throw new Error("never added") }) }`,
    )();
  }

  #operation(depth: number): string {
    const plain = () =>
      this.#pick(
        () => `fn(state => ({ ...state, ${this.#name("k")}: ${this.#value("state")} }))`,
        () =>
          `fn(s => { const { data, ...rest } = s; return { ...rest, data, ${this.#name("k")}: ${this.#value("s")} } })`,
        () => `fn(function (state) { state.${this.#name("m")} = ${this.#value("state")}; return state })`,
        () =>
          `fn(async ({ data, ...rest }) => { await null; return { ...rest, data, ${this.#name("a")}: data?.n ?? null } })`,
        () => `fn(($) => ({ ...$, ${this.#name("d")}: $.data?.n ?? 0 }))`,
        () =>
          `fn(state => ({ ...state, ${this.#name("f")}: Object.fromEntries(Object.entries(fields(field("a", 1), field("b", ${this.#below(9)})))) }))`,
        () => this.#failing(),
      )();
    if (depth === 0) return plain();
    return this.#pick(
      plain,
      plain,
      () => `${this.#operation(depth - 1)}${this.#links()}`,
      () => `each(${this.#items()}, ${this.#operation(depth - 1)})`,
      () => `combine(${this.#operation(depth - 1)}, ${this.#operation(depth - 1)})`,
      () => `fnIf(${this.#condition()}, ${this.#operation(depth - 1)})`,
      () => `combine(${this.#operation(0)}${this.#links()}, ${this.#operation(0)})`,
    )();
  }

  #failing = () =>
    this.#pick(
      "fn(state => { throw new Error('boom 💥') })",
      "fn(state => state.nothing.here)",
      "fn(async state => { throw new Error('later') })",
      "fn(state => undefinedName)",
      "fn(state => { throw 'text' })",
      "fn(s => $.data.n)",
      "[1].map(x => x)",
      "fn(state => state)",
      "fn(state => state)",
      "fn(state => state)",
    );

  #links(): string {
    const one = () =>
      this.#pick(
        `.then(s => ({ ...s, ${this.#name("t")}: 1 }))`,
        `\n  .then((s) => { s.${this.#name("t")} = 2; return s })`,
        ".catch((e, s) => ({ ...(s ?? {}), caught: e?.message ?? e }))",
        ".catch(() => ({ data: { n: 1, items: [] }, rescued: true }))",
        ".then(state => state)",
      );
    return this.#some(3, one).join("");
  }

  #items = () =>
    this.#pick(
      "$.data.items",
      "'$.data.items[*]'",
      "$.data.items.map(x => x)",
      "state => state.data.items",
      "[1, 2]",
      "$.data?.items ?? []",
      "[...$.data.items, 5]",
    );

  #condition = () =>
    this.#pick(
      "$.data.n > 1",
      "state => state.data.n === 2",
      "true",
      "!$.nothing",
      "$.data['n'] + $.data.n === 4",
      "`${$.data.name}` === 'é'",
    );

  #value = (state: string) =>
    this.#pick(
      `${this.#below(100)}`,
      "'日本'",
      `\`a\${1 + ${this.#below(9)}}\``,
      `(${state}?.data?.n ?? 'none')`,
      "[..." + '"xyz"' + "].map((c, i) => c + i)",
      "{ a: { b: [1, , 3] } }.a",
      `((...args) => args.length)(1, ${this.#below(3)})`,
      `(() => { switch (${this.#below(3)}) { case 0: return 'zero'; default: return 'other' } })()`,
      "/a(?<x>.)/u.exec('ab')?.groups?.x",
      "JSON.parse('{\"k\":1}')",
      "dateFns.format(new Date(2020, 0, 2), 'yyyy-MM-dd')",
    )
      .replace(/^\{ a/, "({ a")
      .replace(/\}\.a$/, "}).a");
}

/** A job like the largest public ones: a table of facilities in code, and an operation for each row of a report. */
export function largeJob(bytes: number): string {
  const lines = ["const facilities = {"];
  let size = 0;
  const add = (line: string) => {
    size += Buffer.byteLength(line) + 1;
    lines.push(line);
  };
  for (let i = 0; size < bytes * 0.6; i++)
    add(
      `  "FAC-${i}": { name: "Clinique de Région ${i}", uid: "Xy${i}Zq", open: ${i % 3 > 0}, beds: ${i % 97} },`,
    );
  add("};");
  for (let i = 0; size < bytes - 300; i++)
    add(
      `fn(state => {\n  const row = state.data.rows?.find(r => r.id === ${i});\n  if (row) state.out${i} = { ...facilities["FAC-${i % 1000}"], value: row.value * 2 };\n  return state;\n});`,
    );
  const last = "fn(state => ({ data: facilities[state.data.id] })); //";
  lines.push(last.padEnd(bytes - size - "const facilities = {\n".length, "-"));
  return lines.join("\n");
}
