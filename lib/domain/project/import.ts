import { randomUUID } from "node:crypto";
import { and, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { currentWork, stopIfHungUp } from "@/db/deadline";
import { credentials, keychainCredentials, projectCredentials, projects } from "@/db/schema";
import { createCollections } from "@/lib/domain/collection/create";
import { collectionName } from "@/lib/domain/collection/schemas";
import type { UserContext } from "@/lib/domain/context";
import { named } from "@/lib/domain/fields";
import { recordDeploy } from "@/lib/domain/provision/apply";
import type { ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { refuseBrokenFollowing } from "@/lib/domain/workflow/following";
import { pinAdaptors } from "@/lib/domain/workflow/pin";
import { withTakenNames } from "@/lib/domain/workflow/save";
import { type WorkflowInput, workflowInput } from "@/lib/domain/workflow/schemas";
import { nothing, refuseGrownTotals, totalsOf } from "@/lib/domain/workflow/totals";
import { type SavedWorkflow, writeWorkflow } from "@/lib/domain/workflow/write";
import { type Change, write } from "@/lib/domain/write";
import { limits, refuseGrowth, tooMuch, utf8Bytes } from "@/lib/limits";
import { openFilesApart } from "@/lib/portability/apart";
import type { OpenedFiles, OpenOptions } from "@/lib/portability/formats/open";
import { sameKeyProblems } from "@/lib/portability/same-keys";
import type { SpecFiles } from "@/lib/portability/sent-files";
import type { ProjectSpec } from "@/lib/portability/spec";
import { type DraftGraph, jobIdsOf, toDraftGraph } from "@/lib/portability/to-graph";
import { maxProblems, type SpecProblem } from "@/lib/portability/yaml";
import { invalid, Refusal } from "@/lib/refusal";
import { triggerTypes } from "@/lib/words";
import type { GraphProblem } from "@/lib/workflow/graph";
import type { JobNode, WorkflowGraph } from "@/lib/workflow/types";
import { validateGraph } from "@/lib/workflow/validate-graph";
import {
  type Bound,
  type CreatedProject,
  createdProject,
  createProject,
  ownerContext,
  refuseBound,
} from "./create";
import { writeLibrary } from "./import-library";
import { suggestProjectName } from "./name";

const chooseFile = "Paste a project.yaml, or choose the file.";

/** What a project is read from. */
export const projectFiles = {
  yaml: z
    .string()
    .min(1, chooseFile)
    .refine((yaml) => utf8Bytes(yaml) <= limits.yamlBytes, {
      error: ({ input }) => tooMuch("yamlBytes", utf8Bytes(String(input)), "The project.yaml"),
    })
    .optional()
    .meta({ description: "A text that was pasted: a project.yaml, or another form of a project." }),
  files: z
    .record(z.string(), z.string())
    .refine((files) => Object.keys(files).length <= limits.importFiles, {
      error: ({ input }) => tooMuch("importFiles", Object.keys(input ?? {}).length, "The import"),
    })
    .default({})
    .meta({
      description:
        "Texts of files by their paths: with `yaml`, those that its jobs name; without, the folder that holds the project.",
    }),
  choose: z
    .string()
    .optional()
    .meta({ description: "The path of the project that is meant, where the folder holds several." }),
};

export const importProjectInput = z.strictObject({
  ...projectFiles,
  name: z.string().optional().meta({ description: "Instead of the name in the file." }),
});

export const importedProject = z.strictObject({
  project: createdProject,
  workflows: z.array(named),
  warnings: z
    .array(z.string())
    .meta({ description: "What was imported otherwise than the file says, a sentence each." }),
});
export type ImportedProject = z.infer<typeof importedProject>;

/**
 * Makes a project from a project.yaml: all of it or nothing. Credentials that the caller owns under the same name are
 * shared with the project; the others are remembered in the project and named in `warnings`. Throws `invalid` with
 * every problem of the file and its line.
 */
export async function importProject(
  ctx: Importer,
  input: z.input<typeof importProjectInput>,
  deps: { resolveAdaptor: ResolveAdaptor },
): Promise<ImportedProject> {
  return writeImport(ctx, await planImport(ctx, input, deps));
}

type Importer = UserContext & Bound;

export const importPreview = z
  .strictObject({
    name: z.string(),
    workflows: z.array(
      z.strictObject({
        name: z.string(),
        triggers: z.array(z.enum(triggerTypes)),
        jobs: z.array(
          z.strictObject({
            name: z.string(),
            adaptor: z.string(),
            isMarked: z
              .boolean()
              .meta({ description: "Its adaptor cannot be had: it cannot run until another is chosen." }),
          }),
        ),
      }),
    ),
    warnings: importedProject.shape.warnings,
  })
  .meta({ id: "ImportPreview" });
export type ImportPreview = z.infer<typeof importPreview>;

/** Says what `importProject` would make, and makes nothing. Throws as it does. */
export async function previewImport(
  ctx: Importer,
  input: z.input<typeof importProjectInput>,
  deps: { resolveAdaptor: ResolveAdaptor },
): Promise<ImportPreview> {
  const { name, spec, drafts, warnings } = await planImport(ctx, input, deps);
  const own = new Set((await ownCredentials(ctx.db, ctx, spec)).map((one) => one.name));
  const has = (key: string) => own.has(spec.credentials[key]?.name ?? "");
  return {
    name,
    workflows: drafts.map(({ graph }) => ({
      name: graph.name,
      triggers: graph.triggers.map(({ type }) => type),
      jobs: graph.jobs.map((job) => ({
        name: job.name,
        adaptor: job.adaptor,
        isMarked: job.adaptorVersion === null,
      })),
    })),
    warnings: [...warnings, ...withoutCredentials(spec, has)],
  };
}

/** A project.yaml that can be written as it is: read, checked, its adaptors pinned. */
export type ImportPlan = {
  name: string;
  spec: ProjectSpec;
  drafts: Draft[];
  library: Map<string, string>;
  warnings: string[];
  /** Somebody's file, from which what is changed in pages later differs. */
  isDeploy: boolean;
};

/** The part of an import that asks the runner, so before the transaction. Throws as `importProject` does. */
export async function planImport(
  ctx: Importer,
  input: z.input<typeof importProjectInput>,
  deps: { resolveAdaptor: ResolveAdaptor },
): Promise<ImportPlan> {
  refuseBound(ctx);
  const { name, ...sent } = importProjectInput.parse(input);
  const parsed = await openProject(ctx.actor.userId, sent);
  const { spec } = parsed;
  refuseTooMany(spec);
  refuseCollections(parsed);
  const library = entryIds(spec);
  const { drafts, missing } = await pinAll(parsed, deps.resolveAdaptor, library);
  const projectName = name ?? suggestProjectName(spec.name);
  const renamed = `The project is called ${projectName}: names have lower-case letters, digits and hyphens only.`;
  const warnings = [
    ...(name === undefined && projectName !== spec.name ? [renamed] : []),
    ...parsed.report,
    ...missing,
  ];
  return { name: projectName, spec, drafts, library, warnings, isDeploy: true };
}

const stoppedWords = {
  time: "takes too long to read",
  memory: "needs too much memory to read",
};
const retryAfterSeconds = 10;

/** What a pasted text is called among the files that were sent with it. */
const pasted = "project.yaml";

type Sent = { yaml?: string | undefined; files: SpecFiles; choose?: string | undefined };

/**
 * Reads a project from what somebody sent, away from the event loop; tenants take turns. Throws `invalid` with every problem, its file and
 * its line, or with the `choices` of a folder that holds several; for what costs too much to read; and `limit` when too
 * many wait to be read.
 */
export async function openProject(tenant: string, { yaml, files, choose }: Sent): Promise<OpenedProject> {
  if (yaml === undefined && Object.keys(files).length === 0) throw invalid(chooseFile);
  const all = yaml === undefined ? files : { ...files, [pasted]: yaml };
  const bytes = Object.values(all).reduce((sum, text) => sum + utf8Bytes(text), 0);
  refuseGrowth("importBytes", bytes, 0, "The import");
  const opened = await read(
    tenant,
    all,
    yaml === undefined ? { project: choose, isLenient: true } : { pasted, isLenient: true },
  );
  if (opened.spec) return withOwnKeys(opened);
  const { problems, choices } = opened;
  throw invalid(firstOf(problems), { problems, ...(choices.length > 0 ? { choices } : {}) });
}

/** Refuses names that one key in project.yaml would stand for: the next pull could not tell them apart. */
function withOwnKeys(opened: OpenedProject): OpenedProject {
  const problems = sameKeyProblems(opened.spec, opened);
  if (problems.length > 0) throw invalid(firstOf(problems), { problems: problems.slice(0, maxProblems) });
  return opened;
}

async function read(tenant: string, files: SpecFiles, options: OpenOptions): Promise<OpenedFiles> {
  const signal = currentWork()?.signal;
  const opened = await openFilesApart({ tenant, files, options, signal });
  stopIfHungUp();
  if (!("stopped" in opened)) return opened;
  if (opened.stopped === "time" || opened.stopped === "memory")
    throw invalid(`The project.yaml ${stoppedWords[opened.stopped]}. Split it into several projects.`);
  throw new Refusal(
    "limit",
    `Other imports are being read. Try again in ${retryAfterSeconds} seconds.`,
    undefined,
    retryAfterSeconds,
  );
}

/** Writes a planned import, or nothing of it. */
export function writeImport(
  ctx: Importer,
  { name, spec, drafts, library, ...plan }: ImportPlan,
): Promise<ImportedProject> {
  const work = async (tx: Db): Promise<Change<ImportedProject>> => {
    const mine = { ...ctx, db: tx };
    const project = await createProject(mine, { name, description: spec.description });
    const links = await linkCredentials(tx, ctx, project, spec);
    const keychains = await writeKeychains(tx, project, spec, links);
    await writeLibrary(ownerContext(mine, project), tx, { drafts, library });
    const saved: SavedWorkflow[] = [];
    for (const { id, graph, credentialOf, keychainOf } of drafts) {
      const jobs = graph.jobs.map((job) => ({
        ...job,
        projectCredentialId: links.get(credentialOf.get(job.id) ?? "") ?? null,
        keychainCredentialId: keychains.get(keychainOf.get(job.id) ?? "") ?? null,
      }));
      const version = {
        id,
        lockVersion: null,
        graph: { ...graph, jobs },
        source: "import",
        isOneOfMany: true,
      } as const;
      saved.push(await writeWorkflow(ownerContext(mine, project), version));
    }
    const named = Object.values(spec.collections).map(({ name }) => ({ id: randomUUID(), name }));
    await createCollections(ownerContext(mine, project), named);
    if (plan.isDeploy) await recordDeploy(tx, ownerContext(mine, project), { workflows: saved }, "import");
    refuseGrownTotals(await totalsOf(tx, project.id), nothing);
    await refuseBrokenFollowing(tx, project.id);
    const warnings = [...plan.warnings, ...withoutCredentials(spec, (key) => links.has(key))];
    const workflows = drafts.map(({ id, graph }) => ({ id, name: graph.name }));
    return {
      result: { project, workflows, warnings },
      audit: { event: "project.import", itemId: project.id, after: { workflows, warnings }, project },
      changed: null,
    };
  };
  return withTakenNames(() => write(ctx, "own", work));
}

/** What the importer has no credential for, a sentence each. `has`: whether there is one for a key of the file. */
function withoutCredentials(
  { credentials, keychains }: ProjectSpec,
  has: (key: string) => boolean,
): string[] {
  return [
    ...Object.entries(credentials)
      .filter(([key]) => !has(key))
      .map(
        ([, { name }]) =>
          `You have no credential called "${name}". Its jobs come without; choose one for each of them.`,
      ),
    ...Object.values(keychains)
      .filter(({ defaultCredential }) => defaultCredential !== null && !has(defaultCredential))
      .map(
        ({ name }) =>
          `The keychain "${name}" was imported without its default credential, which you do not have; choose another one for it.`,
      ),
  ];
}

/** Before each adaptor is asked for. The rest is counted when it is written. */
function refuseTooMany({ workflows, credentials, keychains }: ProjectSpec): void {
  const all = Object.values(workflows);
  const count = (list: "jobs" | "triggers") =>
    all.reduce((sum, workflow) => sum + Object.keys(workflow[list]).length, 0);
  refuseGrowth("workflows", all.length, 0, "The project");
  refuseGrowth("projectJobs", count("jobs"), 0, "The project");
  refuseGrowth("projectTriggers", count("triggers"), 0, "The project");
  refuseGrowth("sharedCredentials", Object.keys(credentials).length, 0, "The project");
  refuseGrowth("keychains", Object.keys(keychains).length, 0, "The project");
}

/** Throws `invalid` for names that no collection can have, or that two of the file have. */
function refuseCollections(opened: OpenedProject): void {
  const seen = new Set<string>();
  const problems = Object.entries(opened.spec.collections).flatMap(([key, { name }]) => {
    const checked = collectionName.safeParse(name);
    const said = checked.success
      ? seen.has(checked.data)
        ? `Two collections are called ${checked.data}. Give each its own name.`
        : null
      : (checked.error.issues[0]?.message ?? null);
    seen.add(checked.data ?? name);
    return said === null ? [] : [problemAt(opened, ["collections", key], said)];
  });
  if (problems.length > 0) throw invalid(firstOf(problems), { problems });
}

/** Which credential, or keychain, a job has: their keys in the file. */
type Draft = {
  id: string;
  graph: WorkflowGraph;
  credentialOf: Map<string, string>;
  keychainOf: Map<string, string>;
};

/** A project that could be read. */
export type OpenedProject = Extract<OpenedFiles, { problems: [] }>;

/** An id for each library entry that the file names. */
function entryIds({ workflows }: ProjectSpec): Map<string, string> {
  const names = Object.values(workflows).flatMap(({ jobs }) =>
    Object.values(jobs).flatMap(({ libraryEntry }) => libraryEntry ?? []),
  );
  return new Map([...new Set(names)].map((name) => [name, randomUUID()]));
}

/** `missing`: a sentence for each adaptor that cannot be had. Its jobs are marked, and cannot run until another is chosen. */
async function pinAll(
  parsed: OpenedProject,
  resolve: ResolveAdaptor,
  library: ReadonlyMap<string, string>,
): Promise<{ drafts: Draft[]; missing: string[] }> {
  const drafts: Draft[] = [];
  const missing = new Map<string, Marked[]>();
  const problems: SpecProblem[] = [];
  const jobIds = jobIdsOf(parsed.spec, randomUUID);
  for (const [key, workflow] of Object.entries(parsed.spec.workflows)) {
    stopIfHungUp();
    const draft = toDraftGraph(workflow, randomUUID, { key, jobIds });
    const marked = new Set<string>();
    const input = checked(parsed, key, draft, library);
    if ("problems" in input) {
      problems.push(...input.problems);
      continue;
    }
    const pinned = await pinAdaptors(input, resolve, new Map(), (job, refusal) => {
      marked.add(job.id);
      const at = pathOf(parsed.spec, key, draft, "jobs", job.id);
      const mark = { name: job.name, line: parsed.lineOf(at), file: parsed.fileOf(at), refusal };
      missing.set(job.adaptor, [...(missing.get(job.adaptor) ?? []), mark]);
    });
    const graph = { ...pinned, jobs: pinned.jobs.map((job) => (marked.has(job.id) ? alone(job) : job)) };
    problems.push(...validateGraph(graph).map((problem) => placed(parsed, key, draft, problem)));
    const keysOf = (field: "credential" | "keychain") =>
      new Map(draft.jobs.flatMap((job): [string, string][] => (job[field] ? [[job.id, job[field]]] : [])));
    drafts.push({
      id: randomUUID(),
      graph,
      credentialOf: keysOf("credential"),
      keychainOf: keysOf("keychain"),
    });
  }
  if (problems.length > 0) throw invalid(firstOf(problems), { problems: problems.slice(0, maxProblems) });
  return { drafts, missing: [...missing.values()].flatMap(markedLine) };
}

type Marked = { name: string; line: number | null; file: string | null; refusal: Refusal };

function markedLine([first, ...others]: Marked[]): string[] {
  if (!first) return [];
  const { name, line, file, refusal } = first;
  const where = file === null ? `Line ${line}: ` : `${file}, line ${line}: `;
  const place = line === null ? "" : where;
  const who = others.length === 0 ? `The job "${name}"` : `The job "${name}" and ${others.length} more`;
  return [
    `${place}${refusal.message} ${who} cannot run until you choose another adaptor on the workflow's page.`,
  ];
}

/** A version of a library entry has an adaptor that can be had. */
const alone = (job: JobNode): JobNode => ({ ...job, libraryJobId: null, libraryVersion: null });

/** What a save of the workflow would take, or what it would not. */
function checked(
  opened: OpenedProject,
  key: string,
  draft: DraftGraph,
  library: ReadonlyMap<string, string>,
): WorkflowInput | { problems: SpecProblem[] } {
  const jobs = draft.jobs.map(({ credential, keychain, libraryEntry, ...job }) => ({
    ...job,
    libraryJobId: library.get(libraryEntry ?? "") ?? null,
  }));
  const result = workflowInput.safeParse({ ...draft, jobs });
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path: [list, index, ...field], message }) => {
    const items = isList(list) ? Object.keys(opened.spec.workflows[key]?.[list] ?? {}) : [];
    const item = items[Number(index)];
    const at = ["workflows", key, ...(item === undefined ? [] : [String(list), item])];
    const what = (item === undefined ? [list, index, ...field] : field).filter((one) => one !== undefined);
    return problemAt(opened, at, what.length === 0 ? message : `${what.join(".")}: ${message}`);
  });
  return { problems };
}

const isList = (word: unknown): word is "jobs" | "triggers" | "edges" =>
  word === "jobs" || word === "triggers" || word === "edges";

/** A draft's lists are in the order of the file's keys, so an item's place there is its key's. */
function placed(opened: OpenedProject, key: string, draft: DraftGraph, problem: GraphProblem): SpecProblem {
  const path =
    problem.item === "workflow"
      ? ["workflows", key]
      : pathOf(opened.spec, key, draft, `${problem.item}s`, problem.itemId ?? "");
  return problemAt(opened, path, problem.message);
}

function problemAt({ lineOf, fileOf }: OpenedProject, path: string[], message: string): SpecProblem {
  const file = fileOf(path);
  return { path: path.join("/"), message, line: lineOf(path), ...(file === null ? {} : { file }) };
}

function pathOf(
  spec: ProjectSpec,
  key: string,
  draft: DraftGraph,
  list: "jobs" | "triggers" | "edges",
  itemId: string,
): string[] {
  const index = draft[list].findIndex((item) => item.id === itemId);
  return ["workflows", key, list, Object.keys(spec.workflows[key]?.[list] ?? {})[index] ?? ""];
}

function firstOf(problems: SpecProblem[]): string {
  const [first, ...rest] = problems;
  if (!first) return "The project.yaml cannot be read.";
  if (first.path === "folder") return first.message;
  const place = first.line === null ? first.path : `line ${first.line} (${first.path})`;
  return `${first.file ?? pasted}, ${place}: ${first.message}${rest.length > 0 ? ` And ${rest.length} more.` : ""}`;
}

/** Makes the spec's keychains, and puts the project into its environment. Returns their ids by their keys. */
async function writeKeychains(
  tx: Db,
  { id: projectId }: CreatedProject,
  { env, keychains }: ProjectSpec,
  links: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  if (env !== null) await tx.update(projects).set({ env }).where(eq(projects.id, projectId));
  const ids = new Map<string, string>();
  for (const [key, { name, path, defaultCredential }] of Object.entries(keychains)) {
    const defaultProjectCredentialId = links.get(defaultCredential ?? "") ?? null;
    const [row] = await tx
      .insert(keychainCredentials)
      .values({ projectId, name, path, defaultProjectCredentialId })
      .returning({ id: keychainCredentials.id });
    if (row) ids.set(key, row.id);
  }
  return ids;
}

/** Shares the caller's own credentials that the spec names. Returns the project's ids by the spec's keys. */
async function linkCredentials(tx: Db, ctx: UserContext, project: CreatedProject, spec: ProjectSpec) {
  const links = new Map<string, string>();
  const shared = new Map<string, string>();
  for (const { id, name } of await ownCredentials(tx, ctx, spec)) {
    const [row] = await tx
      .insert(projectCredentials)
      .values({ projectId: project.id, credentialId: id })
      .returning({ id: projectCredentials.id });
    if (row) shared.set(name, row.id);
  }
  const wanted = Object.entries(spec.credentials);
  for (const [key, { name }] of wanted) {
    const id = shared.get(name);
    if (id) links.set(key, id);
  }
  const missing = wanted.filter(([key]) => !links.has(key));
  if (missing.length > 0)
    await tx
      .update(projects)
      .set({ unresolvedCredentials: Object.fromEntries(missing) })
      .where(eq(projects.id, project.id));
  return links;
}

/** The caller's credentials that have the names of the spec's. */
async function ownCredentials(
  tx: Db,
  { actor }: UserContext,
  spec: ProjectSpec,
): Promise<{ id: string; name: string }[]> {
  const names = Object.values(spec.credentials).map(({ name }) => name);
  if (names.length === 0) return [];
  return tx
    .select({ id: credentials.id, name: credentials.name })
    .from(credentials)
    .where(and(eq(credentials.ownerId, actor.userId), inArray(credentials.name, names)));
}
