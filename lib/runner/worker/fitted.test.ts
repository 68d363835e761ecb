import { build } from "esbuild";
import { expect, test } from "vitest";
import { fitted } from "./fitted";

const source = `
  import * as dates from "dep:dates";
  let count = 0;
  export const next = () => ++count;
  export { count, dates };
  export default { next };
`;

/** As adaptors are built. */
async function built(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, sourcefile: "own.mjs" },
    ...{ bundle: true, external: ["dep:*"], write: false },
    ...{ platform: "node", format: "cjs", target: "node20", minifyWhitespace: true },
  });
  return outputFiles[0]?.text ?? "";
}

/** The exports of one evaluation, and how often a namespace was asked for. */
function evaluated(code: string) {
  const module = { exports: {} as Record<string, unknown> };
  const require = () => ({ __esModule: true, today: 1 });
  let namespaces = 0;
  const namespace = (of: object) => {
    namespaces += 1;
    return of;
  };
  new Function("module", "require", "__namespace", code)(module, require, namespace);
  return { exports: module.exports, namespaces };
}

test("what an adaptor exports is the same without the builder's copies, and none is made", async () => {
  const code = await built();
  const [whole, fit] = [evaluated(code), evaluated(fitted(code))];
  expect([whole.namespaces, fit.namespaces]).toEqual([0, 1]);
  expect(fitted(code)).toMatch(/__toCommonJS=mod=>__defProp\(mod,/);
  const shape = ({ exports }: typeof whole) =>
    Object.entries(Object.getOwnPropertyDescriptors(exports))
      .map(([name, { configurable, enumerable, get, set }]) => ({
        ...{ name, configurable, enumerable, hasGetter: get !== undefined, hasSetter: set !== undefined },
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  expect(shape(fit)).toEqual(shape(whole));
  for (const { exports } of [whole, fit]) {
    (exports.next as () => number)();
    expect(exports).toMatchObject({ count: 1, dates: { today: 1 }, __esModule: true });
  }
  expect(evaluated(fitted(code)).exports.count).toBe(0);
});
