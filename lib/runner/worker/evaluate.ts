import vm from "node:vm";
import { frameType } from "@/lib/runner/protocol/frames";
import type { EvaluatedMessage, EvaluateHeader } from "@/lib/runner/protocol/messages";
import { describeError } from "./describe-error";
import { parserIn } from "./parse";
import { sendJson } from "./transport";

/** Decides edge conditions, each in an empty context with its own copy of the state. */
export function evaluateConditions({ token, conditions }: EvaluateHeader, stateText: string): void {
  const results: EvaluatedMessage["results"] = {};
  for (const { id, code } of conditions) {
    try {
      results[id] = decide(code, stateText);
    } catch (error) {
      const { constructorName, name, message } = describeError(error, "operations");
      results[id] = { name: constructorName || name, message };
    }
  }
  sendJson(frameType.evaluated, { token, results } satisfies EvaluatedMessage);
}

function decide(code: string, stateText: string): boolean {
  const context = vm.createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
  const parse = parserIn(context);
  const condition = new vm.Script(code, { filename: "condition.js" }).runInContext(context) as (
    state: unknown,
  ) => unknown;
  return Boolean(condition(parse(stateText)));
}
