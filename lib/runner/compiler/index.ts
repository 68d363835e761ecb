import MagicString from "magic-string";
import { errorAt, type Given, type Job } from "./job";
import { rewriteLazyState } from "./lazy-state";
import { locator, type Places, placesOf } from "./locate";
import { rewriteModules, runtimeModule } from "./modules";
import { type Operation, rewriteOperations } from "./operations";
import { maxSourceBytes, parseExpression, parseJob } from "./parse";
import { indexLines, type Position } from "./positions";
import { rewriteChains } from "./promises";
import { findTopAwaits, rewriteTokens } from "./rewrite";
import { analyzeScopes } from "./scopes";

export { CompileError, type CompileErrorType } from "./errors";
export type { Operation } from "./operations";
export type { Position } from "./positions";
export { maxSourceBytes };

/** `adaptor` is null for a step without one; `exports` are its exported names, without `default`. */
export type CompileOptions = {
  adaptor: string | null;
  exports: readonly string[];
  /** An adaptor that every job has besides its own: its names count where the own adaptor has none of that name. */
  also?: { adaptor: string; exports: readonly string[] };
  ignore?: readonly string[];
};

/**
 * A job as the worker runs it: `new vm.Script(code, { filename: "job.js", lineOffset: -1 })` gives
 * `(operations, load, loadLater, defer) => Promise<void>`. Once that is done, the operations are `operations.d` when
 * set (whatever the user exported), else `operations.map((make) => make())`.
 */
export type CompiledJob = {
  code: string;
  operations: Operation[];
  /** What was added because the job uses it: names of the adaptor and `defer`. */
  imports: { from: string; names: string[] }[];
  usesDefer: boolean;
  /** Whether it takes something of `also`. */
  usesAlso: boolean;
  /** True when the job says `export default` itself; `operations` is then empty. */
  hasDefaultExport: boolean;
  /** From a place in `code` as V8 prints it to the place in the source; null outside it. */
  locate(position: Position): Position | null;
  /** What `locate` works with, for `packJob`. */
  places(): Places;
};

/** A compiled job as plain data, which another thread can send. */
export type PackedJob = Omit<CompiledJob, "locate" | "places"> & { places: Places };

/** Turns a job into plain data. */
export const packJob = ({ locate: _, places, ...job }: CompiledJob): PackedJob => ({
  ...job,
  places: places(),
});

/** Turns what `packJob` returned for this source into a job again. */
export function unpackJob(source: string, { places, ...job }: PackedJob): CompiledJob {
  return { ...job, places: () => places, locate: locator(job.code, () => places, indexLines(source).at) };
}

/** A name of the adaptor that every job has, and of no other. */
const isOnlyAlso = ({ also, exports }: Job, name: string): boolean =>
  also?.exports.has(name) === true && !exports.has(name);

/** The worker passes by position, so the names only have to differ from the job's own. */
function givenNames(source: string): Given {
  let prefix = "__";
  while (["ops", "import", "dimp", "defer", "given"].some((name) => source.includes(prefix + name)))
    prefix += "_";
  return {
    operations: `${prefix}ops`,
    load: `${prefix}import`,
    loadLater: `${prefix}dimp`,
    defer: `${prefix}defer`,
  };
}

function prepare(source: string, { adaptor, exports, also }: CompileOptions): Job {
  const tree = parseJob(source);
  return {
    source,
    tree,
    scopes: analyzeScopes(tree),
    lines: indexLines(source),
    edits: new MagicString(source),
    given: givenNames(source),
    adaptor: adaptor ?? "",
    exports: new Set(exports),
    also: also && also.adaptor !== adaptor ? { adaptor: also.adaptor, exports: new Set(also.exports) } : null,
    awaiting: findTopAwaits(tree).around,
    lazyArguments: new Set(),
  };
}

/**
 * Compiles a job's source. Throws CompileError with the place in the source.
 * The code has the source's lines, with one line before them (number 0) and one after.
 */
export function compile(source: string, options: CompileOptions): CompiledJob {
  const job = prepare(source, options);
  const { given } = job;
  rewriteTokens(job, given.loadLater);
  const modules = rewriteModules(job);
  rewriteLazyState(job);
  const body = modules.hasDefault ? { operations: [], footer: "" } : rewriteOperations(job);
  const chains = rewriteChains(job);
  const ignored = new Set(options.ignore);
  const names = [...job.scopes.free].filter((name) => job.exports.has(name) && !ignored.has(name)).sort();
  const imports = names.length ? [{ from: job.adaptor, names }] : [];
  const alsoNames = job.also ? [...job.scopes.free].filter((name) => isOnlyAlso(job, name)).sort() : [];
  if (job.also && alsoNames.length > 0) imports.push({ from: job.also.adaptor, names: alsoNames });
  if (chains) imports.push({ from: runtimeModule, names: ["defer as _defer"] });
  const implicit = imports
    .filter(({ from }) => from !== runtimeModule)
    .map((one) => `const {${one.names.join()}}=${given.load}(${JSON.stringify(one.from)});`)
    .join("");
  const head = `(async(${given.operations},${given.load},${given.loadLater},${given.defer})=>{"use strict";${implicit}${chains}${modules.header}\n`;
  const text = job.edits.toString();
  const code = `${head}${text}\n${body.footer}})`;
  const places = () => placesOf(source, job.edits, head, text);
  return {
    code,
    operations: body.operations,
    imports,
    usesDefer: chains !== "",
    usesAlso: alsoNames.length > 0 || modules.usesAlso,
    hasDefaultExport: modules.hasDefault,
    places,
    locate: locator(code, places, job.lines.at),
  };
}

/**
 * Compiles an edge's condition into the text of a function `(state) => value`, with the same line numbers and the same
 * bounds as a job. Throws CompileError for anything that is not one expression.
 */
export function compileExpression(expression: string): Pick<CompiledJob, "code" | "locate"> {
  const tree = parseExpression(expression);
  const source = `(${expression}\n)`;
  const edits = new MagicString(source);
  const lines = indexLines(expression);
  // Offsets in the tree count the parenthesis before the expression.
  const place = (offset: number) => lines.at(Math.min(Math.max(offset - 1, 0), expression.length));
  const job = { source, tree, edits, lines: { ...lines, at: place } };
  const { first } = findTopAwaits(tree);
  if (first) throw errorAt(job, first, "SyntaxError", "await is not available in a condition");
  rewriteTokens(job, null);
  const head = `((state)=>{"use strict";return(\n`;
  edits.remove(0, 1);
  edits.remove(source.length - 2, source.length);
  const body = edits.toString();
  const code = `${head}${body}\n)})`;
  return { code, locate: locator(code, () => placesOf(source, edits, head, body), place) };
}
