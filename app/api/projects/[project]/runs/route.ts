import { pageOf } from "@/lib/domain/page";
import { listRuns, listRunsInput } from "@/lib/domain/run/list";
import { listNumberedRuns, listNumberedRunsInput } from "@/lib/domain/run/numbered";
import { runRow } from "@/lib/domain/run/types";
import { beside, isOpenfns } from "@/lib/http/beside";
import { runList, runsAnswer } from "@/lib/http/openfn-resources";
import { projectRoute } from "@/lib/http/route";
import { runStates } from "@/lib/words";

const numbered = listNumberedRunsInput.omit({ state: true, project_id: true, "id[]": true }).partial();

export const GET = projectRoute(
  {
    summary:
      "Lists all runs, newest first. An API token gets OpenFn's page of them, too, by OpenFn's filters.",
    scope: "read",
    permission: "run.read",
    query: listRunsInput.extend(numbered.shape),
    response: beside(pageOf(runRow), runList),
  },
  async ({ ctx, query, request }) => {
    const { cursor, limit, from, to, state, workflow, bulk, text, ...theirs } = query;
    const ours = await listRuns(ctx, { cursor, limit, from, to, state, workflow, bulk, text });
    return isOpenfns({ ctx, request }, listNumberedRunsInput)
      ? {
          ...ours,
          ...runsAnswer(
            request,
            await listNumberedRuns([ctx], { ...theirs, ...(isState(state) ? { state } : {}) }),
          ),
        }
      : ours;
  },
);

/** OpenFn has states alone; our sets are none to it. */
const isState = (word: string | undefined): boolean => runStates.some((state) => state === word);
