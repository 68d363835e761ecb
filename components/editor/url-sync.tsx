"use client";
import { useQueryStates } from "nuqs";
import { useEffect, useEffectEvent } from "react";
import { itemOf } from "@/lib/editor/graph";
import { editParams } from "./params";
import { useEditor, useEditorStore } from "./store";

/** Keeps what is selected in the page's address, so that links, reloads and the back button lead to it. */
export function UrlSync() {
  const store = useEditorStore();
  const [{ node, line }, setParams] = useQueryStates(editParams, { history: "replace" });
  const selectedId = useEditor(({ selected }) => (selected.kind === "workflow" ? null : selected.id));
  const target = useEditor((state) => state.target);
  const fromAddress = useEffectEvent(() => {
    const item = itemOf(store.draft, node);
    if (item.kind === "workflow") return;
    if (line !== null) store.goTo({ itemId: item.id, field: "body", line });
    else if (item.id !== selectedId) store.select(item);
  });
  const toAddress = useEffectEvent(() => {
    if (selectedId !== node) void setParams({ node: selectedId, line: target?.line ?? null });
    else if (target?.line && target.line !== line) void setParams({ line: target.line });
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the address that changed.
  useEffect(() => fromAddress(), [node, line]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the selection that changed.
  useEffect(() => toAddress(), [selectedId, target]);
  return null;
}
