import { listAdaptors, listAdaptorsInput } from "@/lib/domain/adaptor/list";
import { sharedRunner } from "@/lib/domain/workflow/runner-adaptors";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Lists adaptors: those that the project's jobs use, and those that are built already.",
    permission: "workflow.read",
    query: listAdaptorsInput,
  },
  ({ ctx, query }) => listAdaptors(ctx, query, { runner: sharedRunner() }),
);
