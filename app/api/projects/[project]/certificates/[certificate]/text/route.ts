import { certificateText } from "@/lib/domain/person/certificates";
import { download } from "@/lib/http/declaration";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Downloads a certificate as text, with the ids of all that was wiped.",
    scope: "read",
    permission: "person.read",
    response: download("text/plain"),
  },
  async ({ ctx, params }) => {
    const id = idParam.parse(params.certificate);
    return new Response(await certificateText(ctx, { id }), {
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "content-disposition": `attachment; filename="certificate-${id}.txt"`,
        "x-content-type-options": "nosniff",
      },
    });
  },
);
