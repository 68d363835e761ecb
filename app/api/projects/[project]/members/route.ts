import { listMembers } from "@/lib/domain/member/list";
import { pageInput } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  { summary: "The project's collaborators.", permission: "project.read", query: pageInput },
  ({ ctx, query }) => listMembers(ctx, query),
);
