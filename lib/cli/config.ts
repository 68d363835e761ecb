import path from "node:path";
import { z } from "zod";
import { CliFailure } from "./failure";
import { readText } from "./files";
import { JsoncError, parseJsonc } from "./jsonc";
import { readLogins } from "./store";
import { type Variables, variable } from "./variables";

/** What OpenFn's config file holds. Other keys are left to whoever else reads it. */
const configFile = z.object({
  apiKey: z.string().nullish(),
  specPath: z.string().min(1).nullish(),
  statePath: z.string().min(1).nullish(),
  endpoint: z.string().nullish(),
  requireConfirmation: z.boolean().nullish(),
  dryRun: z.boolean().nullish(),
});

export type Config = {
  /** The file that was read, null when there is none. */
  configPath: string | null;
  /** Absolute, like all paths here. */
  specPath: string;
  /** Whether somebody named the spec, or it is where it usually is. */
  isSpecNamed: boolean;
  statePath: string;
  requireConfirmation: boolean;
  dryRun: boolean;
  /** As it was given: a URL, or what was to be one. */
  endpoint: string | null;
  apiKey: string | null;
};

/** What options say; they go before variables, and those before the file. */
export type ConfigOptions = {
  config?: string | undefined;
  "project-path"?: string | undefined;
  "state-path"?: string | undefined;
  endpoint?: string | undefined;
};

/** Where OpenFn's command line looks, then where its documentation puts it. */
const usualConfigs = [".config.json", "config.json"];
const usualSpec = "project.yaml";
const usualStates = [".state.json", "projectState.json"];

/**
 * Config file (comments are allowed), variables and options together, for a command that runs in `cwd`. Throws `CliFailure`
 * with the file and the line of what is wrong with it.
 */
export async function readConfig(options: ConfigOptions, env: Variables, cwd: string): Promise<Config> {
  const at = (file: string) => path.resolve(cwd, file);
  const named = options.config === undefined ? null : at(options.config);
  const found = await firstOf(named === null ? usualConfigs.map(at) : [named]);
  if (named !== null && found === null)
    throw new CliFailure(`File not found: ${named}`, {
      next: "Name the config file with -c, or leave -c out and give WAYBILL_ENDPOINT and WAYBILL_API_KEY.",
    });
  const file = found === null ? {} : parseConfig(...found);
  const logins = await readLogins(env);
  const endpoint = options.endpoint ?? variable(env, "ENDPOINT") ?? file.endpoint ?? logins.endpoint ?? null;
  const statePath = options["state-path"] ?? file.statePath ?? null;
  const usualState = (await firstOf(usualStates.map(at)))?.[0] ?? at(usualStates[0] ?? "");
  const specPath = options["project-path"] ?? file.specPath ?? null;
  return {
    configPath: found?.[0] ?? null,
    specPath: at(specPath ?? usualSpec),
    isSpecNamed: specPath !== null,
    statePath: statePath === null ? usualState : at(statePath),
    requireConfirmation: file.requireConfirmation ?? true,
    dryRun: file.dryRun ?? false,
    endpoint,
    // A token that `login` keeps goes to its own server only.
    apiKey: variable(env, "API_KEY") ?? (file.apiKey || null) ?? tokenFor(endpoint, logins.tokens),
  };
}

const tokenFor = (endpoint: string | null, tokens: Record<string, string>): string | null =>
  endpoint !== null && URL.canParse(endpoint) ? (tokens[new URL(endpoint).origin] ?? null) : null;

async function firstOf(files: string[]): Promise<[file: string, text: string] | null> {
  for (const file of files) {
    const text = await readText(file);
    if (text !== null) return [file, text];
  }
  return null;
}

function parseConfig(file: string, text: string): z.infer<typeof configFile> {
  try {
    const { data, error } = configFile.safeParse(parseJsonc(text));
    if (data) return data;
    const [issue] = error.issues;
    throw new CliFailure(
      `${file}: ${issue?.path.join(".") || "the config"}: ${issue?.message ?? "is wrong"}`,
      {
        next: 'A config holds apiKey, endpoint, specPath and statePath, e.g. { "endpoint": "https://waybill.example.org" }.',
      },
    );
  } catch (cause) {
    if (!(cause instanceof JsoncError)) throw cause;
    throw new CliFailure(`${file}:${cause.line} is not JSON: ${cause.message}`, {
      next: "Comments are allowed, but keys and texts stand in double quotes and are separated by commas.",
    });
  }
}
