import { z } from "zod";
import type { Db } from "@/db/client";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { parseAdaptor, rememberAdaptor } from "@/lib/domain/workflow/adaptors";
import { rewriteWorkflows } from "@/lib/domain/workflow/rewrite";
import { write } from "@/lib/domain/write";
import { conflict, invalid, Refusal } from "@/lib/refusal";
import { diffOperations, type OperationsDiff } from "@/lib/runner/adaptors/diff";
import type { AdaptorInfo } from "@/lib/runner/contract";
import { compareVersions, isExactVersion } from "@/lib/versions";
import { adaptorName } from "@/lib/workflow/adaptor-name";
import type { JobNode } from "@/lib/workflow/types";
import type { AdaptorRunner } from "./known";
import { overrides } from "./list";
import { type AdaptorUse, adaptorUse, adaptorUses } from "./usage";

export const upgradeAdaptorInput = z.strictObject({
  name: z.string().trim().max(300),
  /** Exact version or dist-tag. */
  version: z.string().trim().max(100).default("latest"),
  /** False only says what would change. */
  apply: z.boolean().default(false),
  /** The exact version that was looked at: nothing is written when the tag has moved on since. */
  expected: z.string().max(100).optional(),
});

const operationsDiff: z.ZodType<OperationsDiff> = z.strictObject({
  added: z.array(z.string()),
  removed: z.array(z.string()),
  changed: z.array(
    z.strictObject({ name: z.string(), before: z.array(z.string()), after: z.array(z.string()) }),
  ),
});

export const adaptorUpgrade = z
  .strictObject({
    name: z.string(),
    version: z.string().meta({ description: "What the jobs are pinned to afterwards; exact." }),
    overrides,
    from: z
      .array(
        z.strictObject({
          version: z.string().nullable().meta({ description: "Null: these jobs could not run." }),
          diff: operationsDiff.nullable(),
          jobs: z.array(adaptorUse),
        }),
      )
      .meta({
        description:
          "One for each version that jobs are pinned to now; `diff` is null when that version cannot be described.",
      }),
    kept: z.array(adaptorUse).meta({
      description:
        "Jobs of library entries: their adaptor is the entry's. Add a version with another one there, and take it over.",
    }),
    workflows: z
      .array(z.strictObject({ id: z.uuid(), lockVersion: z.int(), snapshotId: z.uuid() }))
      .meta({ description: "New versions of workflows, empty unless applied." }),
  })
  .meta({ id: "AdaptorUpgrade" });
export type AdaptorUpgrade = z.infer<typeof adaptorUpgrade>;

type Target = Pick<AdaptorInfo, "name" | "version">;

/**
 * Says what another version of an adaptor exports and, with `apply`, pins the project's jobs to it, all or none: one new
 * version of each workflow. Throws `invalid` or `unavailable` with the runner's sentence when it cannot be had,
 * `conflict` when it is not the expected one.
 */
export async function upgradeAdaptor(
  ctx: Context,
  input: z.input<typeof upgradeAdaptorInput>,
  deps: { runner: AdaptorRunner },
): Promise<AdaptorUpgrade> {
  requirePermission(ctx, "workflow.write");
  const { apply, expected, ...wanted } = upgradeAdaptorInput.parse(input);
  const { name, spec } = parseAdaptor(`${wanted.name}@${wanted.version}`);
  const target = await resolve(ctx.db, deps.runner, name, spec);
  if (expected && expected !== target.version)
    throw conflict(
      `${name}@${spec} is ${target.version} by now. Look at what it changes, then upgrade again.`,
    );
  // A tag may stand for something older than what was pinned by its number: only a number goes back.
  const isWanted = (version: string | null) =>
    version !== target.version &&
    (version === null || isExactVersion(spec) || compareVersions(version, target.version) < 0);
  const all = (await adaptorUses(ctx)).filter((use) => use.name === name && isWanted(use.version));
  const uses = all.filter((use) => use.libraryJobId === null);
  const from: AdaptorUpgrade["from"] = [];
  for (const version of new Set(uses.map((use) => use.version))) {
    const before =
      version === null ? null : await resolve(ctx.db, deps.runner, name, version).catch(() => null);
    const diff = before && diffOperations(before, target);
    from.push({ version, diff, jobs: uses.filter((use) => use.version === version) });
  }
  const written = apply ? await repin(ctx, target, isWanted, uses) : [];
  const kept = all.filter((use) => use.libraryJobId !== null);
  return { name, version: target.version, overrides: target.overrides, from, kept, workflows: written };
}

async function resolve(db: Db, runner: AdaptorRunner, name: string, spec: string): Promise<AdaptorInfo> {
  if (!runner) throw new Refusal("unavailable", "The job runner is not connected. Try again later.");
  const info = await runner.resolveAdaptor(name, spec).catch((error: unknown) => {
    if (error instanceof Refusal) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw invalid(`${name}@${spec} cannot be used: ${reason}`);
  });
  await rememberAdaptor(db, info, spec);
  return info;
}

async function repin(
  ctx: Context,
  target: Target,
  isWanted: (version: string | null) => boolean,
  uses: AdaptorUse[],
): Promise<AdaptorUpgrade["workflows"]> {
  const ids = [...new Set(uses.map((use) => use.workflowId))];
  if (ids.length === 0) return [];
  return write(ctx, "workflow.write", async (tx) => {
    const result = await rewriteWorkflows(ctx, tx, ids, (graph) => ({
      ...graph,
      jobs: graph.jobs.map((job) =>
        job.libraryJobId === null && adaptorName(job.adaptor) === target.name && isWanted(job.adaptorVersion)
          ? pinTo(job, target)
          : job,
      ),
    }));
    return { result, audit: null, changed: null };
  });
}

/** An adaptor that was written with a number is written with the new one; a tag stays, unless there was nothing of that name. */
const pinTo = (job: JobNode, { name, version }: Target): JobNode => ({
  ...job,
  adaptor:
    job.adaptorVersion === null || isExactVersion(parseAdaptor(job.adaptor).spec)
      ? `${name}@${version}`
      : job.adaptor,
  adaptorVersion: version,
});
