import { defineOptions } from "@/lib/cli/command";
import { serverOptions } from "@/lib/cli/options";

/** What commands take that look at a project on a server. */
export const onServerOptions = defineOptions({
  ...serverOptions,
  project: { type: "string", description: "UUID of the project, instead of the one in the state file" },
  "state-path": { type: "string", description: "Path to the state file" },
});
