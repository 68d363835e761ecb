import { z } from "zod";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { parseAdaptor } from "@/lib/domain/workflow/adaptors";
import { Refusal } from "@/lib/refusal";
import type { PublishedVersions, Runner } from "@/lib/runner/contract";
import { compareVersions, isExactVersion } from "@/lib/versions";
import { type AdaptorRunner, knownAdaptors } from "./known";
import { adaptorUses } from "./usage";

export const adaptorVersionsInput = z.strictObject({ name: z.string().trim().min(1).max(200) });

export const adaptorVersions = z
  .strictObject({
    name: z.string(),
    versions: z
      .array(
        z.strictObject({
          version: z.string(),
          isBuilt: z.boolean().meta({ description: "Whether it can be had without the registry." }),
        }),
      )
      .meta({ description: "Newest first." }),
    latest: z.string().nullable().meta({ description: "What `latest` stands for now; null: not known." }),
    problem: z.string().nullable().meta({
      description: "Why the registry was not asked, in a sentence; then only what is built is listed.",
    }),
  })
  .meta({ id: "AdaptorVersions" });
export type AdaptorVersions = z.infer<typeof adaptorVersions>;

type Deps = { runner: (AdaptorRunner & Pick<Runner, "publishedVersions">) | null };

/**
 * Which versions of an adaptor can be had: what the registry has, and what is built here or pinned by jobs. Throws
 * `invalid` for what is no adaptor's name.
 */
export async function listAdaptorVersions(
  ctx: Context,
  input: z.input<typeof adaptorVersionsInput>,
  { runner }: Deps,
): Promise<AdaptorVersions> {
  requirePermission(ctx, "workflow.write");
  const { name } = parseAdaptor(adaptorVersionsInput.parse(input).name);
  const [known, uses, found] = await Promise.all([
    knownAdaptors(ctx.db, runner, name),
    adaptorUses(ctx),
    published(runner, name),
  ]);
  const built = new Set(known.map(({ version }) => version));
  const pinned = uses.flatMap((use) => (use.name === name && use.version !== null ? [use.version] : []));
  const all = new Set([...found.versions, ...built, ...pinned].filter(isExactVersion));
  return {
    name,
    versions: [...all]
      .sort((a, b) => compareVersions(b, a))
      .map((version) => ({ version, isBuilt: built.has(version) })),
    latest: found.latest,
    problem: found.problem,
  };
}

async function published(
  runner: Deps["runner"],
  name: string,
): Promise<PublishedVersions & { problem: string | null }> {
  const nothing = { versions: [], latest: null };
  if (!runner) return { ...nothing, problem: "The job runner is not connected. Try again later." };
  try {
    return { ...(await runner.publishedVersions(name)), problem: null };
  } catch (error) {
    // A runner of the release before has no such question.
    const isOld = error instanceof Refusal && error.code === "not_found";
    const problem =
      error instanceof Error && !isOld ? error.message : "The job runner cannot ask the npm registry.";
    return { ...nothing, problem };
  }
}
