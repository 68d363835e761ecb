import {
  addEdge,
  addJob,
  addTrigger,
  duplicateJob,
  type Edit,
  edgesTo,
  insertJob,
  remove,
  setJob,
} from "@/lib/editor/edits";
import { type DraftGraph, type Item, itemOf, type Source } from "@/lib/editor/graph";
import { newTimeOrderedId } from "@/lib/time-ordered-id";
import type { EdgeCondition, TriggerType } from "@/lib/words";
import type { JobChoice } from "./choices";
import type { EditorStore } from "./editor-store";
import { targetFields } from "./target-fields";

const both =
  (...edits: Edit[]): Edit =>
  (graph) =>
    edits.reduce((now, edit) => edit(now), graph);

/** Adds a trigger, which leads where the first one does, or to the job that nothing leads to yet. */
export function actAddTrigger(store: EditorStore, type: TriggerType): void {
  const id = newTimeOrderedId();
  const target = firstTarget(store.draft);
  const edge = target === null ? null : addEdge(newTimeOrderedId(), { kind: "trigger", id }, target);
  store.edit(both(addTrigger(id, type), ...(edge ? [edge] : [])));
  store.goTo({ itemId: id, field: "type" });
}

function firstTarget({ triggers, jobs, edges }: DraftGraph): string | null {
  const [first] = triggers;
  const led = first && edges.find(({ sourceTriggerId }) => sourceTriggerId === first.id);
  if (led) return led.targetJobId;
  const targets = new Set(edges.map(({ targetJobId }) => targetJobId));
  return jobs.find(({ id }) => !targets.has(id))?.id ?? null;
}

/** What a job begins with that is there for the failure of another. */
const afterFailure: Partial<JobChoice> = {
  body: `fn(state => {
  // It runs when the job before has failed. state.errors says what each job failed with.
  console.log(state.errors);
  return state;
});
`,
};

/** Adds a job after a node, and leads to its name. */
export function actAddJob(
  store: EditorStore,
  after: Source | null,
  { condition, choice }: { condition?: EdgeCondition; choice?: JobChoice } = {},
): void {
  const id = newTimeOrderedId();
  const add = addJob({ job: id, edge: newTimeOrderedId() }, after, condition);
  const { adaptor, body, name } = choice ?? (condition === "on_job_failure" ? afterFailure : {});
  const fields = { ...(adaptor ? { adaptor } : {}), ...(body ? { body } : {}), ...(name ? { name } : {}) };
  store.edit(both(add, setJob(id, fields)));
  store.goTo({ itemId: id, field: "name" });
}

/** Puts a job into an edge, and leads to its name. */
export function actInsertJob(store: EditorStore, edgeId: string): void {
  const id = newTimeOrderedId();
  store.edit(insertJob({ job: id, edge: newTimeOrderedId() }, edgeId));
  store.goTo({ itemId: id, field: "name" });
}

/** Draws an edge, and shows it; where there is one already, shows that. */
export function actConnect(
  store: EditorStore,
  from: Source,
  targetJobId: string,
  condition?: EdgeCondition,
): void {
  const there = store.draft.edges.find(
    (edge) => edge.targetJobId === targetJobId && (edge.sourceJobId ?? edge.sourceTriggerId) === from.id,
  );
  const id = there?.id ?? newTimeOrderedId();
  if (!there) store.edit(addEdge(id, from, targetJobId, condition));
  store.select({ kind: "edge", id });
}

export function actDuplicate(store: EditorStore, jobId: string): void {
  const id = newTimeOrderedId();
  const edgeIds = edgesTo(store.draft, jobId).map(() => newTimeOrderedId());
  store.edit(duplicateJob(jobId, id, edgeIds));
  store.goTo({ itemId: id, field: "name" });
}

/** Removes an item, and leads to what was before it. */
export function actRemove(store: EditorStore, item: Item): void {
  if (item.kind === "workflow") return;
  const before = precedingId(store.draft, item);
  store.edit(remove(item));
  const target = { itemId: before, field: targetFields.line, line: null };
  store.set({ selected: itemOf(store.draft, before), target });
}

function precedingId(draft: DraftGraph, item: Exclude<Item, { kind: "workflow" }>): string | null {
  if (item.kind === "trigger") return null;
  const edge =
    item.kind === "edge" ? draft.edges.find(({ id }) => id === item.id) : edgesTo(draft, item.id)[0];
  if (item.kind === "edge") return edge?.targetJobId ?? null;
  return edge?.sourceJobId ?? edge?.sourceTriggerId ?? null;
}
