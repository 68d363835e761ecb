import path from "node:path";
import { type Context, defineOptions } from "@/lib/cli/command";
import { CliFailure, wordsOf } from "@/lib/cli/failure";
import { readText, writeFile } from "@/lib/cli/files";
import { failureLines } from "@/lib/cli/local/failure-text";
import { findJob } from "@/lib/cli/local/find-job";
import { jobOptions, sandboxOptions } from "@/lib/cli/local/options";
import { withSandbox } from "@/lib/cli/local/sandbox";
import {
  emptyState,
  type GivenState,
  prettyState,
  readConfiguration,
  readState,
} from "@/lib/cli/local/state";
import { parseExact, stringifyExact } from "@/lib/exact-json";
import type { StepResult } from "@/lib/runner/contract";
import { exitCode } from "@/lib/workflow/exit-code";

export const summary = "Compile a job and run it here, in the sandbox of the product, without a server";

export const positionals = [
  {
    name: "job",
    description: "A file of code, or a job of the project here: <job> or <workflow>/<job>, by key or name",
    required: true,
  },
];

export const options = defineOptions({
  input: {
    type: "string",
    alias: ["i", "s", "state-path"],
    description: 'File of the state to begin with, {"data": {}} without one; - reads standard input',
  },
  output: {
    type: "string",
    alias: ["o", "output-path"],
    description: "File for the state that the job hands on, instead of standard output",
  },
  configuration: {
    type: "string",
    description: "File with what the job's credential would hold; a configuration in the state does the same",
  },
  "dry-run": { type: "boolean", description: "Send nothing: show the requests instead" },
  ...jobOptions,
});

export const details = `Log lines go to standard error, the state to standard output. Values of the \
configuration are shown as ***; a file that --output names gets them as they are.
Ends with the exit code of the execution: 0 success, 1 error, 2 timeout, 3 not started, 5 the platform's fault, 6 stopped, \
10 not compiled or crashed, 11 killed, 134 out of memory.`;

export const examples = [
  ["run jobs/fetch.js -a http -i state.json", "Run a file with an adaptor"],
  ["run Referrals/Notify --input tests/Referrals/Notify/one.input.json", "Run a job of the project here"],
  ["run jobs/fetch.js -a http --dry-run --json", "Show what it would send"],
] as const;

export async function run(context: Context<typeof options>): Promise<number> {
  const {
    values,
    positionals: [asked = ""],
    out,
    signal,
  } = context;
  const job = await findJob(asked, { adaptor: values.adaptor, here: context });
  const state = await givenState(context);
  const result = await withSandbox(sandboxOptions(context, 1), (sandbox) =>
    sandbox.run({
      job,
      state,
      isDry: values["dry-run"],
      signal,
      onLog: ({ source, level, message }) => out.logLine(source, level, message),
      ...(values.timeout === undefined ? {} : { timeoutMs: values.timeout }),
    }),
  );
  signal.throwIfAborted();
  return report(context, result);
}

async function report({ values, cwd, out }: Context<typeof options>, result: StepResult): Promise<number> {
  const { reason, error, durationMs, requests = [] } = result;
  const code = exitCode(reason, error?.type ?? null) ?? 0;
  const shown = result.shown?.text ?? result.output;
  if (values.output !== undefined && result.output !== null)
    await writeFile(path.resolve(cwd, values.output), prettyState(result.output), { isPrivate: true });
  for (const line of failureLines(result)) out.error(line);
  if (out.isJson) {
    const state = shown === null ? null : parseExact(shown);
    out.print(stringifyExact({ reason, exitCode: code, error, durationMs, requests, state }, 2));
    return code;
  }
  for (const { method, secure, host, port, path: at, body } of requests)
    out.note(
      `Would send: ${method} ${secure ? "https" : "http"}://${host}:${port}${at}${body ? `\n${body}` : ""}`,
    );
  if (values.output === undefined && shown !== null) out.print(prettyState(shown));
  return code;
}

async function givenState({ values, cwd, stdin }: Context<typeof options>): Promise<GivenState> {
  const { input, configuration } = values;
  const text = input === undefined ? emptyState : input === "-" ? await stdin() : await required(cwd, input);
  const state = readAs(input === "-" ? "Standard input" : (input ?? ""), text, readState);
  if (configuration === undefined) return state;
  const given = readAs(configuration, await required(cwd, configuration), readConfiguration);
  return { ...state, configuration: { ...state.configuration, ...given } };
}

async function required(cwd: string, file: string): Promise<string> {
  const text = await readText(path.resolve(cwd, file));
  if (text === null) throw new CliFailure(`File not found: ${path.resolve(cwd, file)}`, { exitCode: 1 });
  return text;
}

function readAs<T>(name: string, text: string, read: (text: string) => T): T {
  try {
    return read(text);
  } catch (cause) {
    throw new CliFailure(`${name} cannot be read: ${wordsOf(cause)}`, { exitCode: 1, cause });
  }
}
