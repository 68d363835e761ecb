import { exportPerson } from "@/lib/domain/person/export";
import { download } from "@/lib/http/declaration";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary:
      "Downloads what a search found as a ZIP archive: what was sent as it was sent, everything else as JSON, and a manifest with digests.",
    scope: "read",
    permission: "person.manage",
    response: download("application/zip"),
    errors: ["conflict"],
  },
  async ({ ctx, params }) => {
    const id = idParam.parse(params.person);
    return new Response(await exportPerson(ctx, { id }), {
      headers: {
        "content-type": "application/zip",
        "content-disposition": `attachment; filename="person-${id}.zip"`,
        "x-content-type-options": "nosniff",
      },
    });
  },
);
