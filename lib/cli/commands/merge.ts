import { type Context, defineOptions, type Positional } from "@/lib/cli/command";
import { exitCodes } from "@/lib/cli/exit-codes";
import { CliFailure } from "@/lib/cli/failure";
import { writeFiles } from "@/lib/cli/files";
import { projectOptions, serverOptions } from "@/lib/cli/options";
import { asSaid } from "@/lib/cli/project/as-said";
import { documentOf } from "@/lib/cli/project/compare";
import { fromServer } from "@/lib/cli/project/from-server";
import { refuseNewerLayout } from "@/lib/cli/project/known-state";
import { readLocalOrFail } from "@/lib/cli/project/local";
import { getProject } from "@/lib/cli/project/remote";
import { readState, stateText } from "@/lib/cli/project/state-file";
import { changesBetween, lineOf } from "@/lib/cli/project/summary";
import { specFiles } from "@/lib/cli/project/write";
import { conflictText } from "@/lib/portability/conflict";
import { specOfState } from "@/lib/portability/from-document";
import { pulledState } from "@/lib/portability/state";
import { mergeSpecs } from "@/lib/portability/three-way";

export const summary = "Join what was changed here with what was changed on the server since the last pull";

export const details = `Three versions are compared: the last pulled or deployed one, which the state file holds, yours, and the server's. What only one side changed is taken over; code is joined line by line. Where both changed the same, yours stays and is said here, and code has a block with both:

<<<<<<< yours
||||||| last pulled
=======
>>>>>>> server

Nothing is sent. The state file then says what the server has now, so the next deploy sets back nothing by accident. Ends with 2 when there are conflicts.`;

export const positionals: readonly Positional[] = [
  { name: "projectId", description: "The id (UUID) of the project; without it, that of the state file" },
];

export const options = defineOptions({
  ...serverOptions,
  "dry-run": { type: "boolean", description: "Say what would be joined, and write nothing" },
  ...projectOptions,
});

export const examples = [
  ["merge", "Brings the server's changes into files that have changes of their own"],
] as const;

export async function run(context: Context<typeof options>): Promise<number> {
  const { values, out, cwd, env } = context;
  const config = await context.config();
  const client = await context.client();
  const place = { config, cwd, env, isNamed: values["project-path"] !== undefined };
  const local = await readLocalOrFail(place, out);
  refuseNewerLayout(local, "merge");
  const state = (await readState(config.statePath)) ?? local.state;
  const id = context.positionals[0] ?? state?.id;
  if (!id)
    throw new CliFailure("Which project to merge with is not known: there is no state file here.", {
      next: "Name it by its id, which stands in the address of its pages: waybill merge <project id>",
    });
  const { document } = await getProject(client, id);
  if (!document)
    throw new CliFailure(`${client.origin} has no project ${id}.`, {
      next: "It was deleted, or the state file is of another server. Check the endpoint. Nothing was changed.",
    });
  const previous = state?.id === document.id ? state : null;
  const elsewhere = previous ? changesBetween(documentOf(previous), document) : [];
  const said = { project: { id: document.id, name: document.name }, changedOnServer: elsewhere };
  if (previous && elsewhere.length === 0) {
    out.success("Nothing to merge: nothing was changed on the server since the last pull or deploy.");
    out.result({ ...said, conflicts: [], files: [] });
    return exitCodes.done;
  }
  const next = fromServer(() => pulledState(document, previous));
  const [base, theirs] = fromServer(() => [previous && specOfState(previous), specOfState(next)]);
  const { spec, conflicts } = mergeSpecs(
    base && asSaid(local.spec, base),
    local.spec,
    asSaid(local.spec, theirs),
  );
  const files = specFiles(local, spec, config);
  if (elsewhere.length > 0) out.always("Changed on the server since the last pull or deploy:");
  for (const change of elsewhere) out.line(`  ${lineOf(change)}`);
  for (const conflict of conflicts) out.warn(`Both sides changed ${conflictText(conflict)}`);
  if (!values["dry-run"]) await writeFiles([...files, [config.statePath, stateText(next)]]);
  out.result({ ...said, conflicts, files: values["dry-run"] ? [] : files.map(([file]) => file) });
  if (conflicts.length === 0) {
    out.success(
      values["dry-run"]
        ? "It can be joined without conflicts."
        : "Joined. Look at it, then `waybill deploy`.",
    );
    return exitCodes.done;
  }
  const them = conflicts.length === 1 ? "1 conflict" : `${conflicts.length} conflicts`;
  out.error(
    values["dry-run"] ? `There would be ${them}.` : `Joined, with ${them}.`,
    "Keep in the files what is right (blocks between <<<<<<< and >>>>>>> without their marks), then `waybill deploy`.",
  );
  return exitCodes.differs;
}
