import type { Client } from "./client";
import type { Config } from "./config";
import type { Output } from "./output";
import type { Ask } from "./terminal";

type Described = {
  description: string;
  alias?: readonly string[];
  hidden?: boolean;
  /** What the help gives as its default, where that depends on more than the option. */
  usual?: string;
};

/** One option. Its name, the key in `Options`, is what stands behind the two hyphens. */
export type Option =
  | (Described & { type: "boolean" })
  | (Described & { type: "string"; default?: string; choices?: readonly string[] })
  | (Described & { type: "number"; default?: number })
  /** Takes every word up to the next option. */
  | (Described & { type: "array" });

export type Options = Readonly<Record<string, Option>>;

/** What an option comes to: false, an empty list or undefined where it was not given. */
type ValueOf<O extends Option> = O extends { type: "boolean" }
  ? boolean
  : O extends { type: "array" }
    ? string[]
    : O extends { type: "number"; default: number }
      ? number
      : O extends { type: "number" }
        ? number | undefined
        : O extends { default: string }
          ? string
          : string | undefined;

export type Values<O extends Options> = { readonly [Name in keyof O]: ValueOf<O[Name]> };

/** Keeps the literal types of options, from which those of their values come. */
export const defineOptions = <const O extends Options>(options: O): O => options;

export type Positional = { name: string; description: string; required?: boolean; variadic?: boolean };

/** What a command has to work with: nothing of it reads the process by itself, so tests can give their own. */
export type Context<O extends Options = Options> = {
  values: Values<O>;
  /** In the order of the command's positionals; those that were not given are missing. */
  positionals: string[];
  /** The folder that relative paths begin in. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  out: Output;
  ask: Ask;
  /** All that standard input holds. Throws `CliFailure` for more than a state may be. */
  stdin(): Promise<string>;
  /** Aborted by Ctrl-C: whatever waits ends with it. */
  signal: AbortSignal;
  /** Config file, variables and options together. Throws `CliFailure` when the file cannot be read. */
  config(): Promise<Config>;
  /** Throws `CliFailure` when there is no token or no usable endpoint. */
  client(): Promise<Client>;
};

/** A file of `commands/` exports these. */
export type Command<O extends Options = Options> = {
  summary: string;
  options: O;
  positionals?: readonly Positional[];
  /** What is worth saying below the summary in its help. */
  details?: string;
  /** Command lines without the program's name, and what they do. */
  examples?: readonly (readonly [line: string, what: string])[];
  /** Resolves to the exit code, 0 when it says nothing. */
  run(context: Context<O>): Promise<number | undefined> | Promise<void>;
};
