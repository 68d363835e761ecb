import type { DraftEdge, DraftGraph, DraftJob, DraftTrigger } from "@/lib/editor/graph";
import { newEdge, newJob, newTrigger, type Source } from "@/lib/editor/graph";
import type { EdgeCondition, TriggerType } from "@/lib/words";
import type { Json } from "@/lib/workflow/types";

/** What a template is filled with: ids of its own each time, and the adaptors that come with the installation. */
export type Kit = { newId: () => string; adaptors: { common: string; http: string } };

type Parts = Pick<DraftGraph, "triggers" | "jobs" | "edges">;

/** A workflow to begin with. Pure: it works without a network, and nothing of it is switched on. */
export type Template = {
  key: string;
  /** What the workflow is called unless its person says otherwise. */
  name: string;
  /** One sentence. */
  does: string;
  /** What to look at in it. */
  teaches: string;
  /** A message to try it with, as `state.data`; null where none starts it. */
  sample: Json | null;
  build: (kit: Kit) => Parts;
};

/** Collects the parts of a template's graph, in the order in which they run. */
export function drawing({ newId, adaptors }: Kit) {
  const parts = {
    triggers: [] as DraftTrigger[],
    jobs: [] as DraftJob[],
    edges: [] as DraftEdge[],
  };
  const add = {
    trigger(type: TriggerType, fields: Partial<DraftTrigger> = {}): Source {
      const id = newId();
      parts.triggers.push({ ...newTrigger(id, type), ...fields });
      return { kind: "trigger", id };
    },
    job(
      name: string,
      adaptor: keyof Kit["adaptors"],
      body: string,
      after: Source,
      condition: EdgeCondition = after.kind === "trigger" ? "always" : "on_job_success",
    ): Source {
      const id = newId();
      parts.jobs.push({ ...newJob(id, name), adaptor: adaptors[adaptor], body });
      parts.edges.push(newEdge(newId(), after, id, condition));
      return { kind: "job", id };
    },
  };
  return { parts, add };
}
