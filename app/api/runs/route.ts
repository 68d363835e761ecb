import { callersContexts } from "@/lib/auth/context";
import { listNumberedRuns, listNumberedRunsInput } from "@/lib/domain/run/numbered";
import { openfnRoute } from "@/lib/http/openfn";
import { runList, runsAnswer } from "@/lib/http/openfn-resources";

export const GET = openfnRoute(
  {
    summary: "Runs of all your projects, newest first, as OpenFn's API lists them.",
    scope: "read",
    query: listNumberedRunsInput,
    response: runList,
  },
  async ({ ctx, query, request }) =>
    runsAnswer(request, await listNumberedRuns(await callersContexts(ctx), query)),
);
