import { getMessageBody, messageBodyInput } from "@/lib/domain/message/body";
import { download } from "@/lib/http/declaration";
import { idParam, projectRoute } from "@/lib/http/route";

/** As a download, never rendered: the bytes are a stranger's. */
export const GET = projectRoute(
  {
    summary: "Downloads a message's body as it was sent, or one of its files.",
    scope: "read",
    permission: "message.read",
    query: messageBodyInput,
    response: download("application/octet-stream"),
  },
  async ({ ctx, params, query }) => {
    const id = idParam.parse(params.id);
    const { contentType, body, name } = await getMessageBody(ctx, id, query);
    return new Response(Buffer.from(body), {
      headers: {
        "content-type": "application/octet-stream",
        "x-original-content-type": contentType ?? "",
        "content-disposition": `attachment; filename="message-${id}${query.file === undefined ? "" : `-${query.file}`}"${named(name)}`,
        "x-content-type-options": "nosniff",
      },
    });
  },
);

/** The file's own name in RFC 8187, which lets no character out of its place. */
const named = (name: string | undefined): string =>
  name
    ? `; filename*=UTF-8''${encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)}`
    : "";
