import type { Readable } from "node:stream";
import { clientFor } from "./client";
import type { Command, Options } from "./command";
import { type ConfigOptions, readConfig } from "./config";
import { exitCodes } from "./exit-codes";
import { CliFailure } from "./failure";
import { helpOf } from "./help";
import { commonOptions, logOptions } from "./options";
import { type LogLevel, logLevels, Output, type Stream } from "./output";
import { checkPositionals, parseLine } from "./parse";
import { registry } from "./registry";
import { allOf, askAt } from "./terminal";
import { type Variables, withDotEnv } from "./variables";

/** The process around a command line. */
export type Surroundings = {
  cwd: string;
  env: Variables;
  stdin: Readable & { isTTY?: boolean; setRawMode?(on: boolean): unknown };
  stdout: Stream;
  stderr: Stream;
  signal: AbortSignal;
  version: string;
};

/** Runs one command line. Resolves to its exit code; says by itself what went wrong. */
export async function runCommandLine(
  name: string,
  args: readonly string[],
  around: Surroundings,
): Promise<number> {
  let out = new Output(around);
  try {
    const load = Object.entries(registry).find(([known]) => known === name)?.[1];
    if (!load) throw new CliFailure(`There is no command "${name}".`, { exitCode: exitCodes.failed });
    const command = await load();
    const options: Options = { ...commonOptions, ...logOptions, ...command.options };
    if (args.some((arg) => arg === "--help" || arg === "-h")) {
      out.print(
        helpOf(
          name,
          { ...command, options: { ...command.options, ...logOptions } },
          commonOptions,
          out.width,
        ),
      );
      return exitCodes.done;
    }
    if (args.includes("--version")) {
      out.print(around.version);
      return exitCodes.done;
    }
    const line = { name, options, ...(command.positionals ? { positionals: command.positionals } : {}) };
    out = new Output({ ...around, json: args.includes("--json") });
    const { values, positionals } = parseLine(args, line);
    out = new Output({
      ...around,
      level: levelOf(values.log),
      logJson: values["log-json"] === true,
      json: values.json === true,
    });
    checkPositionals(positionals, line);
    return await runCommand(command, { values, positionals }, out, around);
  } catch (error) {
    return reported(error, out, around.signal);
  }
}

const levelOf = (word: unknown): LogLevel => logLevels.find((level) => level === word) ?? "default";

type Line = ReturnType<typeof parseLine>;

async function runCommand(
  command: Command,
  { values, positionals }: Line,
  out: Output,
  { cwd, stdin, stdout, stderr, signal, ...around }: Surroundings,
): Promise<number> {
  const env = await withDotEnv(around.env, cwd);
  const config = once(() => readConfig(values as ConfigOptions, env, cwd));
  const code = await command.run({
    values: values as Parameters<Command["run"]>[0]["values"],
    positionals,
    cwd,
    env,
    out,
    stdin: () => allOf(stdin, signal),
    ask: askAt(stdin, out.isJson ? stderr : stdout, signal),
    signal,
    config,
    client: once(async () => clientFor(await config(), signal)),
  });
  return code ?? exitCodes.done;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function reported(error: unknown, out: Output, signal: AbortSignal): number {
  if (signal.aborted) return exitCodes.interrupted;
  if (!(error instanceof CliFailure)) {
    out.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    out.result({ error: { message: String(error) } });
    return exitCodes.failed;
  }
  out.error(error.message, error.next);
  out.result({ error: { message: error.message, next: error.next ?? null, exitCode: error.exitCode } });
  return error.exitCode;
}
