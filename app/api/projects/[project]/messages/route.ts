import { listMessages, listMessagesInput } from "@/lib/domain/message/list";
import { messageRow } from "@/lib/domain/message/types";
import { pageOf } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Lists the inbox, newest first.",
    scope: "read",
    permission: "message.read",
    query: listMessagesInput,
    response: pageOf(messageRow),
  },
  ({ ctx, query }) => listMessages(ctx, query),
);
