import type { Db } from "@/db/client";
import type { Context, UserContext } from "@/lib/domain/context";
import { lockProject } from "@/lib/domain/counted";
import { type Bound, createProject, ownerContext, refuseBound } from "@/lib/domain/project/create";
import type { ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { withTakenNames } from "@/lib/domain/workflow/save";
import { type Change, write } from "@/lib/domain/write";
import type { ProjectDocument } from "@/lib/portability/document";
import { Refusal } from "@/lib/refusal";
import { applyPlan, recordDeploy } from "./apply";
import { callerOf, refuseBygone, refuseDeleted, refuseTaken } from "./ask";
import { refuseOverwriting } from "./conflicts";
import { type Current, loadCurrent, nothingOf } from "./current";
import { documentOf } from "./document";
import { ErrorList, ProvisionErrors } from "./errors";
import { type KnownNames, readPayload } from "./payload";
import { type Plan, planOf } from "./plan";
import { readSettings, type Settings } from "./settings";
import { type AdaptorVersions, Unpinned, withVersions } from "./versions";

export type ProvisionOptions = {
  /** A command line, or a file that a person brought. */
  source: "cli" | "import";
  /** The client knows what only we have: a null of it is one, and the answer says it too. */
  extensions?: boolean;
  /** Nothing is kept: what would have come of it is answered. */
  dryRun?: boolean;
  /** Sees what is about to be written, with the project locked; may throw. */
  look?: (plan: Plan) => void;
};

export type Provisioned = {
  document: ProjectDocument;
  /** The workflows that were made, changed or deleted. */
  changed: string[];
  /** What is otherwise than the document says, a sentence each. */
  warnings: string[];
};

type Deps = { resolveAdaptor: ResolveAdaptor };

/**
 * Makes a project what a document says, all of it or nothing: what is sent of a record is changed, what is not sent stays,
 * `delete: true` deletes. Each workflow that changes gets one version. Throws `ProvisionErrors` with everything that is
 * wrong, `unavailable` when an adaptor cannot be looked up.
 */
export function provision(
  ctx: Context,
  document: unknown,
  options: ProvisionOptions,
  { resolveAdaptor }: Deps,
): Promise<Provisioned> {
  const { id } = ctx.project;
  return attempt(resolveAdaptor, (versions) =>
    write(ctx, "project.provision", async (tx) => {
      await lockProject(tx, id);
      const current = await loadCurrent(tx, id);
      const { plan, settings } = await planned(tx, ctx, document, { current, versions, options });
      options.look?.(plan);
      const mine = { ...ctx, db: tx };
      return written(tx, mine, plan, { settings, current, options });
    }),
  );
}

/** The same where there is no project of the document's id yet: whoever asks will own it. Throws `forbidden` for a token that is bound to other projects. */
export function provisionNew(
  ctx: UserContext & Bound,
  document: unknown,
  options: ProvisionOptions,
  { resolveAdaptor }: Deps,
): Promise<Provisioned> {
  return attempt(resolveAdaptor, (versions) =>
    write(ctx, "own", async (tx) => {
      refuseBound(ctx);
      const found = await planned(tx, ctx, document, { current: null, versions, options });
      const { id, name, description } = found.settings;
      const project = await createProject({ ...ctx, db: tx }, { id, name, description });
      const mine = ownerContext({ ...ctx, db: tx }, project);
      const current = await loadCurrent(tx, project.id);
      return written(tx, mine, found.plan, { settings: found.settings, current, options });
    }),
  );
}

type Planning = { current: Current | null; versions: AdaptorVersions; options: ProvisionOptions };

/** Throws `ProvisionErrors` with all that is wrong, or `Unpinned` when nothing is as far as it is known. */
async function planned(
  tx: Db,
  ctx: UserContext | Context,
  document: unknown,
  { current: there, versions, options }: Planning,
): Promise<{ plan: Plan; settings: Settings }> {
  const errors = new ErrorList();
  const payload = readPayload(document, errors, namesOf(there));
  const current = there ?? nothingOf(payload.id);
  const settings = readSettings(payload, there?.project ?? null, options.extensions ?? false, errors);
  const caller = await callerOf(tx, ctx, payload, current);
  const plan = planOf(
    payload,
    current,
    caller,
    { isExtended: options.extensions ?? false, isImport: options.source === "import", versions },
    errors,
  );
  if (errors.isEmpty && plan.unpinned.size > 0) throw new Unpinned(plan.unpinned);
  const projectId = current.project.id;
  const deleted = await refuseDeleted(tx, projectId, payload, errors);
  await refuseBygone(tx, projectId, plan.bygone, errors);
  await refuseOverwriting(tx, projectId, {
    workflows: plan.workflows,
    caller: ctx.actor.label,
    errors,
  });
  await refuseTaken(tx, projectId, { plan, deleted }, errors);
  errors.throwIfAny();
  return { plan, settings };
}

type Writing = { settings: Settings; current: Current; options: ProvisionOptions };

async function written(
  tx: Db,
  ctx: Context,
  plan: Plan,
  { settings, current, options }: Writing,
): Promise<Change<Provisioned>> {
  const { changed } = await applyPlan(tx, ctx, plan, { settings, current, source: options.source });
  const after = isNoChange(plan, settings) ? current : await loadCurrent(tx, ctx.project.id);
  await recordDeploy(tx, ctx, after, options.source);
  const document = documentOf(after, { extensions: options.extensions ?? false });
  const result = { document, changed, warnings: plan.warnings };
  if (options.dryRun) throw new Undo(result);
  // The verbs within have said what changed.
  return { result, audit: null, changed: null };
}

const isNoChange = ({ workflows, credentials, collections }: Plan, { isChanged }: Settings): boolean =>
  !isChanged &&
  workflows.every(({ change }) => change === "none") &&
  credentials.links.length + credentials.newKeychains.length + credentials.changedKeychains.length === 0 &&
  collections.put.length + collections.deleted.length === 0;

/** Undoes a dry run, whose result it carries out of the transaction. */
class Undo extends Error {
  constructor(readonly result: Provisioned) {
    super("This was a dry run.");
  }
}

async function attempt(
  resolveAdaptor: ResolveAdaptor,
  work: (versions: AdaptorVersions) => Promise<Provisioned>,
): Promise<Provisioned> {
  try {
    return await withVersions(resolveAdaptor, (versions) => withTakenNames(() => work(versions)));
  } catch (error) {
    if (error instanceof Undo) return error.result;
    throw asErrors(error);
  }
}

/** Whatever refuses a document says it in one form. */
function asErrors(error: unknown): unknown {
  if (error instanceof ProvisionErrors || !(error instanceof Refusal)) return error;
  const isOfDocument = error.code === "invalid" || error.code === "conflict";
  return isOfDocument ? new ProvisionErrors({ base: [error.message] }) : error;
}

function namesOf(current: Current | null): KnownNames {
  const names = new Map<string, string>();
  for (const { id, graph } of current?.workflows ?? []) {
    names.set(id, graph.name);
    for (const job of graph.jobs) names.set(job.id, job.name);
    for (const trigger of graph.triggers) names.set(trigger.id, trigger.type);
  }
  return names;
}
