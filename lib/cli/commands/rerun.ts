import { z } from "zod";
import { type Context, defineOptions } from "@/lib/cli/command";
import { exitCodes } from "@/lib/cli/exit-codes";
import { CliFailure } from "@/lib/cli/failure";
import { confirmOption } from "@/lib/cli/options";
import { plain } from "@/lib/cli/plain";
import { printable } from "@/lib/cli/printable";
import {
  jobStateList,
  messageInList,
  type RunInFull,
  rerunPreview,
  runInFull,
  startedRuns,
} from "@/lib/cli/server/answers";
import { followRun, stands } from "@/lib/cli/server/follow";
import { jobIdOf } from "@/lib/cli/server/job-id";
import { onServerOptions } from "@/lib/cli/server/options";
import { type ProjectApi, projectApi } from "@/lib/cli/server/project-api";

export const summary = "Process a message again, or a run from one of its steps on";

export const positionals = [{ name: "id", description: "UUID of a message or of a run", required: true }];

export const options = defineOptions({
  from: {
    type: "string",
    description: "The job, or a run's step, to begin at; what comes before counts as done",
  },
  workflow: { type: "string", description: "Only this workflow of a message, by its UUID or name" },
  original: { type: "boolean", description: "The workflow as it was then, instead of as it is now" },
  follow: {
    type: "boolean",
    alias: ["f"],
    description: "Print the logs of what was started until it has ended",
  },
  ...confirmOption,
  ...onServerOptions,
});

export const details = `Says first what would be done a second time, then asks. With --follow, ends with 1 unless all was a success.`;

export const examples = [
  ["rerun 0199f3a0-… --from Notify", "Run a run again from a job on"],
  ["rerun 0199f39f-… --workflow Referrals -y", "Process a message again without being asked"],
] as const;

type Plan = { path: string; body: Record<string, string> };

export async function run(context: Context<typeof options>): Promise<number> {
  const { values, out, ask, signal } = context;
  const api = await projectApi(context);
  const { path, body } = await planOf(context, api);
  for (const line of await previewOf(api, path, body)) out.line(line);
  if (!values["no-confirm"] && !(await ask.confirm("Run it again?"))) {
    out.always("Cancelled.");
    return exitCodes.failed;
  }
  const { runIds } = await api.post(path, startedRuns, body);
  out.success(`Started: ${runIds.join(", ")}`);
  if (!values.follow) {
    out.result({ runIds });
    return exitCodes.done;
  }
  const runs: RunInFull[] = [];
  for (const id of runIds) {
    const ended = await followRun({ api, out, signal }, id);
    if (ended) runs.push(ended);
    if (ended && !out.isJson) out.always(stands(ended));
  }
  const isSuccess = runs.length === runIds.length && runs.every(({ state }) => state === "success");
  return isSuccess ? exitCodes.done : exitCodes.failed;
}

async function planOf(
  { values, positionals: [id = ""] }: Context<typeof options>,
  api: ProjectApi,
): Promise<Plan> {
  const { from, workflow, original } = values;
  const version = original ? "original" : "latest";
  const at = encodeURIComponent(z.uuid().safeParse(id).success ? id : nothing(id));
  const found = await api.find(`/runs/${at}`, runInFull);
  if (found) {
    if (workflow !== undefined)
      throw new CliFailure("A run is of one workflow: --workflow is for messages.", {
        exitCode: exitCodes.failed,
      });
    const step = from === undefined ? {} : { fromStepId: stepOf(found, from) };
    return { path: `/runs/${at}/rerun`, body: { version, ...step } };
  }
  const message = await api.find(`/messages/${at}`, messageInList);
  if (!message)
    throw new CliFailure(`The project has no message or run ${id}.`, { exitCode: exitCodes.failed });
  return {
    path: `/messages/${at}/rerun`,
    body: {
      version,
      ...(from === undefined ? {} : { jobId: await jobIdOf(api, from) }),
      ...(workflow === undefined ? {} : { workflowId: await workflowOf(api, at, workflow) }),
    },
  };
}

function nothing(id: string): never {
  throw new CliFailure(`"${id}" is no UUID.`, {
    exitCode: exitCodes.failed,
    next: "`waybill messages` lists messages with their runs.",
  });
}

function stepOf({ id, detailedSteps }: RunInFull, from: string): string {
  // The last execution of a job that ran more than once.
  const found = detailedSteps.findLast(
    (step) => step.id === from || step.jobId === from || plain(step.jobName) === plain(from),
  );
  if (found) return found.id;
  const names = [...new Set(detailedSteps.map(({ jobName }) => jobName))];
  throw new CliFailure(`The run ${id} has no step of "${from}".`, {
    exitCode: exitCodes.failed,
    next: names.length > 0 ? `It has: ${names.join(", ")}.` : "It has none.",
  });
}

async function workflowOf(api: ProjectApi, message: string, asked: string): Promise<string> {
  if (z.uuid().safeParse(asked).success) return asked;
  const names = new Set<string>();
  let cursor: string | null = null;
  do {
    const page: z.infer<typeof jobStateList> = await api.get(
      `/messages/${message}/job-states`,
      jobStateList,
      cursor ? [["cursor", cursor]] : [],
    );
    const found = page.items.find(({ workflowName }) => plain(workflowName) === plain(asked));
    if (found) return found.workflowId;
    for (const { workflowName } of page.items) names.add(workflowName);
    cursor = page.nextCursor;
  } while (cursor);
  throw new CliFailure(`No workflow "${asked}" has processed the message.`, {
    exitCode: exitCodes.failed,
    next:
      names.size > 0
        ? `These have: ${[...names].join(", ")}.`
        : "Give the workflow's UUID to process it for the first time.",
  });
}

async function previewOf(api: ProjectApi, path: string, body: Plan["body"]): Promise<string[]> {
  const { succeeded, unfinishedRuns, versions } = await api.get(path, rerunPreview, Object.entries(body));
  return [
    ...succeeded.map(({ workflowName, jobName, times, hosts }) => {
      const sent = hosts.length > 0 ? `, and has sent something to ${hosts.join(", ")}` : "";
      return `${workflowName}/${jobName} has succeeded for this input ${times === 1 ? "once" : `${times} times`} already${sent}.`;
    }),
    ...versions.map(
      ({ workflowName, original, latest }) =>
        `${workflowName} was changed since: version ${original} ran then, ${latest} is the present one.`,
    ),
    ...(unfinishedRuns > 0
      ? [`${unfinishedRuns} of its runs ${unfinishedRuns === 1 ? "has" : "have"} not ended yet.`]
      : []),
  ].map(printable);
}
