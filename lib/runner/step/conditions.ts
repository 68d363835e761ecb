import { compiledExpression } from "@/lib/runner/compiler/compile-cache";
import { CompileError } from "@/lib/runner/compiler/index";
import type { EdgeExpression, StepError, StepResult } from "@/lib/runner/contract";
import { NotBegunError, WorkerEndedError } from "@/lib/runner/pool/worker-end";
import type { WorkerProcess } from "@/lib/runner/pool/worker-process";
import { withoutNul } from "@/lib/text";
import { newToken } from "./token";

const conditionTimeoutMs = 5_000;

function reasonOf(error: unknown): string {
  if (error instanceof CompileError) return `${error.said} (${error.line}:${error.column})`;
  return error instanceof Error ? error.message : String(error);
}

const conditionError = (message: string): StepError => ({
  type: "EdgeConditionError",
  message: withoutNul(message),
});

const notDecided = (reason: string): StepError => conditionError(`The condition was not decided: ${reason}`);

/** Conditions that were not decided, and why: each an EdgeConditionError. */
export const undecided = (expressions: EdgeExpression[], reason: string): StepResult["conditions"] =>
  Object.fromEntries(expressions.map(({ edgeId }) => [edgeId, notDecided(reason)]));

/**
 * Decides edge conditions on a state in a worker. What cannot be decided is an EdgeConditionError. Throws NotBegunError
 * alone, when the worker does not say within `beginMs` that it begins.
 */
export async function decideConditions(
  worker: WorkerProcess,
  expressions: EdgeExpression[],
  state: string,
  beginMs = conditionTimeoutMs,
): Promise<StepResult["conditions"]> {
  const results: StepResult["conditions"] = {};
  const compiled: { id: string; code: string }[] = [];
  for (const { edgeId, expression } of expressions) {
    try {
      compiled.push({ id: edgeId, code: compiledExpression(expression).code });
    } catch (error) {
      results[edgeId] = conditionError(`The condition is not valid: ${reasonOf(error)}`);
    }
  }
  if (compiled.length === 0) return results;
  const timer = setTimeout(
    () => worker.kill({ type: "TimeoutError", message: "it took too long" }),
    beginMs + conditionTimeoutMs,
  );
  try {
    const answer = await worker.evaluate({ token: newToken(), conditions: compiled }, state, beginMs);
    for (const { id } of compiled) results[id] = decided(answer.results[id]);
  } catch (error) {
    if (error instanceof NotBegunError) throw error;
    const reason =
      error instanceof WorkerEndedError && error.end.kind === "killed"
        ? error.end.cause.message
        : "it ended its process";
    for (const { id } of compiled) results[id] = notDecided(reason);
  } finally {
    clearTimeout(timer);
  }
  return results;
}

function decided(result: boolean | { name: string; message: string } | undefined): boolean | StepError {
  if (typeof result === "boolean") return result;
  return conditionError(
    result ? `${result.name}: ${result.message}`.slice(0, 2000) : "The condition has no result",
  );
}
