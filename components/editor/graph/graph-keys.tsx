"use client";
import dynamic from "next/dynamic";
import { useShortcuts } from "@/components/data-table/use-shortcuts";
import { actAddJob, actDuplicate, actRemove } from "@/components/editor/acts";
import { useEditor, useEditorStore } from "@/components/editor/store";
import type { Source } from "@/lib/editor/graph";

const ConnectDialog = dynamic(() => import("./connect-dialog").then((module) => module.ConnectDialog), {
  ssr: false,
});
const ShortcutHelp = dynamic(
  () => import("@/components/data-table/shortcut-help").then((module) => module.ShortcutHelp),
  { ssr: false },
);

const shortcuts = [
  { keys: ["↑", "↓"], does: "Previous and next line of the outline" },
  { keys: ["Enter"], does: "Show the line's details" },
  { keys: ["a"], does: "Add a job after what is selected" },
  { keys: ["f"], does: "Add a job for when it fails" },
  { keys: ["c"], does: "Connect it to a job" },
  { keys: ["d"], does: "Duplicate the job" },
  { keys: ["Delete"], does: "Delete what is selected" },
  { keys: ["Ctrl", "Z"], does: "Undo; with Shift, redo" },
  { keys: ["Ctrl", "S"], does: "Save the draft at once; it saves itself soon after each change" },
  { keys: ["Ctrl", "Enter"], does: "Test what is selected" },
  { keys: ["?"], does: "Show this list" },
];

/** What keys do with what is selected, and the dialogs that they and the menus open. */
export function GraphKeys() {
  const store = useEditorStore();
  const asks = useEditor((state) => state.asks);
  const source = (): Source | null => {
    const { selected } = store.state;
    return selected.kind === "job" || selected.kind === "trigger"
      ? { kind: selected.kind, id: selected.id }
      : null;
  };
  /** Not while the focus is on its way to a field, where the keys are meant to go. */
  const now = (act: () => void) => () => {
    if (!store.state.target) act();
  };
  const onSource = (act: (from: Source) => void) =>
    now(() => {
      const from = source();
      if (from) act(from);
    });
  const remove = now(() => actRemove(store, store.state.selected));
  useShortcuts({
    a: now(() => actAddJob(store, source())),
    f: onSource((from) => {
      if (from.kind === "job") actAddJob(store, from, { condition: "on_job_failure" });
    }),
    c: onSource((from) => store.set({ asks: { kind: "connect", from } })),
    d: onSource((from) => {
      if (from.kind === "job") actDuplicate(store, from.id);
    }),
    Delete: remove,
    Backspace: remove,
    "?": now(() => store.set({ asks: { kind: "keys" } })),
  });
  if (asks?.kind === "connect") return <ConnectDialog from={asks.from} />;
  if (asks?.kind !== "keys") return null;
  return (
    <ShortcutHelp
      open
      onOpenChange={(isOpen) => store.set({ asks: isOpen ? asks : null })}
      {...{ shortcuts }}
    />
  );
}
