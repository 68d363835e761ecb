"use client";
import { Check, CloudOff, LoaderCircle, TriangleAlert } from "lucide-react";
import type { Saving } from "@/components/editor/editor-store";
import { useEditor, useEditorStore } from "@/components/editor/store";
import { Button } from "@/components/ui/button";

/** What became of the last change, quietly. */
export function SavingWords() {
  const store = useEditorStore();
  const saving = useEditor((state) => state.saving);
  const version = useEditor(({ base }) => base.version);
  const isLoud = saving.state === "kept" || saving.state === "stuck";
  const retry = retryWords(saving);
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 text-xs">
      <span
        {...(isLoud ? { role: "status", "data-status": "failed" } : {})}
        className="inline-flex min-w-0 items-center gap-1.5 data-[status]:text-(--status) [&>svg]:size-3.5 [&>svg]:shrink-0"
      >
        <SavingIcon state={saving.state} />
        <span className="nums min-w-0 [overflow-wrap:anywhere]">{words(saving, version)}</span>
      </span>
      {retry ? (
        <Button variant="outline" size="sm" onClick={() => store.again()}>
          {retry}
        </Button>
      ) : null}
    </span>
  );
}

function SavingIcon({ state }: Pick<Saving, "state">) {
  if (state === "none") return null;
  if (state === "saved") return <Check aria-hidden />;
  if (state === "kept") return <CloudOff aria-hidden />;
  if (state === "stuck") return <TriangleAlert aria-hidden />;
  return <LoaderCircle aria-hidden />;
}

function words(saving: Saving, version: number): string {
  switch (saving.state) {
    case "none":
      return `As saved: version ${version}`;
    case "waiting":
    case "saving":
      return "Saving…";
    case "saved":
      return `Saved as your draft, from version ${version}`;
    case "kept":
      return saving.why === "signed_out"
        ? "Signed out: kept in this browser"
        : "Offline: kept in this browser";
    case "stuck":
      return `Not saved: ${saving.message}`;
    default:
      return saving satisfies never;
  }
}

const retryWords = (saving: Saving): string | null => {
  if (saving.state === "stuck") return "Try again";
  if (saving.state !== "kept") return null;
  return saving.why === "signed_out" ? "Sign in and save" : "Try again";
};
