import { callersContexts } from "@/lib/auth/context";
import { getListedRun } from "@/lib/domain/run/numbered";
import { openfnRoute } from "@/lib/http/openfn";
import { oneRun, runAnswer } from "@/lib/http/openfn-resources";

export const GET = openfnRoute(
  { summary: "A run of one of your projects, as OpenFn's API shows it.", scope: "read", response: oneRun },
  async ({ ctx, params, request }) =>
    runAnswer(request, await getListedRun(await callersContexts(ctx), params.run ?? "")),
);
