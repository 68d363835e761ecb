import { z } from "zod";
import { requestId } from "@/inngest/outbox";
import type { InngestApi } from "@/inngest/server/api";
import { internalIdOf } from "@/inngest/server/event-id";
import type { WaitingRun } from "./waiting";
import type { FindForgotten } from "./watch";

const atOnce = 8;
const list = <T extends z.ZodType>(item: T) => z.object({ data: z.array(item) });
const functionRuns = list(z.object({ run_id: z.string() }));
const jobs = list(z.unknown());

/**
 * Of these runs, those for which Inngest has nothing in its queue: it does not know the event, its function has ended
 * (it gave up, or somebody cancelled it there), or it remembers the function and lost the queue. Throws when it cannot
 * be asked.
 */
export const forgottenByServer =
  (api: InngestApi): FindForgotten =>
  async (runs) => {
    const found: string[] = [];
    const waiting = runs.values();
    const line = async () => {
      for (const run of waiting) if (!(await isQueued(api, run))) found.push(run.id);
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, runs.length) }, line));
    return found;
  };

async function isQueued(api: InngestApi, { id, askedAgain }: WaitingRun): Promise<boolean> {
  const event = internalIdOf(requestId(id, askedAgain));
  const known = await ask(api, `/v1/events/${event}/runs`, functionRuns);
  for (const run of known) {
    const path = `/v1/runs/${encodeURIComponent(run.run_id)}/jobs`;
    if ((await ask(api, path, jobs)).length > 0) return true;
  }
  return false;
}

/** What is not there is an empty list. */
async function ask<T>(api: InngestApi, path: string, answer: z.ZodType<{ data: T[] }>): Promise<T[]> {
  const { status, body } = await api(path);
  if (status === 404) return [];
  if (status !== 200) throw new Error(`Inngest answered ${status} to a question about a run.`);
  return answer.parse(body).data;
}
