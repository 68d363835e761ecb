import type { WorkflowVersion } from "@/lib/domain/workflow/versions";

const words = { app: "browser", cli: "CLI", import: "import", restore: "restored" } as const;

/** Where a version came from, in a word or two; null when nobody wrote that down. */
export function sourceWords({
  source,
  restoredFrom,
}: Pick<WorkflowVersion, "source" | "restoredFrom">): string | null {
  if (source === null) return null;
  return source === "restore" && restoredFrom !== null ? `restored from ${restoredFrom}` : words[source];
}
