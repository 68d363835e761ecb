import { parse } from "@marcbachmann/cel-js";
import { LruMap } from "@/lib/lru-map";
import type { EngineEvent } from "./protocol";

type Scope = { event: EngineEvent; async?: EngineEvent };
type Compiled = (scope: Record<string, unknown>) => unknown;

/** A wait may write a value of its own into its expression: there is no end of them. */
const compiled = new LruMap<string, Compiled>(1000);

/** Compiles a CEL expression once. Throws when it does not parse. */
export const compileExpression = (expression: string): Compiled =>
  compiled.getOrMake(expression, () => parse(expression));

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

/** The path of `event.a.b == async.a.b` (either order): such a wait is found by index instead of by evaluation. */
export function matchPath(expression: string | null | undefined): string | null {
  return (
    /^\s*(?:event\.([\w.]+)\s*==\s*async\.\1|async\.([\w.]+)\s*==\s*event\.\2)\s*$/
      .exec(expression ?? "")
      ?.slice(1)
      .find(Boolean) ?? null
  );
}

/** The value at a dotted path of an event, as comparable text. */
export function valueAt(event: EngineEvent, path: string): string {
  let value: unknown = event;
  for (const key of path.split(".")) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  }
  return JSON.stringify(value ?? null);
}
