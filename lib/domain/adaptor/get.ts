import { z } from "zod";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import type { AdaptorOperation } from "@/lib/runner/contract";
import { type AdaptorRunner, knownAdaptors } from "./known";
import { adaptorVersion, overrides, versionsOf } from "./list";
import { adaptorUses } from "./usage";

const operation: z.ZodType<AdaptorOperation> = z.strictObject({
  name: z.string(),
  description: z.string(),
  params: z.array(z.strictObject({ name: z.string(), description: z.string() })),
  examples: z.array(z.strictObject({ caption: z.string(), code: z.string() })),
});

/** One version of an adaptor in full, and the others by number. */
export const adaptorDetail = z
  .strictObject({
    name: z.string(),
    versions: z.array(adaptorVersion),
    version: z.string(),
    isBuilt: z.boolean(),
    integrity: z.string().nullable(),
    undocumented: z
      .array(z.string())
      .meta({ description: "Exported names that have no documentation of their own." }),
    documented: z.array(operation),
    credentialSchema: z.unknown(),
    overrides,
  })
  .meta({ id: "AdaptorDetail" });
export type AdaptorDetail = z.infer<typeof adaptorDetail>;

export const getAdaptorInput = z.strictObject({
  name: z.string().trim().min(1).max(300),
  /** Exact; left out, the newest that a job uses, else the newest. */
  version: z.string().trim().max(100).optional(),
});

/** Returns an adaptor that the project uses or that is built. Throws `not_found` for others. */
export async function getAdaptor(
  ctx: Context,
  input: z.input<typeof getAdaptorInput>,
  deps: { runner: AdaptorRunner },
): Promise<AdaptorDetail> {
  requirePermission(ctx, "workflow.read");
  const { name, version } = getAdaptorInput.parse(input);
  const [known, uses] = await Promise.all([knownAdaptors(ctx.db, deps.runner, name), adaptorUses(ctx)]);
  const versions = versionsOf(name, known, uses);
  const shown = version
    ? versions.find((one) => one.version === version)
    : (versions.find((one) => one.uses > 0) ?? versions[0]);
  if (!shown) throw notFound(version ? `${name}@${version}` : name);
  const built = known.find((one) => one.version === shown.version);
  const exported = built?.exports ?? [];
  // Some packages document what they do not export; a job cannot use that.
  const documented = (built?.operations ?? []).filter(
    (operation) => exported.length === 0 || exported.includes(operation.name),
  );
  return {
    name,
    versions,
    version: shown.version,
    isBuilt: shown.isBuilt,
    integrity: built?.integrity ?? null,
    undocumented: exported.filter((one) => !documented.some((operation) => operation.name === one)),
    documented,
    credentialSchema: built?.credentialSchema ?? null,
    overrides: shown.overrides,
  };
}
