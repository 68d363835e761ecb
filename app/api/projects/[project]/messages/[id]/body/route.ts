import { getMessageBody } from "@/lib/domain/message/body";
import { download } from "@/lib/http/declaration";
import { idParam, projectRoute } from "@/lib/http/route";

/** As a download, never rendered: the bytes are a stranger's. */
export const GET = projectRoute(
  {
    summary: "Downloads a message's body as it was sent.",
    scope: "read",
    permission: "message.read",
    response: download("application/octet-stream"),
  },
  async ({ ctx, params }) => {
    const id = idParam.parse(params.id);
    const { contentType, body } = await getMessageBody(ctx, id);
    return new Response(Buffer.from(body), {
      headers: {
        "content-type": "application/octet-stream",
        "x-original-content-type": contentType ?? "",
        "content-disposition": `attachment; filename="message-${id}"`,
        "x-content-type-options": "nosniff",
      },
    });
  },
);
