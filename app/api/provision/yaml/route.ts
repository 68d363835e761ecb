import { getSpecYaml, yamlQuery } from "@/lib/domain/provision/get";
import { download } from "@/lib/http/declaration";
import { openfnProject, openfnRoute } from "@/lib/http/openfn";

export const GET = openfnRoute(
  {
    summary: "Shows a whole project as the project.yaml that `openfn pull` writes.",
    scope: "read",
    query: yamlQuery,
    response: download("text/yaml"),
  },
  async ({ ctx: caller, query: { id, "snapshots[]": snapshots } }) => {
    const ctx = await openfnProject(caller, id, "project.read");
    return new Response(await getSpecYaml(ctx, { snapshots }), {
      headers: { "content-type": "text/yaml; charset=utf-8" },
    });
  },
);
