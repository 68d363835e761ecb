"use client";
import { cn } from "@/components/ui/cn";
import { itemName } from "./item-name";
import { useDraft, useEditor, useEditorStore } from "./store";

/** The draft as a list: the workflow, what starts it, then its jobs. */
export function EditorOutline() {
  const store = useEditorStore();
  const draft = useDraft();
  const selected = useEditor((state) => state.selected);
  const rows = [
    { kind: "workflow" as const, id: null },
    ...draft.triggers.map(({ id }) => ({ kind: "trigger" as const, id })),
    ...draft.jobs.map(({ id }) => ({ kind: "job" as const, id })),
  ];
  const selectedId = selected.kind === "workflow" ? null : selected.id;
  return (
    <ol className="grid gap-0.5 rounded-lg border bg-card p-2">
      {rows.map((row) => (
        <li key={row.id ?? "workflow"}>
          <button
            type="button"
            aria-pressed={row.id === selectedId}
            onClick={() => store.select(row.id === null ? { kind: "workflow" } : row)}
            className={cn(
              "w-full truncate rounded-md px-2 py-1.5 text-left hover:bg-muted aria-pressed:bg-accent-soft",
            )}
          >
            {itemName(draft, row.id)}
          </button>
        </li>
      ))}
    </ol>
  );
}
