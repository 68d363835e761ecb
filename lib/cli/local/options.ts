import { type Context, defineOptions } from "@/lib/cli/command";
import type { SandboxOptions } from "./sandbox";

/** What commands that run jobs here take. */
export const jobOptions = defineOptions({
  adaptor: {
    type: "string",
    alias: ["a", "adaptors"],
    description: "Adaptor instead of the project's, such as http or @openfn/language-http@7.2.10",
  },
  allow: {
    type: "array",
    description: "Hosts of private networks or of this machine that jobs may reach, such as localhost:8080",
  },
  timeout: { type: "number", alias: ["t"], description: "Milliseconds that a job may take" },
  config: { type: "string", alias: ["c", "config-path"], description: "The location of your config file" },
  "project-path": { type: "string", alias: ["p"], description: "The location of your project.yaml file" },
});

/** The sandbox that a command's options and variables ask for. */
export const sandboxOptions = (
  { values, env, out }: Context<typeof jobOptions>,
  workers: number,
): SandboxOptions => ({
  env,
  workers,
  allow: values.allow,
  preparing: () => out.note("Preparing the adaptors that come with Waybill, once …"),
  weak: (layers) => out.info(`Jobs run with fewer layers around them than usual here: ${layers.join(", ")}`),
});
