import { type Context, defineOptions, type Positional } from "@/lib/cli/command";
import { exitCodes } from "@/lib/cli/exit-codes";
import { CliFailure } from "@/lib/cli/failure";
import { writeFiles } from "@/lib/cli/files";
import { projectOptions, serverOptions } from "@/lib/cli/options";
import { documentOf } from "@/lib/cli/project/compare";
import { fromServer } from "@/lib/cli/project/from-server";
import { refuseNewerLayout } from "@/lib/cli/project/known-state";
import { type Local, type Place, readLocal } from "@/lib/cli/project/local";
import { mergedWith, missingWorkflows } from "@/lib/cli/project/payload";
import { getProject } from "@/lib/cli/project/remote";
import { readState, stateText } from "@/lib/cli/project/state-file";
import { changesOfDeploy, lineOf } from "@/lib/cli/project/summary";
import { specFiles } from "@/lib/cli/project/write";
import type { StateDocument } from "@/lib/portability/document";
import { specOfState } from "@/lib/portability/from-document";
import { pulledState } from "@/lib/portability/state";

export const summary = "Pull a project's spec and state from a server to the local directory";

export const details = `Writes the spec and the state file. Of a spec that is there already, comments, order and files with code are kept, and only what is different on the server is changed. What was changed here and not deployed is never overwritten without --force.`;

export const positionals: readonly Positional[] = [
  {
    name: "projectId",
    description: "The id (UUID) of the project to pull; without it, that of the state file",
  },
];

export const options = defineOptions({
  ...serverOptions,
  snapshots: { type: "array", description: "Ids of snapshots of workflows, to pull those instead" },
  force: {
    type: "boolean",
    alias: ["f"],
    description: "Overwrite what was changed here and not deployed",
  },
  ...projectOptions,
});

export const examples = [
  [
    "pull 57862287-23e6-4650-8d79-e1dd88b24b1c",
    "Writes project.yaml and the state file of a project into this folder",
  ],
  ["pull", "Brings what was changed on the server into the files that are here"],
] as const;

type Ctx = Context<typeof options>;

export async function run(context: Ctx): Promise<number> {
  try {
    return await pull(context);
  } catch (error) {
    // As with OpenFn's command line, whatever keeps a pull from its end is 1.
    if (!(error instanceof CliFailure)) throw error;
    throw new CliFailure(error.message, {
      exitCode: exitCodes.failed,
      next: error.next,
      cause: error.cause,
    });
  }
}

async function pull(context: Ctx): Promise<number> {
  const { values, out, cwd, env } = context;
  const config = await context.config();
  const client = await context.client();
  const place = { config, cwd, env, isNamed: values["project-path"] !== undefined };
  const local = await readable(context, place);
  refuseNewerLayout(local, "pull");
  const state = await readState(config.statePath).catch((error: unknown) => {
    if (values.force && error instanceof CliFailure) return null;
    throw error;
  });
  const known = state ?? local?.state ?? null;
  const id = context.positionals[0] ?? known?.id;
  if (!id)
    throw new CliFailure("Which project to pull is not known: there is no state file here.", {
      next: "Name it by its id, which stands in the address of its pages: waybill pull <project id>",
    });
  out.always("Downloading existing project state (as JSON) from the server.");
  const { document, isWaybill } = await getProject(client, id, values.snapshots);
  if (!document)
    throw new CliFailure("ERROR: Project not found.", {
      next: "Please check the UUID and verify your endpoint and apiKey in your config.",
    });
  const previous = known?.id === document.id ? known : null;
  const next = fromServer(() => pulledState(document, previous));
  if (local && !values.force) refuseLoss(local, previous, next, isWaybill);
  const written = fromServer(() => specFiles(local, specOfState(next), config));
  await writeFiles([...written, [config.statePath, stateText(next)]]);
  out.success("Project pulled successfully");
  out.result({ project: { id: document.id, name: document.name }, files: written.map(([file]) => file) });
  return exitCodes.done;
}

/** The project that is here. One that cannot be read is not overwritten unless that is wanted. */
async function readable({ values, out }: Ctx, place: Place): Promise<Local | null> {
  try {
    return await readLocal(place, out);
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    if (values.force) return null;
    throw new CliFailure(error.message, {
      next: "It was not overwritten. Mend it, or replace it with what the server has: waybill pull --force",
    });
  }
}

/** Throws `CliFailure` when something that is only here would be overwritten. */
function refuseLoss(
  local: Local,
  previous: StateDocument | null,
  next: StateDocument,
  isWaybill: boolean,
): void {
  const options = { isWaybill, removesWorkflows: false, isForced: false };
  const toDeploy = (state: StateDocument) =>
    changesOfDeploy(documentOf(state), mergedWith(local.spec, state, state.id, options).payload);
  if (previous === null) {
    if (toDeploy(next).length === 0) return;
    throw new CliFailure(
      `${local.path} is there already, and there is no state file that says which project it is of.`,
      {
        next: "Give the project a place of its own (-p other.yaml -s other.json, or another folder), or overwrite the file: --force",
      },
    );
  }
  const changes = toDeploy(previous);
  const removed = missingWorkflows(local.spec, previous).map(({ name }) => `- workflow ${name}`);
  if (changes.length + removed.length === 0 || toDeploy(next).length + removed.length === 0) return;
  throw new CliFailure(
    `${local.path} has changes that were not deployed:\n${[...changes.map(lineOf), ...removed].map((line) => `  ${line}`).join("\n")}`,
    {
      next: "Run `waybill merge` to join them with what the server has, `waybill deploy` to deploy them, or `waybill pull --force` to drop them. Nothing was changed.",
    },
  );
}
