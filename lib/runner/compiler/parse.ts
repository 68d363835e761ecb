import type { Program } from "acorn";
import * as acorn from "acorn";
import { limits, utf8Bytes } from "@/lib/limits";
import { CompileError } from "./errors";
import { indexLines } from "./positions";
import { flatten, type Tree } from "./tree";

export const maxSourceBytes = limits.jobCode;
export const maxDepth = 500;
/** No grammar makes more than three nodes of two tokens. */
export const maxNodes = 1.5 * limits.codeTokens + 1_000;

const options = { ecmaVersion: "latest", sourceType: "module", allowHashBang: true } as const;

const tooDeep = () =>
  new CompileError("SyntaxError", "The code is nested too deeply", 1, 1, {
    hint: "Move inner parts into functions or variables of their own.",
  });

const tooLarge = (message: string) =>
  new CompileError("SyntaxError", message, 1, 1, { hint: "Split it into several steps." });

const expressionHint = "Write one expression, such as state.data.age > 18; statements are not possible.";

/** Checks the size and parses. `shift` is what stands before the source in the parsed text. Throws CompileError. */
function read(source: string, parse: () => Program, shift: number, more: { hint?: string }): Program {
  const bytes = utf8Bytes(source);
  if (bytes > maxSourceBytes)
    throw tooLarge(`The code has ${bytes} bytes; at most ${maxSourceBytes} are compiled`);
  try {
    return parse();
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep();
    if (!(error instanceof SyntaxError && "pos" in error && typeof error.pos === "number")) throw error;
    const offset = Math.min(Math.max(error.pos - shift, 0), source.length);
    const { line, column } = indexLines(source).at(offset);
    const message = error.message.replace(/ \(\d+:\d+\)$/, "");
    throw new CompileError("SyntaxError", `${message} (${line}:${column - 1})`, line, column, more);
  }
}

function treeOf(program: Program): Tree {
  const flat = flatten(program, maxDepth, maxNodes);
  if (flat === "depth") throw tooDeep();
  if (flat === "size") throw tooLarge("The code has too many parts");
  return { program, ...flat };
}

/** Parses a job. Throws CompileError for wrong, too large or too deep code. */
export function parseJob(source: string): Tree {
  const program = read(source, () => acorn.parse(source, options), 0, {});
  return treeOf(program);
}

/** Parses a text that must be one expression. Throws CompileError like `parseJob`; offsets are those of `(` + text. */
export function parseExpression(source: string): Tree {
  const more = { hint: expressionHint };
  const wrapped = `(${source}\n)`;
  const strict = { ...options, allowHashBang: false, allowAwaitOutsideFunction: false, preserveParens: true };
  const program = read(source, () => acorn.parse(wrapped, strict), 1, more);
  const statement = program.body[0];
  const isWhole =
    statement?.type === "ExpressionStatement" &&
    statement.expression.type === "ParenthesizedExpression" &&
    statement.expression.start === 0 &&
    statement.expression.end === wrapped.length;
  if (!isWhole) throw new CompileError("SyntaxError", "A condition must be one expression", 1, 1, more);
  return treeOf(program);
}
