import type { DraftGraph, Item } from "@/lib/editor/graph";

/** How much of the draft is tried: one job, it and what follows it, or all from a trigger. */
export const scopes = ["job", "onward", "workflow"] as const;
export type Scope = (typeof scopes)[number];

export const scopeWords: Record<Scope, string> = {
  job: "Test this job",
  onward: "Test from here",
  workflow: "Test the workflow",
};

export type Start = { triggerId: string } | { jobId: string; alone?: boolean };

/** Where a test may begin now: the selected job, and one of the triggers. */
export type Place = { jobId: string | null; triggerId: string | null };

/** Where a test starts; null: it cannot, see `whyNot`. */
export function startOf(scope: Scope, { jobId, triggerId }: Place): Start | null {
  if (scope === "workflow") return triggerId === null ? null : { triggerId };
  if (jobId === null) return null;
  return scope === "job" ? { jobId, alone: true } : { jobId };
}

/** Why a test cannot start; null: it can. */
export function whyNot(scope: Scope, place: Place): string | null {
  if (startOf(scope, place)) return null;
  return scope === "workflow"
    ? "This draft has no trigger. Add one, or select a job and test from there."
    : "Select a job first.";
}

type Choosing = {
  graph: Pick<DraftGraph, "triggers">;
  /** What the panels show. */
  selected: Item;
  /** Triggers that take the chosen message. */
  takers: readonly string[];
  /** What a person has chosen. */
  chosen: string | null;
};

/** The trigger that a whole test begins at: the chosen one, the selected one, one that takes the message, the first. */
export function triggerFor({ graph: { triggers }, selected, takers, chosen }: Choosing): string | null {
  const wanted = [chosen, selected.kind === "trigger" ? selected.id : null, ...takers];
  return wanted.find((id) => triggers.some((one) => one.id === id)) ?? triggers[0]?.id ?? null;
}

/** What is tried when nothing else is said: Ctrl+Enter. */
export const usualScope = (jobId: string | null): Scope => (jobId === null ? "workflow" : "job");

/** Ids of the jobs that a test may reach. */
export function reachable(graph: Pick<DraftGraph, "edges">, start: Start): ReadonlySet<string> {
  const isAlone = "jobId" in start && start.alone === true;
  const first = "jobId" in start ? [start.jobId] : followers(graph, start.triggerId);
  const found = new Set(first);
  if (isAlone) return found;
  for (const id of found) for (const next of followers(graph, id)) found.add(next);
  return found;
}

const followers = ({ edges }: Pick<DraftGraph, "edges">, id: string): string[] =>
  edges
    .filter((edge) => edge.enabled && (edge.sourceJobId === id || edge.sourceTriggerId === id))
    .map(({ targetJobId }) => targetJobId);
