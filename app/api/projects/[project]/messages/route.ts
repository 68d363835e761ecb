import { listMessages, listMessagesInput } from "@/lib/domain/message/list";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  { summary: "Lists the inbox, newest first.", permission: "message.read", query: listMessagesInput },
  ({ ctx, query }) => listMessages(ctx, query),
);
