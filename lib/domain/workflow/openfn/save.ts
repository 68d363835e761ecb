import { randomUUID } from "node:crypto";
import { and, eq, inArray } from "drizzle-orm";
import { type ZodError, z } from "zod";
import { projectCredentials } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import type { ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { type SaveWorkflowInput, saveWorkflowInput } from "@/lib/domain/workflow/schemas";
import { type OpenfnErrorBody, OpenfnRefusal } from "@/lib/openfn-refusal";
import { Refusal } from "@/lib/refusal";
import type { GraphProblem } from "@/lib/workflow/graph";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { findOpenfnWorkflow, getOpenfnWorkflow, type OpenfnWorkflow } from "./document";
import { flowProblem } from "./flow";
import { clientId, itemInput, itemsIn, type Kind, kinds, type Lists, openfnField, readItem } from "./input";

type Deps = { resolveAdaptor: ResolveAdaptor };
type Body = Record<string, unknown>;

/**
 * Makes a workflow from a body of OpenFn's API: ids of triggers and jobs are the client's own names, which are replaced.
 * Throws `OpenfnRefusal`, whose body says in OpenFn's words which item has which fault.
 */
export async function createOpenfnWorkflow(ctx: Context, body: Body, deps: Deps): Promise<OpenfnWorkflow> {
  requirePermission(ctx, "workflow.write");
  const saving = new Saving(ctx, body, null);
  saving.refuseOtherProject();
  const given = saving.lists({ triggers: [], jobs: [], edges: [] });
  saving.refuseSeveralEnabled(given.triggers);
  const ids = new Map<string, string>();
  for (const item of [...given.jobs, ...given.triggers]) ids.set(saving.idOf(item), randomUUID());
  const isKept = (id: string | undefined): id is string => z.uuid().safeParse(id).success;
  for (const item of given.edges) {
    const id = clientId(item) ?? "";
    ids.set(id || randomUUID(), isKept(id) ? id : randomUUID());
  }
  const lists = saving.read(given, (_, item) => {
    const id = clientId(item);
    return (id && ids.get(id)) || randomUUID();
  });
  saving.renamed(ids);
  for (const edge of lists.edges) rename(edge, ids);
  saving.refuseFlow(lists);
  await saving.refuseForeignCredentials(lists);
  const { id } = await saving.save({ name: nameIn(body), ...lists }, deps);
  return getOpenfnWorkflow([ctx], id);
}

/**
 * Changes a workflow by a body of OpenFn's API (its PUT and PATCH are one): what the body does not name stays, lists that it
 * names are whole. Throws as `createOpenfnWorkflow` does; 404 and 409 look alike.
 */
export async function updateOpenfnWorkflow(
  ctx: Context,
  { id, body }: { id: string; body: Body },
  deps: Deps,
): Promise<OpenfnWorkflow> {
  requirePermission(ctx, "workflow.write");
  const saving = new Saving(ctx, body, id);
  if (!z.uuid().safeParse(id).success)
    saving.refuse("workflow", [`Id ${id.slice(0, 100)} should be a UUID.`]);
  saving.refuseOtherProject();
  if ("id" in body && String(body.id).toLowerCase() !== id.toLowerCase())
    saving.refuse("id", ["Workflow ID doesn't match with the one on the path."]);
  const found = await findOpenfnWorkflow([ctx], id);
  if (!found) throw new OpenfnRefusal("not_found", { id, errors: ["Not Found"] });
  const { document, graph } = found;
  if (typeof body.lock_version === "number" && body.lock_version !== document.lock_version)
    throw saving.beingEdited(document.name);
  const known = { triggers: graph.triggers, jobs: graph.jobs, edges: graph.edges };
  const given = saving.lists({});
  for (const { id: itemId } of given.triggers ? graph.triggers : [])
    if (!given.triggers?.some((item) => clientId(item)?.toLowerCase() === itemId))
      saving.refuse("triggers", ["A trigger cannot be replaced, only edited or added."]);
  if (given.triggers) saving.refuseSeveralEnabled(given.triggers);
  for (const item of [...(given.jobs ?? []), ...(given.triggers ?? [])]) {
    const itemId = saving.idOf(item);
    if (!z.uuid().safeParse(itemId).success)
      saving.refuse("workflow", [`Id ${itemId.slice(0, 100)} should be a UUID.`]);
  }
  const lists = saving.merged(given, known);
  if (given.edges || given.triggers) saving.refuseFlow(lists);
  await saving.refuseForeignCredentials(lists);
  const { name, concurrency, positions, orderKey, jobLogs } = graph;
  const input = {
    ...{ id, lockVersion: document.lock_version, name, concurrency, positions, orderKey, jobLogs },
    ...("name" in body ? { name: nameIn(body) } : {}),
    ...("concurrency" in body ? { concurrency: body.concurrency } : {}),
    ...("enable_job_logs" in body ? { jobLogs: body.enable_job_logs } : {}),
    ...("positions" in body ? { positions: body.positions } : {}),
    ...lists,
  };
  await saving.save(input, deps, document.name);
  return getOpenfnWorkflow([ctx], id);
}

const nameIn = ({ name }: Body): unknown => name;

type Loose = Record<Kind, Record<string, unknown>[]>;
type Given = Partial<Loose>;
type Nodes = Pick<WorkflowGraph, Kind>;

const words = { triggers: "Trigger", jobs: "Job", edges: "Edge" } as const satisfies Record<Kind, string>;

function rename(edge: Record<string, unknown>, ids: ReadonlyMap<string, string>): void {
  for (const key of ["sourceTriggerId", "sourceJobId", "targetJobId"])
    if (typeof edge[key] === "string") edge[key] = ids.get(edge[key]) ?? edge[key];
}

/** One save: what is wrong is told with the ids that the client used. */
class Saving {
  #clientIds = new Map<string, string>();

  constructor(
    readonly ctx: Context,
    readonly body: Body,
    /** The workflow's, where it is known. */
    readonly id: string | null,
  ) {}

  refuse(field: string, sentences: string[]): never {
    throw new OpenfnRefusal("invalid", {
      id: this.id,
      errors: { [field]: sentences },
    } satisfies OpenfnErrorBody);
  }

  beingEdited(name: string): OpenfnRefusal {
    const sentence = `Cannot save a workflow (${name}) while it is being edited on the App UI`;
    return new OpenfnRefusal("conflict", { id: this.id, errors: { workflow: [sentence] } });
  }

  refuseOtherProject(): void {
    const { project_id: projectId } = this.body;
    if (projectId !== undefined && String(projectId).toLowerCase() !== this.ctx.project.id)
      this.refuse("project_id", ["The project_id of the body does not match the one the path."]);
  }

  /** The body's lists; a list that it lacks is `missing`'s. */
  lists<T extends Given>(missing: T): Given & T {
    const given: Given = { ...missing };
    for (const kind of kinds) {
      const items = itemsIn(this.body, kind);
      if (items === null) this.refuse(kind, ["is invalid"]);
      if (items) given[kind] = items;
    }
    return given as Given & T;
  }

  refuseSeveralEnabled(triggers: readonly Body[]): void {
    if (triggers.filter(({ enabled }) => enabled === true).length > 1)
      this.refuse("triggers", ["A workflow can have only one trigger enabled at a time."]);
  }

  idOf(item: Body): string {
    return clientId(item) ?? this.refuse("workflow", ["All jobs and triggers should have an id (UUID)."]);
  }

  /** Items by our names. Refuses values that are none, of triggers first, then of jobs, then of edges. */
  read(given: Loose, idFor: (kind: Kind, item: Body) => string, known?: Nodes): Loose {
    const lists: Loose = { triggers: [], jobs: [], edges: [] };
    for (const kind of kinds) {
      const wrong: string[] = [];
      for (const item of given[kind]) {
        const { values, invalid } = readItem(kind, item);
        const id = idFor(kind, item);
        if (invalid.length > 0)
          wrong.push(
            this.#sentence(
              kind,
              clientId(item) ?? id,
              invalid.map((name) => `${name}: is invalid`),
            ),
          );
        lists[kind].push(
          itemInput(
            kind,
            id,
            values,
            known?.[kind].find((node) => node.id === id.toLowerCase()),
          ),
        );
      }
      if (wrong.length > 0) this.refuse(kind, wrong);
    }
    return lists;
  }

  /** What is sent over what is there; edges of jobs that go, go too. */
  merged(given: Given, known: Nodes): Loose {
    const sent: Loose = { triggers: given.triggers ?? [], jobs: given.jobs ?? [], edges: given.edges ?? [] };
    const lists = this.read(sent, (_, item) => clientId(item)?.toLowerCase() ?? randomUUID(), known);
    const whole = (kind: Kind) =>
      given[kind] ? lists[kind] : known[kind].map((node) => itemInput(kind, node.id, {}, node));
    const [triggers, jobs] = [whole("triggers"), whole("jobs")];
    const there = new Set([...triggers, ...jobs].map(({ id }) => id));
    const leads = ({ sourceTriggerId, sourceJobId, targetJobId }: Body) =>
      [sourceTriggerId, sourceJobId, targetJobId].every((end) => end === null || there.has(end));
    return { triggers, jobs, edges: given.edges ? lists.edges : whole("edges").filter(leads) };
  }

  /** Which id of ours stands for which of the client's. */
  renamed(ids: ReadonlyMap<string, string>): void {
    for (const [client, ours] of ids) this.#clientIds.set(ours, client);
  }

  refuseFlow(lists: Loose): void {
    const problem = flowProblem(lists, (id) => this.#clientIds.get(id) ?? id);
    if (problem) this.refuse("edges", [problem]);
  }

  async refuseForeignCredentials({ jobs }: Loose): Promise<void> {
    const wanted = jobs.flatMap(({ projectCredentialId }) => projectCredentialId ?? []) as string[];
    if (wanted.length === 0) return;
    const { db, project } = this.ctx;
    const found = await db
      .select({ id: projectCredentials.id })
      .from(projectCredentials)
      .where(and(eq(projectCredentials.projectId, project.id), inArray(projectCredentials.id, wanted)));
    const shared = new Set<unknown>(found.map(({ id }) => id));
    const wrong = jobs.filter(({ projectCredentialId: id }) => id && !shared.has(String(id).toLowerCase()));
    const sentence = "project_credential_id: credential doesn't exist or isn't available in this project";
    if (wrong.length > 0)
      this.refuse(
        "jobs",
        wrong.map(({ id }) => this.#sentence("jobs", String(id), [sentence])),
      );
  }

  async save(input: Record<string, unknown>, deps: Deps, name = ""): Promise<{ id: string }> {
    const { success, data, error } = saveWorkflowInput.safeParse(input);
    if (!success) throw this.#unfit(error, input);
    try {
      return await saveWorkflow(this.ctx, data as SaveWorkflowInput, deps);
    } catch (error) {
      throw error instanceof Refusal ? this.#refused(error, data, name) : error;
    }
  }

  /** What our own schema says against a value: of an item, or of the workflow. */
  #unfit({ issues }: ZodError, input: Record<string, unknown>): OpenfnRefusal {
    const errors: Record<string, string[]> = {};
    for (const { path, message } of issues) {
      const [first, index, field] = path;
      const kind = kinds.find((one) => one === first);
      const item = kind && typeof index === "number" ? (input[kind] as Body[])[index] : undefined;
      const key = kind ?? openfnField(String(first ?? "workflow"));
      const said =
        kind && item
          ? this.#sentence(kind, String(item.id), [`${openfnField(String(field))}: ${message}`])
          : message;
      errors[key] = [...(errors[key] ?? []), said];
    }
    return new OpenfnRefusal("invalid", { id: this.id, errors });
  }

  #refused(refusal: Refusal, lists: Pick<Lists, Kind>, name: string): Refusal {
    const { code, message, details = {} } = refusal;
    if (Array.isArray(details.problems)) return this.#unsound(details.problems);
    if (Array.isArray(details.ids)) return this.#taken(details.ids, lists);
    if (typeof details.lockVersion === "number") return this.beingEdited(name);
    if (code === "conflict")
      return new OpenfnRefusal("invalid", { id: this.id, errors: { name: [message] } });
    if (code === "invalid")
      return new OpenfnRefusal("invalid", { id: this.id, errors: { workflow: [message] } });
    return refusal;
  }

  #unsound(problems: GraphProblem[]): OpenfnRefusal {
    const errors: Record<string, string[]> = {};
    for (const { item, itemId, field, message } of problems) {
      const kind = item === "workflow" ? undefined : (`${item}s` as const);
      const key = kind ?? openfnField(field);
      const said =
        kind && itemId ? this.#sentence(kind, itemId, [`${openfnField(field)}: ${message}`]) : message;
      errors[key] = [...(errors[key] ?? []), said];
    }
    return new OpenfnRefusal("invalid", { id: this.id, errors });
  }

  #taken(ids: readonly unknown[], lists: Pick<Lists, Kind>): OpenfnRefusal {
    const errors: Record<string, string[]> = {};
    for (const kind of kinds) {
      const wrong = lists[kind].filter(({ id }) => ids.includes(id));
      if (wrong.length > 0)
        errors[kind] = wrong.map(({ id }) => this.#sentence(kind, id, ["id: This value should be unique."]));
    }
    return new OpenfnRefusal("invalid", { id: this.id, errors });
  }

  #sentence(kind: Kind, id: string, faults: string[]): string {
    return `${words[kind]} ${this.#clientIds.get(id) ?? id} has the errors: [${faults.join(", ")}]`;
  }
}
