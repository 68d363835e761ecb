import { callersContexts } from "@/lib/auth/context";
import { listLogLines, listLogLinesInput } from "@/lib/domain/run/log-lines";
import { openfnRoute } from "@/lib/http/openfn";
import { logLineList, logLinesAnswer } from "@/lib/http/openfn-resources";

export const GET = openfnRoute(
  {
    summary:
      "Lines that runs of your projects wrote, newest first, as OpenFn's API lists them: of the newest 200 runs of what is asked for, up to 10,000 lines.",
    scope: "read",
    query: listLogLinesInput,
    response: logLineList,
  },
  async ({ ctx, query, request }) =>
    logLinesAnswer(request, await listLogLines(await callersContexts(ctx), query)),
);
