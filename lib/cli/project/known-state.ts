import type { Client } from "@/lib/cli/client";
import type { Config } from "@/lib/cli/config";
import { CliFailure } from "@/lib/cli/failure";
import type { StateDocument } from "@/lib/portability/document";
import type { Local } from "./local";
import { getProject } from "./remote";
import { readState } from "./state-file";
import { fetchedVersions, projectIdIn, stateForSpec } from "./v2-state";

/** What is known of a project on its server. `isKept`: it is in a state file, which has to be written after a deploy. */
export type Known = { state: StateDocument | null; isKept: boolean };

/**
 * The state of a local project: of its state file, or in OpenFn's newer layout, whose files have none, of the server's project
 * that `openfn.yaml` names. Throws `CliFailure` when that is not there.
 */
export async function knownState(client: Client, config: Config, local: Local): Promise<Known> {
  const kept = await readState(config.statePath);
  const id = kept || local.format !== "v2" ? null : projectIdIn(local.files);
  if (id === null) return { state: kept ?? local.state, isKept: true };
  const { document } = await getProject(client, id);
  if (!document)
    throw new CliFailure(`openfn.yaml is of the project ${id}, and ${client.origin} has no such project.`, {
      next: "It was deleted, or is on another server: name that with --endpoint. To make it anew there: `waybill deploy --new`. Nothing was deployed.",
    });
  return { state: stateForSpec(local.spec, document, fetchedVersions(local.files, id)), isKept: false };
}

/** Throws `CliFailure` for a folder whose files this command does not write. */
export function refuseNewerLayout(local: Local | null, command: string): void {
  if (local?.format !== "v2") return;
  throw new CliFailure(
    `${local.path} is in OpenFn's newer layout, which \`waybill ${command}\` does not write.`,
    {
      next: "Use `openfn project pull` here, which works with this server, too, or keep the project as project.yaml: `waybill pull <project id> -p project.yaml -s .state.json` in another folder. `waybill plan` and `waybill deploy` work here.",
    },
  );
}
