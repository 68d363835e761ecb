import { createMessage, createMessageInput } from "@/lib/domain/message/create";
import { listMessages, listMessagesInput } from "@/lib/domain/message/list";
import { broughtMessage } from "@/lib/domain/message/put";
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

export const POST = projectRoute(
  {
    summary: "Puts a message into the inbox by hand, as if a sender had sent it.",
    scope: "run",
    permission: "message.create",
    body: createMessageInput,
    isLarge: true,
    response: broughtMessage,
    status: 201,
  },
  ({ ctx, body }) => createMessage(ctx, body),
);
