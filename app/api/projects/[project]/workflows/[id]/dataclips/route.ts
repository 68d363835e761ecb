import { z } from "zod";
import { listRecentInputs, recentLimit } from "@/lib/domain/dataclip/recent";
import { recentInput } from "@/lib/domain/dataclip/types";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Lists what a workflow's last work orders were for, each input once, newest first.",
    scope: "read",
    permission: "run.read",
    query: z.strictObject({ limit: recentLimit }),
    response: z.strictObject({ items: z.array(recentInput) }),
  },
  ({ ctx, params, query }) => listRecentInputs(ctx, { ...query, workflowId: idParam.parse(params.id) }),
);
