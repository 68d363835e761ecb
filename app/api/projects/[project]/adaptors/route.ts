import { adaptorSummary, listAdaptors, listAdaptorsInput } from "@/lib/domain/adaptor/list";
import { pageOf } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";
import { sharedRunner } from "@/lib/processes/runners";

export const GET = projectRoute(
  {
    summary: "Lists adaptors: those that the project's jobs use, and those that are built already.",
    scope: "read",
    permission: "workflow.read",
    query: listAdaptorsInput,
    response: pageOf(adaptorSummary),
  },
  ({ ctx, query }) => listAdaptors(ctx, query, { runner: sharedRunner() }),
);
