import type { WorkflowTrigger } from "@/lib/domain/workflow/list";

/** What the acts on a workflow need to know of it. */
export type ActedOn = {
  id: string;
  name: string;
  lockVersion: number;
  isArchived: boolean;
  triggers: Pick<WorkflowTrigger, "id" | "type" | "enabled" | "cronExpression">[];
};

/** An act of the menu. `triggerId`: of one of several triggers; without it, of the whole. */
export type Act =
  | { kind: "rename" | "duplicate" | "rollBack" | "archive" | "unarchive" | "delete" }
  | { kind: "switch"; on: boolean; triggerId?: string };

/** What every dialog of an act is given. */
export type ActProps = { projectId: string; workflow: ActedOn; close: () => void };
