import type { WorkflowRow } from "@/lib/domain/workflow/list";
import type { ActedOn } from "./types";

type Known = Pick<WorkflowRow, "id" | "name" | "lockVersion" | "archivedAt" | "triggers">;

/** What the menu of a workflow is sent of it: no more than it shows. */
export const actedOn = ({ id, name, lockVersion, archivedAt, triggers }: Known): ActedOn => ({
  id,
  name,
  lockVersion,
  isArchived: archivedAt !== null,
  triggers: triggers.map(({ id, type, enabled, cronExpression }) => ({ id, type, enabled, cronExpression })),
});
