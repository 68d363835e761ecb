import { pageOf } from "@/lib/domain/page";
import { listRefused, listRefusedInput } from "@/lib/domain/refused/list";
import { refusedRow } from "@/lib/domain/refused/types";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary:
      "Requests to the project's URLs that were refused, or had come before, within the last day; newest first.",
    scope: "read",
    permission: "message.read",
    query: listRefusedInput,
    response: pageOf(refusedRow),
  },
  ({ ctx, query }) => listRefused(ctx, query),
);
