import { type Context, defineOptions } from "@/lib/cli/command";
import { exitCodes } from "@/lib/cli/exit-codes";
import { CliFailure } from "@/lib/cli/failure";
import { runList } from "@/lib/cli/server/answers";
import { followProject, followRun, LogPrinter, stands } from "@/lib/cli/server/follow";
import { onServerOptions } from "@/lib/cli/server/options";
import { projectApi } from "@/lib/cli/server/project-api";
import { logLevels } from "@/lib/words";

export const summary = "Print the log of a run, or of a project's runs as they come";

export const positionals = [
  {
    name: "run",
    description: "UUID of a run; the project's newest one, or with --follow all of them, without it",
  },
];

export const options = defineOptions({
  follow: {
    type: "boolean",
    alias: ["f"],
    description: "Go on until the run has ended; without a run, until Ctrl-C",
  },
  level: { type: "string", choices: logLevels, description: "Lines of this level only" },
  ...onServerOptions,
});

export const details = `With --json each line is a JSON object. With --follow and a run, ends with 1 unless the run was a success.`;

export const examples = [
  ["logs --follow", "Print what the project logs from now on"],
  ["logs 0199f3a0-… -f", "Print a run's log until it has ended"],
] as const;

export async function run(context: Context<typeof options>): Promise<number> {
  const {
    values,
    positionals: [asked],
    out,
    signal,
  } = context;
  const api = await projectApi(context);
  const watching = { api, out, signal, level: values.level };
  if (values.follow && asked === undefined) {
    await followProject(watching);
    return exitCodes.done;
  }
  const id = asked ?? (await api.get("/runs", runList, [["limit", "1"]])).items[0]?.id;
  if (id === undefined) throw new CliFailure("The project has no run yet.", { exitCode: exitCodes.failed });
  const found = values.follow ? await followRun(watching, id) : await new LogPrinter(watching).look(id);
  if (!found)
    throw new CliFailure(`The project has no run ${id}.`, {
      exitCode: exitCodes.failed,
      next: "`waybill messages` lists messages with their runs.",
    });
  if (!out.isJson) out.always(stands(found));
  return values.follow && found.state !== "success" ? exitCodes.failed : exitCodes.done;
}
