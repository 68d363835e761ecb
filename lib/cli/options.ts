import { defineOptions } from "./command";
import { logLevels } from "./output";

/** What every command takes. */
export const commonOptions = defineOptions({
  version: { type: "boolean", description: "Show version number" },
  help: { type: "boolean", description: "Show help", alias: ["h"] },
});

export const logOptions = defineOptions({
  log: { type: "string", alias: ["l"], description: "Set the log level", choices: logLevels },
  "log-json": { type: "boolean", description: "Output all logs as JSON objects" },
  json: {
    type: "boolean",
    description: "Output the result as a JSON object; the log goes to standard error",
  },
});

/** For commands that talk to a server. */
export const serverOptions = defineOptions({
  config: {
    type: "string",
    alias: ["c", "config-path"],
    description: "The location of your config file",
    usual: "./.config.json",
  },
  endpoint: { type: "string", description: "Address of the server, instead of the one in the config" },
});

/** For commands that read or write a project's files. */
export const projectOptions = defineOptions({
  "project-path": {
    type: "string",
    alias: ["p"],
    description: "The location of your project.yaml file",
    usual: "project.yaml",
  },
  "state-path": {
    type: "string",
    alias: ["s"],
    description: "Path to the state file",
    usual: ".state.json",
  },
});

export const confirmOption = defineOptions({
  "no-confirm": {
    type: "boolean",
    alias: ["y", "yes"],
    description: "Skip confirmation prompts (e.g. 'Are you sure?')",
  },
});
