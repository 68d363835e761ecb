"use client";
import { type KeyboardEvent, useCallback, useMemo, useRef } from "react";
import { itemNames } from "@/components/editor/item-name";
import { useDraft, useEditor, useEditorStore } from "@/components/editor/store";
import { targetFields } from "@/components/editor/target-fields";
import { edgeWords } from "@/components/workflows/edge-words";
import { type DraftGraph, itemOf } from "@/lib/editor/graph";
import { type OutlineRow, outlineRows } from "@/lib/editor/outline";
import type { EditorProblem } from "@/lib/editor/refused";
import { type LineProps, OutlineLine } from "./outline-line";

/** The draft as a list, in which everything can be done that the canvas does. */
export function EditorOutline() {
  const store = useEditorStore();
  const draft = useDraft();
  const problems = useEditor((state) => state.problems);
  const selectedId = useEditor(({ selected }) => (selected.kind === "workflow" ? null : selected.id));
  const list = useRef<HTMLOListElement>(null);
  const select = useCallback((id: string | null) => store.select(itemOf(store.draft, id)), [store]);
  const { triggers, jobs, edges } = draft;
  const rows = useMemo(() => outlineRows({ triggers, jobs, edges }), [triggers, jobs, edges]);
  const lineOf = useMemo(() => describer(draft, problems), [draft, problems]);
  const move = (event: KeyboardEvent<HTMLOListElement>) => {
    const lines = [...(list.current?.querySelectorAll<HTMLElement>("[data-line]") ?? [])];
    const here = event.target instanceof HTMLElement ? lines.indexOf(event.target) : -1;
    if (here === -1) return;
    if (event.key === "Enter") return enter(event);
    const next = lines[nextIndex(event.key, here, lines.length) ?? -1];
    if (!next) return;
    event.preventDefault();
    store.takeIn();
    store.set({ selected: itemOf(store.draft, next.dataset.line || null) });
    next.focus();
  };
  /** What is selected is shown beside; on a narrow screen it is shown instead. */
  const enter = (event: KeyboardEvent<HTMLOListElement>) => {
    event.preventDefault();
    store.goTo({ itemId: selectedId, field: targetFields.panel });
  };
  return (
    <section aria-labelledby="outline" className="rounded-lg border bg-card p-2">
      <h2 id="outline" className="caption px-2 pt-1 pb-1.5">
        Outline
      </h2>
      <ol ref={list} onKeyDown={move} className="grid grid-cols-1 gap-0.5">
        {rows.map((row) => (
          <OutlineLine
            key={row.id ?? "workflow"}
            {...row}
            {...lineOf(row)}
            isSelected={row.id === selectedId}
            onSelect={select}
          />
        ))}
      </ol>
    </section>
  );
}

function nextIndex(key: string, here: number, count: number): number | null {
  if (key === "ArrowDown") return Math.min(here + 1, count - 1);
  if (key === "ArrowUp") return Math.max(here - 1, 0);
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : null;
}

type Described = Pick<LineProps, "name" | "detail" | "problem" | "triggerType">;

/** What stands in each line; one walk over the draft for all of them. */
function describer(draft: DraftGraph, problems: readonly EditorProblem[]): (row: OutlineRow) => Described {
  const nameOf = itemNames(draft);
  const wrong = new Map<string | null, string>();
  for (const { itemId, message } of problems) if (!wrong.has(itemId)) wrong.set(itemId, message);
  const [triggers, jobs, edges] = [byId(draft.triggers), byId(draft.jobs), byId(draft.edges)];
  return ({ kind, id }) => {
    const problem = wrong.get(id) ?? null;
    const trigger = triggers.get(id);
    const edge = edges.get(id);
    if (edge) {
      const from = nameOf(edge.sourceJobId ?? edge.sourceTriggerId ?? "");
      return { name: `after ${from}, ${edgeWords(edge)}`, detail: null, problem, triggerType: null };
    }
    if (trigger) {
      const detail = trigger.enabled ? "switched on" : "switched off";
      return { name: nameOf(trigger.id), detail, problem, triggerType: trigger.type };
    }
    if (kind === "workflow")
      return { name: "The workflow as a whole", detail: null, problem, triggerType: null };
    const adaptor = jobs.get(id)?.adaptor.replace(/^@openfn\/language-/, "") ?? null;
    return { name: nameOf(id ?? ""), detail: adaptor, problem, triggerType: null };
  };
}

const byId = <T extends { id: string }>(items: readonly T[]): Map<string | null, T> =>
  new Map(items.map((item) => [item.id, item]));
