import { parse } from "@marcbachmann/cel-js";
import type { EngineEvent } from "./protocol";

type Scope = { event: EngineEvent };
type Compiled = (scope: Record<string, unknown>) => unknown;

/** Functions bring their expressions: there are few. */
const compiled = new Map<string, Compiled>();

/** Compiles a CEL expression once. Throws when it does not parse. */
export function compileExpression(expression: string): Compiled {
  const known = compiled.get(expression) ?? parse(expression);
  compiled.set(expression, known);
  return known;
}

/** The value of an expression as text; a missing field counts as empty, so that one odd event never stops a batch. */
export function evaluateText(expression: string, scope: Scope): string {
  try {
    const value = compileExpression(expression)({ ...scope });
    return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
  } catch {
    return "";
  }
}

/** The value of an expression as a number; 0 when it is none. */
export const evaluateNumber = (expression: string, scope: Scope): number =>
  Number(evaluateText(expression, scope)) || 0;

/** True when there is no expression or it is true; an expression that fails does not match. */
export function matches(expression: string | null | undefined, scope: Scope): boolean {
  if (!expression) return true;
  try {
    return compileExpression(expression)({ ...scope }) === true;
  } catch {
    return false;
  }
}
