import { z } from "zod";
import { callersContexts } from "@/lib/auth/context";
import { listOpenfnWorkflows } from "@/lib/domain/workflow/openfn/document";
import { openfnRoute } from "@/lib/http/openfn";
import { workflowsAnswer } from "@/lib/http/openfn-resources";

export const GET = openfnRoute(
  {
    summary: "Workflows of all your projects with their code, as OpenFn's API lists them.",
    scope: "read",
    query: z.strictObject({ project_id: z.uuid().optional() }),
    response: workflowsAnswer,
  },
  async ({ ctx, query: { project_id: id } }) => {
    const ctxs = await callersContexts(ctx);
    const among = id ? ctxs.filter(({ project }) => project.id === id.toLowerCase()) : ctxs;
    return { workflows: await listOpenfnWorkflows(among), errors: {} };
  },
);
