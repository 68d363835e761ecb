import type { Command } from "./command";
import type { CliCommand } from "./names.mjs";

/** Each command is loaded only when it is called. */
export const registry: Record<CliCommand, () => Promise<Command>> = {
  login: () => import("./commands/login"),
  pull: () => import("./commands/pull"),
  deploy: () => import("./commands/deploy"),
  plan: () => import("./commands/plan"),
  merge: () => import("./commands/merge"),
  run: () => import("./commands/run"),
  test: () => import("./commands/test"),
  logs: () => import("./commands/logs"),
  messages: () => import("./commands/messages"),
  rerun: () => import("./commands/rerun"),
};
