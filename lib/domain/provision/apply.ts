import { isDeepStrictEqual } from "node:util";
import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { deploys } from "@/db/schema";
import { createCollections } from "@/lib/domain/collection/create";
import { deleteCollections } from "@/lib/domain/collection/delete";
import type { Context } from "@/lib/domain/context";
import { shareCredential } from "@/lib/domain/credential/share";
import { createKeychain } from "@/lib/domain/keychain/create";
import { updateKeychain } from "@/lib/domain/keychain/update";
import { writeLibrary } from "@/lib/domain/project/import-library";
import { updateProject } from "@/lib/domain/project/update";
import { deleteWorkflow } from "@/lib/domain/workflow/delete";
import { refuseBrokenFollowing } from "@/lib/domain/workflow/following";
import { refuseGrownTotals, totalsOf } from "@/lib/domain/workflow/totals";
import { writeWorkflow } from "@/lib/domain/workflow/write";
import { Refusal } from "@/lib/refusal";
import type { WorkflowGraph } from "@/lib/workflow/types";
import type { Current } from "./current";
import { ErrorList } from "./errors";
import { notUnique } from "./payload";
import type { Plan, Wanted } from "./plan";
import type { Settings } from "./settings";

type Applying = { settings: Settings; current: Current; source: "cli" | "import" };

/** Writes a plan in the caller's transaction. Throws `ProvisionErrors` for what only writing finds. */
export async function applyPlan(
  tx: Db,
  ctx: Context,
  plan: Plan,
  { settings, current, source }: Applying,
): Promise<{ changed: string[] }> {
  const { name, description, env } = settings;
  if (!isDeepStrictEqual({ name, description, env }, ownOf(current)))
    await updateProject(ctx, { name, description, env });
  const keychainOf = await applyCredentials(ctx, plan);
  await applyCollections(ctx, plan);
  const workflows = plan.workflows
    .filter(({ change }) => change !== "none")
    .map((wanted) => ({ ...wanted, graph: withKeychains(wanted.graph, keychainOf) }));
  if (workflows.length === 0) return { changed: [] };
  const drafts = workflows.filter(({ change }) => change !== "deleted");
  await writeLibrary(ctx, tx, { drafts, library: plan.library });
  const before = await totalsOf(tx, ctx.project.id);
  for (const { id, change } of workflows)
    if (change === "deleted") await deleteWorkflow(ctx, { id }, { isOneOfMany: true });
  await freeNames(tx, ctx.project.id, drafts);
  for (const wanted of drafts) await placed(wanted, () => writeOne(ctx, wanted, source));
  refuseGrownTotals(await totalsOf(tx, ctx.project.id), before);
  await refuseBrokenFollowing(tx, ctx.project.id);
  return { changed: workflows.map(({ id }) => id) };
}

const ownOf = ({ project: { name, description, env } }: Current) => ({ name, description, env });

const writeOne = (ctx: Context, { id, before, graph }: Wanted, source: Applying["source"]) =>
  writeWorkflow(ctx, {
    id,
    lockVersion: before?.lockVersion ?? null,
    graph,
    source,
    isOneOfMany: true,
  });

/** Returns the id that each keychain has which the document brings. */
async function applyCredentials(ctx: Context, { credentials }: Plan): Promise<Map<string, string>> {
  const { links, newKeychains, changedKeychains } = credentials;
  for (const { id, credentialId, name } of links)
    await at(["project_credentials", name, "id"], () => shareCredential(ctx, { credentialId }, { as: id }), {
      not_found: notUnique,
    });
  const ids = new Map<string, string>();
  for (const { id, ...keychain } of newKeychains)
    ids.set(
      id,
      (await at(["keychain_credentials", keychain.name, "base"], () => createKeychain(ctx, keychain))).id,
    );
  for (const { id, ...keychain } of changedKeychains)
    await at(["keychain_credentials", keychain.name, "base"], () =>
      updateKeychain(ctx, { keychainId: id, ...keychain }),
    );
  return ids;
}

async function applyCollections(ctx: Context, { collections: { put, deleted } }: Plan): Promise<void> {
  if (deleted.length > 0) await deleteCollections(ctx, deleted);
  const wanted = put.map(({ id, name }) => ({ id, name }));
  if (wanted.length > 0) await at(["collections", "", "base"], () => createCollections(ctx, wanted));
}

const withKeychains = (graph: WorkflowGraph, ids: ReadonlyMap<string, string>): WorkflowGraph =>
  ids.size === 0
    ? graph
    : {
        ...graph,
        jobs: graph.jobs.map((job) => ({
          ...job,
          keychainCredentialId: ids.get(job.keychainCredentialId ?? "") ?? job.keychainCredentialId,
        })),
      };

/** Two workflows may change names with each other, and their webhooks paths: each lets go first. */
async function freeNames(tx: Db, projectId: string, workflows: readonly Wanted[]): Promise<void> {
  const renamed = workflows.filter(({ before, graph }) => before && before.graph.name !== graph.name);
  if (renamed.length > 0)
    await tx.execute(
      sql`update workflows set name = id::text where project_id = ${projectId} and id = any(${sql.param(renamed.map(({ id }) => id))}::uuid[])`,
    );
  const kept = new Set(
    workflows.flatMap(({ graph }) => graph.triggers.map(({ id, customPath }) => `${id} ${customPath}`)),
  );
  const freed = workflows.flatMap(({ before }) =>
    (before?.graph.triggers ?? []).flatMap(({ id, customPath }) =>
      customPath !== null && !kept.has(`${id} ${customPath}`) ? [id] : [],
    ),
  );
  if (freed.length > 0)
    await tx.execute(
      sql`update triggers set custom_path = null where project_id = ${projectId} and id = any(${sql.param(freed)}::uuid[])`,
    );
}

/** What writing a workflow refuses is told at the workflow, or at the job that it names. */
async function placed<T>({ label, graph }: Wanted, work: () => Promise<T>): Promise<T> {
  const path = (error: Refusal) => {
    const job = graph.jobs.find(({ id }) => id === error.details?.jobId);
    const field = error.code === "conflict" ? "body" : "library_version";
    return ["workflows", label, ...(job ? ["jobs", job.name, field] : ["base"])];
  };
  return at(path, work);
}

type Words = Partial<Record<Refusal["code"], string>>;

async function at<T>(
  path: readonly string[] | ((error: Refusal) => readonly string[]),
  work: () => Promise<T>,
  words: Words = {},
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isOfDocument =
      error instanceof Refusal &&
      (error.code === "invalid" || error.code === "conflict" || words[error.code]);
    if (!isOfDocument) throw error;
    const errors = new ErrorList();
    errors.add(typeof path === "function" ? path(error) : path, words[error.code] ?? error.message);
    errors.throwIfAny();
    throw error;
  }
}

/** Notes what a deploy left, so that what is changed in pages from then on can be told. */
export async function recordDeploy(
  tx: Db,
  ctx: Context,
  { workflows }: { workflows: readonly { id: string; lockVersion: number }[] },
  source: "cli" | "import",
): Promise<void> {
  const versions = Object.fromEntries(workflows.map(({ id, lockVersion }) => [id, lockVersion]));
  const row = { versions, source, createdBy: ctx.actor.label, createdAt: sql`now()` };
  await tx
    .insert(deploys)
    .values({ projectId: ctx.project.id, ...row })
    .onConflictDoUpdate({ target: deploys.projectId, set: row });
}
