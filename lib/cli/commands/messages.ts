import { type Context, defineOptions } from "@/lib/cli/command";
import { exitCodes } from "@/lib/cli/exit-codes";
import { CliFailure } from "@/lib/cli/failure";
import { printable } from "@/lib/cli/printable";
import { type MessageInList, messageInList, messageList } from "@/lib/cli/server/answers";
import { jobIdOf } from "@/lib/cli/server/job-id";
import { onServerOptions } from "@/lib/cli/server/options";
import { projectApi } from "@/lib/cli/server/project-api";
import { messageFilterStates } from "@/lib/words";

export const summary = "List the messages of a project's inbox with the states of their jobs";

export const positionals = [{ name: "message", description: "UUID of one message, instead of the list" }];

export const options = defineOptions({
  state: { type: "string", choices: messageFilterStates, description: "Only messages that stand so" },
  job: { type: "string", description: "Only messages of a job, by its UUID or name" },
  text: { type: "string", description: "Only messages that hold these words, or whose id begins so" },
  from: {
    type: "string",
    description: "Only those that came then or later, such as 2026-11-26 or 2026-11-26T08:00",
  },
  to: { type: "string", description: "Only those that came before" },
  limit: { type: "number", default: 20, description: "How many at most, the newest first" },
  ...onServerOptions,
});

export const examples = [
  ["messages --state failure", "List what did not succeed"],
  ["messages --text 'MRN 12345' --json", "Find messages, for another program"],
] as const;

/** What the server gives at once. */
const mostAtOnce = 100;

export async function run(context: Context<typeof options>): Promise<void> {
  const {
    positionals: [asked],
    out,
  } = context;
  const found = asked === undefined ? await listed(context) : [await one(context, asked)];
  out.result(asked === undefined ? found : found[0]);
  if (out.isJson) return;
  for (const message of found) out.print(lines(message).map(printable).join("\n"));
  if (found.length === 0) out.always("No message.");
}

async function one(context: Context<typeof options>, id: string): Promise<MessageInList> {
  const message = await (await projectApi(context)).find(
    `/messages/${encodeURIComponent(id)}`,
    messageInList,
  );
  if (message) return message;
  throw new CliFailure(`The project has no message ${id}.`, { exitCode: exitCodes.failed });
}

async function listed(context: Context<typeof options>): Promise<MessageInList[]> {
  const { state, job, text, from, to, limit } = context.values;
  if (!Number.isInteger(limit) || limit < 1)
    throw new CliFailure("--limit takes a number from 1.", { exitCode: exitCodes.failed });
  const api = await projectApi(context);
  const filter = Object.entries({ state, text, from, to, job: job && (await jobIdOf(api, job)) }).flatMap(
    ([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]),
  );
  const found: MessageInList[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: MessageInList[]; nextCursor: string | null } = await api.get(
      "/messages",
      messageList,
      [
        ...filter,
        ["limit", String(Math.min(mostAtOnce, limit - found.length))],
        ...(cursor ? [["cursor", cursor] satisfies [string, string]] : []),
      ],
    );
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor && found.length < limit);
  return found;
}

function lines({
  id,
  receivedAt,
  source,
  size,
  preview,
  unmatched,
  waiting,
  waitingTotal,
  jobStates,
  jobTotals,
}: MessageInList): string[] {
  const longest = Math.max(
    0,
    ...jobStates.map(({ workflowName, jobName }) => workflowName.length + jobName.length),
  );
  const jobs = Object.values(jobTotals).reduce((sum, one) => sum + one, 0);
  return [
    `${receivedAt}  ${id}  ${source}, ${size} bytes${unmatched ? ", no trigger asked for it" : ""}`,
    ...(preview ? [`    ${preview.split("\n")[0]}`] : []),
    ...jobStates.map(({ workflowName, jobName, result, errorType, runId }) => {
      const job = `${workflowName}/${jobName}`.padEnd(longest + 1);
      return `    ${job}  ${result}${errorType ? ` ${errorType}` : ""}${runId ? `  run ${runId}` : ""}`;
    }),
    ...more(jobs - jobStates.length, "job"),
    ...waiting.map(({ workflowName, state }) => `    ${workflowName}  waits, ${state}`),
    ...more(waitingTotal - waiting.length, "workflow"),
  ];
}

const more = (count: number, noun: string): string[] =>
  count > 0 ? [`    and ${count} more ${noun}${count === 1 ? "" : "s"}`] : [];
