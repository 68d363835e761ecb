import { z } from "zod";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { getDocument, getSpec, getSpecYaml } from "@/lib/domain/provision/get";
import { zipOf } from "@/lib/portability/archive";
import { toFolder } from "@/lib/portability/project-folder";
import { stateOf } from "@/lib/portability/state";
import { toV2Files } from "@/lib/portability/v2";

export const exportFormats = ["yaml", "zip", "state", "v2"] as const;

export const exportQuery = z.strictObject({
  format: z.enum(exportFormats).default("yaml").meta({
    description:
      "yaml: the project.yaml that `openfn pull` writes. zip: the same with the code of each job in a file of its own. state: with the state and the settings that OpenFn's CLI keeps beside it, so that `openfn deploy` goes on from there. v2: the folder of OpenFn's newer commands (openfn.yaml, a file for each workflow and for the code of each job).",
  }),
});

export type ExportedProject = { name: string; content: string | Uint8Array<ArrayBuffer> };

/**
 * Returns a project as files, the same ones byte for byte while nothing changes. `endpoint`: where this server is. Throws
 * `conflict` when two names have the same key, or in v2 the same id.
 */
export async function exportProject(
  ctx: Context,
  input: z.input<typeof exportQuery>,
  endpoint: string,
): Promise<ExportedProject> {
  requirePermission(ctx, "project.read");
  const { format } = exportQuery.parse(input);
  const { name } = ctx.project;
  if (format === "yaml") return { name: `${name}.yaml`, content: await getSpecYaml(ctx) };
  return { name: `${name}.zip`, content: zipOf(await filesAs[format](ctx, endpoint)) };
}

const filesAs = {
  zip: async (ctx: Context) => toFolder(await getSpec(ctx)),
  state: workspace,
  v2: async (ctx: Context, endpoint: string) =>
    toV2Files(await getDocument(ctx, { extensions: true }), { endpoint, alias: "main" }),
};

/** What `openfn pull` leaves in a folder. The token is not among it: it comes from the environment. */
async function workspace(ctx: Context, endpoint: string): Promise<Record<string, string>> {
  const state = stateOf(await getDocument(ctx));
  return {
    "project.yaml": await getSpecYaml(ctx),
    "projectState.json": `${JSON.stringify(state, null, 2)}\n`,
    "config.json": `${JSON.stringify({ endpoint, specPath: "project.yaml", statePath: "projectState.json" }, null, 2)}\n`,
  };
}
