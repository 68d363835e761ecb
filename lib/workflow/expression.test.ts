import { expect, it } from "vitest";
import { expressionProblem } from "./expression";

it.each([
  "state.data.n > 0 && !state.errors",
  "state.data.items.some((item, index) => item.ok && index > 0)",
  "state.data.items.map(({ id, tags: [first = 1, ...others] }) => [id, first, others])",
  "Object.keys(state.data).length > Math.max(1, Number('2'))",
  "typeof window === 'undefined'",
  "(() => { const n = state.data.n; try { return n } catch (error) { return error } })()",
  "(function walk(node) { return node ? walk(node.next) : arguments.length })(state.data)",
  "new Date(state.data.at) > new Date('2026-01-01') && /a/.test(state.data.text) && state?.data?.[state.key]",
  "({ anything: state.data, [state.key]: 1, get ready() { return true } }).anything",
])("takes %j", (source) => expect(expressionProblem(source)).toBeNull());

it.each([
  ["sate.data.n > 0", "sate is not defined; did you mean state?"],
  ["data.n > 0", "data is not defined"],
  ["state.data.items.some(item => itme.ok)", "itme is not defined; did you mean item?"],
  ["state.data[key]", "key is not defined"],
  ["({ n }).n", "n is not defined"],
  ["process.env.HOME", "process is not defined"],
  ["state.data.n = wibble", "wibble is not defined"],
])("says of %j: %s", (source, problem) => expect(expressionProblem(source)).toBe(problem));
