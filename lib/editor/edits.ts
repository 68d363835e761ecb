import type { EdgeCondition, TriggerType } from "@/lib/words";
import {
  type DraftEdge,
  type DraftGraph,
  type DraftJob,
  type DraftTrigger,
  type Item,
  newEdge,
  newJob,
  newTrigger,
  type Source,
} from "./graph";

/** One change of a draft; pure, and the same object when nothing changes. Ids are made by whoever asks. */
export type Edit = (graph: DraftGraph) => DraftGraph;

type Settings = Partial<Pick<DraftGraph, "name" | "concurrency" | "orderKey" | "jobLogs">>;

export const setWorkflow =
  (settings: Settings): Edit =>
  (graph) => ({ ...graph, ...settings });

export const setJob =
  (id: string, fields: Partial<Omit<DraftJob, "id">>): Edit =>
  (graph) => ({ ...graph, jobs: patch(graph.jobs, id, fields) });

export const setTrigger =
  (id: string, fields: Partial<Omit<DraftTrigger, "id">>): Edit =>
  (graph) => ({ ...graph, triggers: patch(graph.triggers, id, fields) });

export const setEdge =
  (id: string, fields: Partial<Omit<DraftEdge, "id">>): Edit =>
  (graph) => ({ ...graph, edges: patch(graph.edges, id, fields) });

export const addTrigger =
  (id: string, type: TriggerType): Edit =>
  (graph) => ({ ...graph, triggers: [...graph.triggers, newTrigger(id, type)] });

/** Adds a job after a node, or one that nothing leads to yet. */
export const addJob =
  (ids: { job: string; edge: string }, after: Source | null, condition?: EdgeCondition): Edit =>
  (graph) => {
    const job = newJob(ids.job, freeName(graph, "New job"));
    const edge = after && newEdge(ids.edge, after, job.id, condition ?? usualCondition(after));
    return { ...graph, jobs: [...graph.jobs, job], edges: edge ? [...graph.edges, edge] : graph.edges };
  };

export const addEdge =
  (id: string, from: Source, targetJobId: string, condition?: EdgeCondition): Edit =>
  (graph) => ({
    ...graph,
    edges: [...graph.edges, newEdge(id, from, targetJobId, condition ?? usualCondition(from))],
  });

/** Removes a trigger, job or edge, with the edges that lead to it or leave it. */
export const remove =
  (item: Exclude<Item, { kind: "workflow" }>): Edit =>
  (graph) => ({
    ...graph,
    triggers: graph.triggers.filter(({ id }) => id !== item.id),
    jobs: graph.jobs.filter(({ id }) => id !== item.id),
    edges: graph.edges.filter(
      (edge) => ![edge.id, edge.sourceTriggerId, edge.sourceJobId, edge.targetJobId].includes(item.id),
    ),
  });

const usualCondition = (from: Source): EdgeCondition =>
  from.kind === "trigger" ? "always" : "on_job_success";

function patch<T extends { id: string }, Fields extends object>(items: T[], id: string, fields: Fields): T[] {
  return items.map((item) => (item.id === id ? { ...item, ...fields } : item));
}

/** `name`, or `name 2` and so on where a job is called so. */
export function freeName({ jobs }: Pick<DraftGraph, "jobs">, name: string): string {
  const taken = new Set(jobs.map((job) => job.name));
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name} ${n}`;
  return free;
}
