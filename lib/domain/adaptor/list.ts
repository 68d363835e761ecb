import { z } from "zod";
import type { Context } from "@/lib/domain/context";
import { type Page, pageInput, toPageBy } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { compareVersions } from "@/lib/versions";
import { type AdaptorRunner, type KnownAdaptor, knownAdaptors } from "./known";
import { type AdaptorUse, adaptorUse, adaptorUses } from "./usage";

/** Jobs of one version that are named; all are counted. */
const shownJobs = 20;

export const overrides = z
  .record(z.string(), z.string())
  .nullable()
  .meta({ description: "Dependencies that had to be replaced to install it." });

export const adaptorVersion = z
  .strictObject({
    version: z.string(),
    isBuilt: z.boolean().meta({
      description:
        "False: pinned by a job, but not built on this installation yet; its first step builds it.",
    }),
    exports: z.int(),
    operations: z.int(),
    overrides,
    uses: z.int().meta({ description: "How many jobs of the project are pinned to it." }),
    jobs: z.array(adaptorUse).meta({ description: "The first of them, by workflow and job." }),
  })
  .meta({ id: "AdaptorVersion" });
export type AdaptorVersion = z.infer<typeof adaptorVersion>;

/** Versions are newest first. */
export const adaptorSummary = z.strictObject({ name: z.string(), versions: z.array(adaptorVersion) });
export type AdaptorSummary = z.infer<typeof adaptorSummary>;

export const listAdaptorsInput = pageInput.extend({
  /** The name of the last adaptor that was seen. */
  cursor: z.string().max(300).optional(),
});

/** Returns a page of adaptors, by name: those that the project's jobs use and those that are built already. */
export async function listAdaptors(
  ctx: Context,
  input: z.input<typeof listAdaptorsInput>,
  deps: { runner: AdaptorRunner },
): Promise<Page<AdaptorSummary>> {
  requirePermission(ctx, "workflow.read");
  const { cursor = "", limit } = listAdaptorsInput.parse(input);
  const [known, uses] = await Promise.all([knownAdaptors(ctx.db, deps.runner), adaptorUses(ctx)]);
  const pinned = uses.filter((use) => use.version !== null);
  const names = [...new Set([...known, ...pinned].map((one) => one.name))].sort();
  const rest = names.filter((name) => name > cursor);
  const { items, nextCursor } = toPageBy(rest, limit, (last) => last);
  return { items: items.map((name) => ({ name, versions: versionsOf(name, known, uses) })), nextCursor };
}

/** Returns the versions of one adaptor that are built or in use, newest first. */
export function versionsOf(name: string, known: KnownAdaptor[], uses: AdaptorUse[]): AdaptorVersion[] {
  const ofName = known.filter((one) => one.name === name);
  const used = uses.filter((use) => use.name === name);
  const versions = [...new Set([...ofName, ...used].flatMap((one) => one.version ?? []))];
  return versions
    .sort((a, b) => compareVersions(b, a))
    .map((version) => {
      const built = ofName.find((one) => one.version === version);
      const ofVersion = used.filter((use) => use.version === version);
      return {
        version,
        isBuilt: built !== undefined,
        exports: built?.exports.length ?? 0,
        operations: built?.operations.length ?? 0,
        overrides: built?.overrides ?? null,
        uses: ofVersion.length,
        jobs: ofVersion.slice(0, shownJobs),
      };
    });
}
