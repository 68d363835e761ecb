import { nearest } from "@/lib/settings/nearest.mjs";
import { namesOfLanguage } from "@/lib/workflow/expression-names";
import { CompileError, type CompileOptions, compile } from "./index";
import { parseJob } from "./parse";
import { indexLines, type Position } from "./positions";
import { analyzeScopes } from "./scopes";

/** A remark on a job's code. `from` and `to` are offsets, `line` and `column` count from 1. */
export type Remark = Position & {
  /** Code with an error cannot run; a warning says what will fail when it is come to. */
  severity: "error" | "warning";
  /** As a run would say it. */
  message: string;
  hint: string | null;
  from: number;
  to: number;
};

/** What a job is given besides the language and its adaptors. */
export const namesOfJobs = [
  ...["bytesOf", "hmac", "sameBytes"],
  ...["setTimeout", "setInterval", "clearTimeout", "clearInterval"],
];

/** `exports` is null while nobody knows what the adaptor exports. */
export type CheckOptions = Omit<CompileOptions, "exports"> & { exports: readonly string[] | null };

/** No more warnings are worth reading. */
const mostWarnings = 50;

/**
 * Says what keeps a job's code from running: the compiler's error, else the names that nothing declares, the adaptors do
 * not export, and the runtime does not have. Where the exports are not known, nothing is said of names. Never throws for
 * code.
 */
export function checkJob(source: string, options: CheckOptions): Remark[] {
  const error = compileErrorOf(source, options);
  if (error) return [remarkOf(source, error)];
  const { exports } = options;
  return exports === null ? [] : unknownNames(source, { ...options, exports });
}

/** Why a job's code does not compile, or null. Where the exports are not known, nothing is said of them. */
export function compileErrorOf(source: string, { exports, ...options }: CheckOptions): CompileError | null {
  try {
    compile(source, { ...options, exports: exports ?? [] });
    return null;
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const isAboutExports = exports === null && error.message.includes("does not provide an export");
    return isAboutExports ? null : error;
  }
}

function remarkOf(source: string, { said, hint, line, column }: CompileError): Remark {
  const lines = indexLines(source);
  const from = lines.offset({ line, column }) ?? source.length;
  const rest = /^(?:[\w$]+|[^\n\r])?/.exec(source.slice(from, from + 200))?.[0] ?? "";
  return { severity: "error", message: said, hint: hint ?? null, line, column, from, to: from + rest.length };
}

function unknownNames(source: string, { exports, also }: CompileOptions): Remark[] {
  const tree = parseJob(source);
  const { freeNodes } = analyzeScopes(tree);
  const lines = indexLines(source);
  const known = new Set([...namesOfLanguage, ...namesOfJobs, ...exports, ...(also?.exports ?? [])]);
  const offered = [...exports, ...(also?.exports ?? []), ...namesOfJobs, "state", "console"];
  const found: Remark[] = [];
  for (const node of freeNodes) {
    if (known.has(node.name) || found.length === mostWarnings) continue;
    const parent = tree.parentOf(node);
    if (parent?.type === "UnaryExpression" && parent.operator === "typeof") continue;
    if (node.name === "$" && parent?.type === "MemberExpression" && parent.object === node) continue;
    const meant = nearest(node.name, offered);
    found.push({
      severity: "warning",
      message: `${node.name} is not defined`,
      hint: meant ? `Did you mean ${meant}?` : "Neither the code nor its adaptor has this name.",
      from: node.start,
      to: node.end,
      ...lines.at(node.start),
    });
  }
  return found;
}
