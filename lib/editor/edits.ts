import type { EdgeCondition, TriggerType } from "@/lib/words";
import {
  type DraftEdge,
  type DraftGraph,
  type DraftJob,
  type DraftTrigger,
  type Item,
  itemOf,
  newEdge,
  newJob,
  newTrigger,
  type Source,
} from "./graph";
import { withPlace } from "./place";

/** One change of a draft; pure, and the same object when nothing changes. Ids are made by whoever asks. */
export type Edit = (graph: DraftGraph) => DraftGraph;

type Settings = Partial<Pick<DraftGraph, "name" | "concurrency" | "orderKey" | "jobLogs">>;

export const setWorkflow =
  (settings: Settings): Edit =>
  (graph) =>
    isChange(graph, settings) ? { ...graph, ...settings } : graph;

export const setJob =
  (id: string, fields: Partial<Omit<DraftJob, "id">>): Edit =>
  (graph) =>
    withList(graph, { jobs: patch(graph.jobs, id, fields) });

export const setTrigger =
  (id: string, fields: Partial<Omit<DraftTrigger, "id">>): Edit =>
  (graph) =>
    withList(graph, { triggers: patch(graph.triggers, id, fields) });

export const setEdge =
  (id: string, fields: Partial<Omit<DraftEdge, "id">>): Edit =>
  (graph) =>
    withList(graph, { edges: patch(graph.edges, id, fields) });

export const addTrigger =
  (id: string, type: TriggerType): Edit =>
  (graph) =>
    withPlace({ ...graph, triggers: [...graph.triggers, newTrigger(id, type)] }, id, null);

/** Adds a job after a node, or one that nothing leads to yet. */
export const addJob =
  (ids: { job: string; edge: string }, after: Source | null, condition?: EdgeCondition): Edit =>
  (graph) => {
    const job = newJob(ids.job, freeName(graph, "New job"));
    const edge = after && newEdge(ids.edge, after, job.id, condition ?? usualCondition(after));
    const edges = edge ? [...graph.edges, edge] : graph.edges;
    return withPlace({ ...graph, jobs: [...graph.jobs, job], edges }, job.id, after?.id ?? null);
  };

export const addEdge =
  (id: string, from: Source, targetJobId: string, condition?: EdgeCondition): Edit =>
  (graph) => ({
    ...graph,
    edges: [...graph.edges, newEdge(id, from, targetJobId, condition ?? usualCondition(from))],
  });

/** Chooses when an edge is followed; an expression is kept only where it is asked. */
export const setCondition = (id: string, conditionType: EdgeCondition): Edit =>
  conditionType === "js_expression"
    ? setEdge(id, { conditionType })
    : setEdge(id, { conditionType, conditionExpression: null });

/** Puts a job into an edge: it comes after the edge's source, and what the edge led to comes after it. */
export const insertJob =
  (ids: { job: string; edge: string }, edgeId: string): Edit =>
  (graph) => {
    const edge = graph.edges.find(({ id }) => id === edgeId);
    if (!edge) return graph;
    const job = newJob(ids.job, freeName(graph, "New job"));
    const onwards = newEdge(ids.edge, { kind: "job", id: job.id }, edge.targetJobId, "on_job_success");
    const edges = graph.edges.flatMap((one) =>
      one === edge ? [{ ...edge, targetJobId: job.id }, onwards] : [one],
    );
    return withPlace(
      { ...graph, jobs: [...graph.jobs, job], edges },
      job.id,
      edge.sourceJobId ?? edge.sourceTriggerId,
    );
  };

/** A second job like one, after the same nodes on the same conditions. `edgeIds`: one for each edge that leads to it. */
export const duplicateJob =
  (jobId: string, copyId: string, edgeIds: readonly string[]): Edit =>
  (graph) => {
    const job = graph.jobs.find(({ id }) => id === jobId);
    if (!job) return graph;
    const copies = edgesTo(graph, jobId).flatMap((edge, index) => {
      const id = edgeIds[index];
      return id === undefined ? [] : [{ ...edge, id, targetJobId: copyId }];
    });
    const jobs = [...graph.jobs, { ...job, id: copyId, name: freeName(graph, `${job.name} copy`) }];
    return withPlace({ ...graph, jobs, edges: [...graph.edges, ...copies] }, copyId, jobId);
  };

export const edgesTo = ({ edges }: Pick<DraftGraph, "edges">, jobId: string): DraftEdge[] =>
  edges.filter(({ targetJobId }) => targetJobId === jobId);

/** Removes a trigger, job or edge, with the edges that lead to it or leave it, and what else names it. */
export const remove =
  (item: Exclude<Item, { kind: "workflow" }>): Edit =>
  (graph) => {
    if (itemOf(graph, item.id).kind === "workflow") return graph;
    const left = {
      triggers: graph.triggers
        .filter(({ id }) => id !== item.id)
        .map((trigger) =>
          trigger.cronCursorJobId === item.id ? { ...trigger, cronCursorJobId: null } : trigger,
        ),
      jobs: graph.jobs.filter(({ id }) => id !== item.id),
      edges: graph.edges.filter(
        (edge) => ![edge.id, edge.sourceTriggerId, edge.sourceJobId, edge.targetJobId].includes(item.id),
      ),
    };
    const places = Object.entries(graph.positions ?? {}).filter(([id]) => id !== item.id);
    return { ...graph, ...left, positions: graph.positions && Object.fromEntries(places) };
  };

const usualCondition = (from: Source): EdgeCondition =>
  from.kind === "trigger" ? "always" : "on_job_success";

function withList(
  graph: DraftGraph,
  lists: Partial<Pick<DraftGraph, "jobs" | "triggers" | "edges">>,
): DraftGraph {
  return isChange(graph, lists) ? { ...graph, ...lists } : graph;
}

/** The same list when nothing in it changes. */
function patch<T extends { id: string }, Fields extends object>(items: T[], id: string, fields: Fields): T[] {
  const item = items.find((one) => one.id === id);
  if (!item || !isChange(item, fields)) return items;
  return items.map((one) => (one === item ? { ...one, ...fields } : one));
}

const isChange = <Fields extends object>(item: object, fields: Fields): boolean =>
  Object.entries(fields).some(([field, value]) => !Object.is(Reflect.get(item, field), value));

/** Of `limits.itemName`, with room for a number; all limits with their words are too much for a page. */
const longestName = 190;

/** `name`, or `name 2` and so on where a job is called so. */
export function freeName({ jobs }: Pick<DraftGraph, "jobs">, wished: string): string {
  const taken = new Set(jobs.map((job) => job.name));
  const name = wished.slice(0, longestName);
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name} ${n}`;
  return free;
}
