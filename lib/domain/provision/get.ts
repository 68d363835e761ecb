import { z } from "zod";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import type { ProjectDocument } from "@/lib/portability/document";
import { fromDocument } from "@/lib/portability/from-document";
import type { ProjectSpec } from "@/lib/portability/spec";
import { stringifySpec } from "@/lib/portability/stringify";
import { loadCurrent } from "./current";
import { documentOf } from "./document";

const snapshots = z.array(z.uuid()).max(500).optional();

export const documentQuery = z.strictObject({
  "snapshots[]": snapshots.meta({
    description: "Only these versions of workflows (`snapshotId` of a version), as they were.",
  }),
  extensions: z.stringbool().optional().meta({
    description: "With what OpenFn does not know: keychains, retries, filters, library entries and more.",
  }),
});

export const yamlQuery = documentQuery.pick({ "snapshots[]": true }).extend({ id: z.string() });

export type DocumentChoice = { snapshots?: readonly string[] | undefined; extensions?: boolean | undefined };

/** Returns a project as OpenFn's provisioning API has it. */
export async function getDocument(
  ctx: Context,
  { snapshots, extensions = false }: DocumentChoice = {},
): Promise<ProjectDocument> {
  requirePermission(ctx, "project.read");
  return documentOf(await loadCurrent(ctx.db, ctx.project.id, snapshots), { extensions });
}

/**
 * Returns a project as the project.yaml that `openfn pull` writes. Throws `conflict` when two names would have one key in
 * it, with both names.
 */
export async function getSpecYaml(
  ctx: Context,
  choice: Pick<DocumentChoice, "snapshots"> = {},
): Promise<string> {
  return stringifySpec(await getSpec(ctx, choice));
}

/** Returns what that file says. Throws as `getSpecYaml` does. */
export async function getSpec(
  ctx: Context,
  { snapshots }: Pick<DocumentChoice, "snapshots"> = {},
): Promise<ProjectSpec> {
  requirePermission(ctx, "project.read");
  const current = await loadCurrent(ctx.db, ctx.project.id, snapshots);
  return fromDocument(documentOf(current, { extensions: true }));
}
