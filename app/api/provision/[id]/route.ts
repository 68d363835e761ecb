import { documentQuery, getDocument } from "@/lib/domain/provision/get";
import { documentAnswer } from "@/lib/domain/provision/schema";
import { openfnProject, openfnRoute } from "@/lib/http/openfn";

export const GET = openfnRoute(
  {
    summary: "Shows a whole project, as `openfn pull` and `openfn deploy` read it.",
    scope: "read",
    query: documentQuery,
    isExact: true,
    response: documentAnswer,
  },
  async ({ ctx: caller, params, query }) => {
    const ctx = await openfnProject(caller, params.id ?? "", "project.read");
    const { "snapshots[]": snapshots, extensions } = query;
    return { data: await getDocument(ctx, { snapshots, extensions }) };
  },
);
