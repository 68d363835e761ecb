import { randomUUID } from "node:crypto";
import { type Context, defineOptions } from "@/lib/cli/command";
import { exitCodes } from "@/lib/cli/exit-codes";
import { projectOptions, serverOptions } from "@/lib/cli/options";
import { documentOf } from "@/lib/cli/project/compare";
import { knownState } from "@/lib/cli/project/known-state";
import { readLocalOrFail } from "@/lib/cli/project/local";
import { mergedWith, missingWorkflows } from "@/lib/cli/project/payload";
import { getProject } from "@/lib/cli/project/remote";
import { type Change, changesBetween, deployingWith, lineOf } from "@/lib/cli/project/summary";

export const summary =
  "Say what a deploy would change, and what was changed on the server since the last pull";

export const details = `Changes nothing, neither here nor there. Compares three versions: the last pulled or deployed one, which the state file holds, yours, and the server's. "deploy" shows its own changes in full.`;

export const options = defineOptions({
  ...serverOptions,
  "exit-code": {
    type: "boolean",
    description: "End with 2 when there is something to deploy, as git diff does",
  },
  ...projectOptions,
});

export const examples = [
  ["plan", "What would be deployed, a line for each record"],
  ["plan --exit-code --json", "The same for a script"],
] as const;

export async function run(context: Context<typeof options>): Promise<number> {
  const { values, out, cwd, env } = context;
  const config = await context.config();
  const client = await context.client();
  const local = await readLocalOrFail(
    { config, cwd, env, isNamed: values["project-path"] !== undefined },
    out,
  );
  const { state } = await knownState(client, config, local);
  const missing = missingWorkflows(local.spec, state);
  const { document, isWaybill } = await getProject(client, state?.id || randomUUID());
  const { payload } = mergedWith(local.spec, state, document?.id ?? state?.id ?? randomUUID(), {
    isWaybill,
    removesWorkflows: false,
    isForced: false,
  });
  const known = state && documentOf(state);
  const { own, setBack } = deployingWith(document, known, payload);
  const elsewhere = known && document ? changesBetween(known, document) : [];
  const where = document ? `${document.name} on ${client.origin}` : `${client.origin}, a new project`;
  say(own, `Deploying to ${where}:`, "Nothing to deploy.");
  if (elsewhere.length > 0) {
    say(elsewhere, "Changed on the server since the last pull or deploy:", "");
    if (setBack.length > 0) out.warn("A deploy would set back what was changed there, so it is refused.");
    out.always("Run `waybill merge` to join both, or `waybill pull` when there is nothing of yours.");
  }
  for (const { name } of missing)
    out.warn(`Workflow ${name} is not in the spec any more: deploy refuses this without --remove-workflows.`);
  for (const line of local.report) out.warn(line);
  out.result({
    project: document ? { id: document.id, name: document.name } : null,
    changes: own,
    setBack,
    changedOnServer: elsewhere,
    missingWorkflows: missing,
    report: local.report,
  });
  return values["exit-code"] && own.length + missing.length > 0 ? exitCodes.differs : exitCodes.done;

  function say(changes: Change[], title: string, none: string): void {
    out.always(changes.length > 0 ? title : none);
    for (const change of changes) out.line(`  ${lineOf(change)}`);
  }
}
