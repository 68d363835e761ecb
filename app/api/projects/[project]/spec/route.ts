import { appliedFiles, applyFiles, applyInput } from "@/lib/domain/spec/apply";
import { exportProject, exportQuery } from "@/lib/domain/spec/export";
import { env, publicUrl } from "@/lib/env";
import { download } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const GET = projectRoute(
  {
    summary: "Downloads the project as files: a project.yaml, or an archive of what is kept in a repository.",
    scope: "read",
    permission: "project.read",
    query: exportQuery,
    response: download("application/octet-stream"),
    errors: ["conflict"],
  },
  async ({ ctx, query }) => {
    const { name, content } = await exportProject(ctx, query, publicUrl(env()));
    return new Response(content, {
      headers: {
        "content-type": "application/octet-stream",
        "content-disposition": `attachment; filename="${name}"`,
        "x-content-type-options": "nosniff",
      },
    });
  },
);

export const PUT = projectRoute(
  {
    summary: "Makes the project what files say, as the preview whose token is sent has shown it.",
    scope: "deploy",
    permission: "project.provision",
    body: applyInput,
    isLarge: true,
    response: appliedFiles,
    errors: ["conflict"],
    work: "bulk",
  },
  ({ ctx, body }) => applyFiles(ctx, body, { resolveAdaptor }),
);
