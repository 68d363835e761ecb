"use client";
import { useEditor } from "@/components/editor/store";
import type { DraftTrigger } from "@/lib/editor/graph";
import { stringifyExact } from "@/lib/exact-json";

/** A trigger as it is in the saved version that the draft is made from; undefined where it is new. */
export function useSaved(triggerId: string): { trigger: DraftTrigger | undefined; version: number } {
  const base = useEditor((state) => state.base);
  return { trigger: base.graph.triggers.find(({ id }) => id === triggerId), version: base.version };
}

/** Whether anything of the draft is not as in the saved version. */
export const useIsChanged = (): boolean =>
  useEditor(
    ({ base, history }) =>
      base.graph !== history.now && stringifyExact(base.graph) !== stringifyExact(history.now),
  );
