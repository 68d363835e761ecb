import { pageInput, pageOf } from "@/lib/domain/page";
import { createdProjectToken, createProjectToken, newProjectToken } from "@/lib/domain/project-token/create";
import { listProjectTokens, projectTokenSummary } from "@/lib/domain/project-token/list";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "The project's own tokens, which repositories use.",
    scope: "browser",
    permission: "project_token.read",
    query: pageInput,
    response: pageOf(projectTokenSummary),
  },
  ({ ctx, query }) => listProjectTokens(ctx, query),
);

export const POST = projectRoute(
  {
    summary:
      "Make a token of the project's own, for a repository. The answer is the only place that shows it.",
    scope: "browser",
    permission: "project_token.manage",
    sensitive: ["project_token.create"],
    body: newProjectToken,
    response: createdProjectToken,
    status: 201,
  },
  ({ ctx, body }) => createProjectToken(ctx, body),
);
