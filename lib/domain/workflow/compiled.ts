import { createHash } from "node:crypto";
import { inArray } from "drizzle-orm";
import { adaptors } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { LruMap } from "@/lib/lru-map";
import { Refusal } from "@/lib/refusal";
import { collectionsAdaptor } from "@/lib/runner/collections";
import { checkApart } from "@/lib/runner/compiler/apart";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { parseAdaptor } from "./adaptors";
import { refusalOf, type StoredProblem } from "./problems";

type Verdict = { message: string; line: number; column: number } | null;

/** By code and exports: of a workflow that is saved again only what changed is compiled. */
const verdicts = new LruMap<string, Verdict>(5_000);

/** For all jobs of a workflow. What was compiled until then is remembered, so that asking again gets further. */
const patienceMs = 30_000;

/**
 * Returns the jobs of a graph whose code does not compile, with line and column, by our own compiler beside the event loop.
 * Throws `unavailable` when there is too much of it to be compiled at once.
 */
export async function codeProblems(
  { db, project }: Pick<Context, "db" | "project">,
  graph: Pick<WorkflowGraph, "jobs">,
): Promise<StoredProblem[]> {
  const exports = await knownExports(db, graph);
  const endsAt = Date.now() + patienceMs;
  const found: StoredProblem[] = [];
  for (const job of graph.jobs) {
    // Blank code is told as what it is.
    if (job.body.trim() === "") continue;
    if (Date.now() > endsAt) throw tooMuch();
    const verdict = await verdictOn(project.id, job.body, exports(job));
    if (verdict) found.push({ item: "job", itemId: job.id, field: "body", ...verdict });
  }
  return found;
}

/** Throws `invalid`, naming jobs and lines, when code of a workflow that something starts does not compile. */
export async function refuseUncompiled(ctx: Context, graph: WorkflowGraph): Promise<void> {
  if (!isSwitchedOn(graph)) return;
  const problems = await codeProblems(ctx, graph);
  const [first] = problems;
  if (!first) return;
  const name = graph.jobs.find(({ id }) => id === first.itemId)?.name ?? "a job";
  throw refusalOf(
    problems,
    `The code of ${name} does not compile (line ${first.line}: ${first.message}). Mend it first: a workflow whose code does not compile can be kept, and not be switched on.`,
  );
}

export const isSwitchedOn = ({ triggers }: Pick<WorkflowGraph, "triggers">): boolean =>
  triggers.some(({ enabled }) => enabled);

type Exports = { adaptor: string; exports: readonly string[] | null };

async function verdictOn(projectId: string, source: string, { adaptor, exports }: Exports): Promise<Verdict> {
  const about = [source, adaptor, exports?.join(" ") ?? "?"].join("\0");
  const key = createHash("sha256").update(about).digest("base64");
  const known = verdicts.get(key);
  if (known !== undefined) return known;
  const error = await checkApart(projectId, source, { adaptor, exports, also }).catch(() => {
    throw tooMuch();
  });
  const verdict = error && {
    message: error.hint ? `${sentence(error.said)} ${error.hint}` : sentence(error.said),
    line: error.line,
    column: error.column,
  };
  verdicts.set(key, verdict);
  return verdict;
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** Every job has it besides its own adaptor. */
const also = { adaptor: collectionsAdaptor.name, exports: ["collections"] };

const tooMuch = (): Refusal =>
  new Refusal(
    "unavailable",
    "There is too much code to be compiled at once. Try again in a minute: what was compiled until now is remembered.",
    undefined,
    60,
  );

/** What a job's adaptor exports, in the version that it is pinned to; null where nobody has told yet. */
async function knownExports(db: Context["db"], { jobs }: Pick<WorkflowGraph, "jobs">) {
  const names = [...new Set(jobs.map(({ adaptor }) => nameOf(adaptor)))];
  const rows = await db
    .select({ name: adaptors.name, version: adaptors.version, exports: adaptors.exports })
    .from(adaptors)
    .where(inArray(adaptors.name, names));
  const known = new Map(rows.map((row) => [`${row.name}@${row.version}`, row.exports]));
  return ({ adaptor, adaptorVersion }: WorkflowGraph["jobs"][number]): Exports => {
    const name = nameOf(adaptor);
    const exports = known.get(`${name}@${adaptorVersion}`) ?? [];
    return { adaptor: name, exports: exports.length > 0 ? exports : null };
  };
}

/** Of one that is written wrongly nothing is known. */
function nameOf(adaptor: string): string {
  try {
    return parseAdaptor(adaptor).name;
  } catch (error) {
    if (error instanceof Refusal) return adaptor;
    throw error;
  }
}
