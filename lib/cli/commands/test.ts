import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { type Context, defineOptions } from "@/lib/cli/command";
import { exitCodes } from "@/lib/cli/exit-codes";
import { CliFailure, wordsOf } from "@/lib/cli/failure";
import { writeFile } from "@/lib/cli/files";
import { type Case, endings, findCases } from "@/lib/cli/local/cases";
import { type Came, cameOf, type DifferentFile, differences, everyDifference } from "@/lib/cli/local/compare";
import { failureLines } from "@/lib/cli/local/failure-text";
import { findJob, type LocalJob } from "@/lib/cli/local/find-job";
import { inTurn } from "@/lib/cli/local/in-turn";
import { jobOptions, sandboxOptions } from "@/lib/cli/local/options";
import { type Sandbox, withSandbox } from "@/lib/cli/local/sandbox";
import { readState } from "@/lib/cli/local/state";

export const summary = "Run jobs on saved inputs and compare what they hand on with what is expected";

export const positionals = [
  {
    name: "cases",
    description: "Only cases whose <workflow>/<job>/<name> holds one of these words",
    variadic: true,
  },
];

export const options = defineOptions({
  tests: { type: "string", default: "tests", description: "Folder of the cases" },
  update: { type: "boolean", alias: ["u"], description: "Keep what comes as what is expected" },
  live: { type: "boolean", description: "Let jobs send for real. Otherwise nothing is sent" },
  ...jobOptions,
});

export const details = `A case is a file tests/<workflow>/<job>/<name>.input.json, the state to begin with; for a file of code it \
is tests/jobs/a/<name>.input.json for jobs/a.js. Beside it stand <name>.output.json, the state that the job hands on, or \
<name>.error.json with the type and message of what ends it; and, where it matters what would be sent, <name>.requests.json. A \
configuration in the input takes the place of a credential: made-up values, please.
Without --live nothing is sent: every request is kept, and answered with an empty success.
Ends with 1 when something is otherwise than expected, or there is nothing to compare with.`;

export const examples = [
  ["test", "Run every case"],
  ["test Referrals/Notify", "Run the cases of one job"],
  ["test --update", "Keep what comes as what is expected"],
] as const;

type Verdict = { id: string; differences: DifferentFile[]; problem: string | null; kept: boolean };

export async function run(context: Context<typeof options>): Promise<number> {
  const { values, positionals: words, cwd, out, signal } = context;
  const folder = path.resolve(cwd, values.tests);
  const all = await findCases(folder);
  const cases = words.length === 0 ? all : all.filter(({ id }) => words.some((word) => id.includes(word)));
  if (cases.length === 0)
    throw new CliFailure(all.length === 0 ? `${folder} holds no cases.` : "No case has such a name.", {
      exitCode: exitCodes.failed,
      next: all[0]
        ? `One is called ${all[0].id}.`
        : `Put one into ${folder}/<workflow>/<job>/<name>${endings.input}.`,
    });
  const jobs = new Map<string, Promise<LocalJob>>();
  const jobOf = (name: string) => {
    const known = jobs.get(name) ?? findCaseJob(context, name);
    jobs.set(name, known);
    return known;
  };
  const verdicts: Verdict[] = [];
  const workers = Math.max(1, Math.min(4, os.availableParallelism(), cases.length));
  await withSandbox(sandboxOptions(context, workers), async (sandbox) => {
    const judge = (one: Case) => verdictOf(context, sandbox, jobOf, one);
    for await (const verdict of inTurn(cases, workers, judge)) {
      signal.throwIfAborted();
      verdicts.push(verdict);
      say(context, verdict);
    }
  });
  const wrong = verdicts.filter(({ differences, problem }) => problem !== null || differences.length > 0);
  const passed = verdicts.length - wrong.length;
  out.always(
    `${passed} of ${verdicts.length} ${verdicts.length === 1 ? "case is" : "cases are"} as expected.`,
  );
  out.result({ passed, failed: wrong.length, cases: verdicts });
  return wrong.length === 0 ? exitCodes.done : exitCodes.failed;
}

/** A file of code by its path without ending, else a job of the project. */
async function findCaseJob(context: Context<typeof options>, name: string): Promise<LocalJob> {
  const { cwd, values } = context;
  const file = `${name}.js`;
  const isFile = await fs.access(path.resolve(cwd, file)).then(
    () => true,
    () => false,
  );
  return findJob(isFile ? file : name, { adaptor: values.adaptor, here: context });
}

async function verdictOf(
  { values, out, signal }: Context<typeof options>,
  sandbox: Sandbox,
  jobOf: (name: string) => Promise<LocalJob>,
  one: Case,
): Promise<Verdict> {
  const verdict: Verdict = { id: one.id, differences: [], problem: null, kept: false };
  try {
    const job = await jobOf(one.job);
    const result = await sandbox.run({
      job,
      state: readState(one.input),
      isDry: !values.live,
      signal,
      onLog: ({ source, message }) => out.debug(`${one.id} ${source} ${message}`),
      ...(values.timeout === undefined ? {} : { timeoutMs: values.timeout }),
    });
    const came = cameOf(result);
    if (values.update) return { ...verdict, kept: await keep(one, came) };
    const { output, error } = one.expected;
    if (output !== null || error !== null)
      return { ...verdict, differences: differences(one.expected, came) };
    const why = failureLines(result);
    return {
      ...verdict,
      problem: `Nothing is expected of it yet: see --update.${why.map((line) => `\n${line}`).join("")}`,
    };
  } catch (error) {
    if (signal.aborted) throw error;
    const next = error instanceof CliFailure && error.next ? ` ${error.next}` : "";
    return { ...verdict, problem: `${wordsOf(error)}${next}` };
  }
}

/** Writes what differs; false when all of it was there. */
async function keep({ file, expected }: Case, came: Came): Promise<boolean> {
  const changed = everyDifference(expected, came).map((one) => one.file);
  for (const name of changed) {
    const text = came[name];
    if (text === null) await fs.rm(file + endings[name], { force: true });
    else await writeFile(file + endings[name], text);
  }
  return changed.length > 0;
}

function say({ out }: Context<typeof options>, { id, differences: found, problem, kept }: Verdict): void {
  if (problem !== null) out.line(`${out.coloured("✘", "red")} ${id}\n${indented(problem.split("\n"))}`);
  else if (found.length === 0) out.line(`${out.coloured("✔", "green")} ${id}${kept ? " (kept)" : ""}`);
  else {
    out.line(`${out.coloured("✘", "red")} ${id}`);
    for (const { file, lines } of found) {
      out.line(`    ${file}: - expected, + came`);
      out.line(indented(lines.map((line) => painted(out, line))));
    }
  }
}

const painted = (out: Context["out"], line: string): string =>
  line.startsWith("-")
    ? out.coloured(line, "red")
    : line.startsWith("+")
      ? out.coloured(line, "green")
      : line;

const indented = (lines: string[]): string => lines.map((line) => `    ${line}`).join("\n");
