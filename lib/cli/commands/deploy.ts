import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import type { Client } from "@/lib/cli/client";
import { type Context, defineOptions } from "@/lib/cli/command";
import type { Config } from "@/lib/cli/config";
import { exitCodes } from "@/lib/cli/exit-codes";
import { CliFailure } from "@/lib/cli/failure";
import { readText, writeFile } from "@/lib/cli/files";
import { confirmOption, projectOptions, serverOptions } from "@/lib/cli/options";
import { changesOf, documentOf } from "@/lib/cli/project/compare";
import { knownState } from "@/lib/cli/project/known-state";
import { type Local, readLocalOrFail } from "@/lib/cli/project/local";
import { mergedWith, missingWorkflows, oursIn } from "@/lib/cli/project/payload";
import { DeployRefused, getProject, getSpecText, postProject, type Remote } from "@/lib/cli/project/remote";
import { readState, stateText } from "@/lib/cli/project/state-file";
import { deployingWith, lineOf } from "@/lib/cli/project/summary";
import type { ProjectDocument, ProjectPayload, StateDocument } from "@/lib/portability/document";
import { stateOf } from "@/lib/portability/state";
import type { Merged } from "@/lib/portability/to-document";

export const summary = "Deploy a project's spec to a server";

export const details = `Reads the spec (project.yaml, or whatever of OpenFn's formats the folder holds) and the state file beside it, shows what would be different on the server, asks, deploys, and writes the state. Without a state file it makes a new project. What the spec does not name but the server has stays as it is.`;

export const options = defineOptions({
  ...serverOptions,
  ...confirmOption,
  "dry-run": { type: "boolean", description: "Show what would change, and change nothing" },
  new: {
    type: "boolean",
    description: "Make a new project, whatever the state file says, and write a state file for it",
  },
  force: {
    type: "boolean",
    alias: ["f"],
    description: "Also set back what was changed on the server since the last pull",
  },
  "remove-workflows": {
    type: "boolean",
    description: "Delete workflows that the state file has and the spec has no more",
  },
  describe: { type: "boolean", description: "Downloads the project yaml from the specified instance" },
  ...projectOptions,
});

export const examples = [
  ["deploy", "Shows the difference, asks, and deploys"],
  ["deploy -c config.json -s staging.json --no-confirm", "Deploys to the server of a config, without asking"],
] as const;

type Ctx = Context<typeof options>;

export async function run(context: Ctx): Promise<number> {
  const { values, out, cwd, env } = context;
  const config = await context.config();
  const client = await context.client();
  if (values.describe) return printSpec(context, client, config);
  const local = await readLocalOrFail(
    { config, cwd, env, isNamed: values["project-path"] !== undefined },
    out,
  );
  for (const line of local.report) out.warn(line);
  const { state, isKept } = values.new
    ? { state: null, isKept: true }
    : await knownState(client, config, local);
  const missing = missingWorkflows(local.spec, state);
  if (missing.length > 0 && !values["remove-workflows"]) return refuseRemoval(context, missing);
  const id = state?.id || randomUUID();
  out.line("Checking for existing project.");
  const remote = await getProject(client, id);
  out.line(remote.document ? "Project found." : "No existing project found.");
  if (!remote.document) refuseOthers(state, client, config);
  const unknown = remote.isWaybill ? [] : oursIn(local.spec);
  if (unknown.length > 0)
    out.warn(`${client.origin} is not told of what only Waybill knows: ${unknown.join(", ")}.`);
  const merged = mergedWith(local.spec, state, id, {
    isWaybill: remote.isWaybill,
    removesWorkflows: values["remove-workflows"],
    isForced: values.force,
  });
  const known = state && documentOf(state);
  const statePath = isKept ? config.statePath : null;
  return deploy(context, { client, config, local, remote, known, merged, statePath });
}

type Work = {
  client: Client;
  config: Config;
  local: Local;
  remote: Remote;
  /** What the state file knows of the project. */
  known: ProjectDocument | null;
  merged: Merged;
  /** Null where there is to be no state file. */
  statePath: string | null;
};

async function deploy(
  context: Ctx,
  { client, config, local, remote, known, merged, statePath }: Work,
): Promise<number> {
  const { values, out, ask } = context;
  const { payload } = merged;
  const difference = changesOf(remote.document, payload);
  const shown = out.hasColours ? changesOf(remote.document, payload, { color: true }) : difference;
  const said = { project: { id: payload.id, name: payload.name }, difference, report: local.report };
  if (difference === "") {
    out.always("No changes to deploy.");
    if (remote.document) await refreshState(statePath, remote.document, merged);
    out.result({ ...said, deployed: false });
    return exitCodes.done;
  }
  warnOfSetBack(context, remote, known, payload);
  out.always(`Changes:\n${shown.trimEnd()}`);
  if (values["dry-run"] || config.dryRun) {
    out.result({ ...said, deployed: false });
    return exitCodes.done;
  }
  if (!values["no-confirm"] && config.requireConfirmation && !(await ask.confirm("Deploy?"))) {
    out.always("Cancelled.");
    out.result({ ...said, deployed: false });
    return exitCodes.failed;
  }
  const deployed = await sent(statePath, merged, () => postProject(client, payload, remote.isWaybill));
  await writeState(statePath, stateOf(deployed, merged.state));
  out.success("Deployed.");
  if (remote.document === null) out.line(`New project: ${client.origin}/p/${deployed.id}`);
  out.result({ ...said, deployed: true });
  return exitCodes.done;
}

function warnOfSetBack(
  { out }: Ctx,
  remote: Remote,
  known: ProjectDocument | null,
  payload: ProjectPayload,
): void {
  const { setBack } = deployingWith(remote.document, known, payload);
  if (setBack.length === 0) return;
  const lines = setBack.map((change) => `  ${lineOf(change)}`);
  out.warn(
    `This sets back what was changed on the server since the last pull (\`waybill merge\` joins both):\n${lines.join("\n")}`,
  );
}

const writeState = async (statePath: string | null, state: StateDocument): Promise<void> => {
  if (statePath !== null) await writeFile(statePath, stateText(state));
};

/**
 * Sends with the ids on disk already: where the answer is lost, the next deploy goes on with them instead of making everything
 * twice. Where the server says no, the file is as it was.
 */
async function sent<T>(statePath: string | null, merged: Merged, send: () => Promise<T>): Promise<T> {
  if (statePath === null) return send();
  const before = await readText(statePath);
  await writeState(statePath, merged.state);
  try {
    return await send();
  } catch (error) {
    if (error instanceof DeployRefused)
      await (before === null ? rm(statePath) : writeFile(statePath, before));
    throw error;
  }
}

/** What the server has is what the spec says, so the next deploy is compared with this version of it. */
async function refreshState(
  statePath: string | null,
  document: NonNullable<Remote["document"]>,
  merged: Merged,
): Promise<void> {
  if (statePath === null) return;
  const text = stateText(stateOf(document, merged.state));
  if (text !== (await readText(statePath))) await writeFile(statePath, text);
}

/** A server's answer, or OpenFn's export, has these; what only we have written before an answer has not. */
const isFromServer = (state: StateDocument | null): boolean => typeof state?.inserted_at === "string";

function refuseOthers(state: StateDocument | null, client: Client, config: Config): void {
  if (!state?.id || !isFromServer(state)) return;
  throw new CliFailure(
    `${config.statePath} is of the project ${state.id}, and ${client.origin} has no such project: it was deleted, or the file is of another server.`,
    {
      next: "To make the project anew there, give it a state file of its own: `waybill deploy --new -s other.json`. To go on with the other server, name it: --endpoint, or -c. Nothing was deployed.",
    },
  );
}

function refuseRemoval({ out }: Ctx, missing: { key: string; name: string; id: string }[]): number {
  const [it, was] = missing.length === 1 ? ["it", "It was"] : ["them", "They were"];
  out.error("Critical error! Cannot continue");
  for (const { name, id } of missing)
    out.error(`Workflow found in project state but not spec: ${name} (${id})`);
  out.error(
    `${was} not deleted, and nothing was deployed.`,
    `Put ${it} back into the spec, or delete ${it} on the server, too: waybill deploy --remove-workflows`,
  );
  out.result({ error: { message: "Workflow found in project state but not spec", workflows: missing } });
  return exitCodes.failed;
}

async function printSpec({ out }: Ctx, client: Client, config: Config): Promise<number> {
  const state = await readState(config.statePath);
  if (!state?.id)
    throw new CliFailure(
      `There is no state file ${config.statePath}, so it is not known which project this is.`,
      {
        next: "Fetch the project with `waybill pull <project id>`.",
      },
    );
  out.print(await getSpecText(client, state.id));
  return exitCodes.done;
}
