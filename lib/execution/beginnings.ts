import { LruMap } from "@/lib/lru-map";
import { adaptorName } from "@/lib/workflow/adaptor-name";
import type { JobNode, WorkflowGraph } from "@/lib/workflow/types";
import { planNext, type WalkStart } from "@/lib/workflow/walk";
import type { StoredRun } from "./storage";

/** The first step of every run that this trigger of this version of a workflow starts. */
export type Beginning = {
  projectId: string;
  snapshotId: string;
  triggerId: string;
  jobId: string;
  jobName: string;
  adaptor: string;
};

type Walk = { graph: WorkflowGraph; start: WalkStart; startingEdges: string[] | null };

/** Each goes along with every claim. */
const most = 16;

/** How runs begin that were executed of late, where nothing is to be decided. One a process. */
export class Beginnings {
  readonly #known = new LruMap<string, Beginning>(most);

  all(): Beginning[] {
    return this.#known.values();
  }

  /** A run that was loaded and has not begun. */
  learn({ graph, start, startingEdges }: Walk, stored: StoredRun): void {
    const { projectId, snapshotId, startingTriggerId: triggerId, messageId, dataclipId } = stored;
    if (!("triggerId" in start) || !triggerId || startingEdges || !messageId || dataclipId) return;
    const key = `${snapshotId} ${triggerId}`;
    if (this.#known.get(key)) return;
    const { next } = planNext(graph, start, []);
    const job = graph.jobs.find(({ id }) => id === next?.jobId);
    if (!job || next?.ordinal !== 0 || next.fromOrdinal !== null) return;
    const first = { jobId: job.id, jobName: job.name, adaptor: pinned(job) };
    this.#known.set(key, { projectId, snapshotId, triggerId, ...first });
  }
}

/** `name@version`, as a step says what it runs with. */
export const pinned = ({ adaptor, adaptorVersion }: JobNode): string =>
  adaptorVersion === null ? adaptor : `${adaptorName(adaptor)}@${adaptorVersion}`;
