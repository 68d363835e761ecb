import { callersContexts } from "@/lib/auth/context";
import { getNamedJob } from "@/lib/domain/workflow/numbered-jobs";
import { openfnRoute } from "@/lib/http/openfn";
import { jobAnswer, oneJob } from "@/lib/http/openfn-resources";

export const GET = openfnRoute(
  { summary: "A job of one of your projects, as OpenFn's API shows it.", scope: "read", response: oneJob },
  async ({ ctx, params, request }) =>
    jobAnswer(request, await getNamedJob(await callersContexts(ctx), params.job ?? "")),
);
