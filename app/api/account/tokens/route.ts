import { pageInput, pageOf } from "@/lib/domain/page";
import { createdToken, createToken, newApiToken } from "@/lib/domain/token/create";
import { listTokens, tokenSummary } from "@/lib/domain/token/list";
import { userRoute } from "@/lib/http/route";

export const GET = userRoute(
  { summary: "Your API tokens.", scope: "browser", query: pageInput, response: pageOf(tokenSummary) },
  ({ ctx, query }) => listTokens(ctx, query),
);

export const POST = userRoute(
  {
    summary: "Make an API token. The answer is the only place that shows it.",
    scope: "browser",
    sensitive: ["token.create"],
    body: newApiToken,
    response: createdToken,
    status: 201,
  },
  ({ ctx, body }) => createToken(ctx, body),
);
