"use client";
import { Rocket } from "lucide-react";
import dynamic from "next/dynamic";
import { useEffect, useEffectEvent, useState } from "react";
import { useEditor, useEditorStore } from "@/components/editor/store";
import { Button } from "@/components/ui/button";
import { useApi } from "@/components/use-api";

/** Loaded when somebody promotes: it shows differences of code. */
const PromoteDialog = dynamic(() => import("./promote-dialog").then((module) => module.PromoteDialog), {
  ssr: false,
});

/** Saves the draft as the next version; shown while there is one. What would change is shown first. */
export function PromoteButton() {
  const store = useEditorStore();
  const hasDraft = useEditor(
    ({ onServer, history }) => onServer.revision !== null || history.now !== onServer.graph,
  );
  const [isOpen, setOpen] = useState(false);
  // What is compared is what the server has.
  const open = useApi({ send: () => store.flush(), done: () => setOpen(true), isRefreshed: false });
  // Other places of the editor ask for it, too.
  const isAsked = useEditor(({ asks }) => asks?.kind === "promote");
  const answer = useEffectEvent(() => {
    store.set({ asks: null });
    if (!open.isPending) open.mutate(undefined);
  });
  useEffect(() => {
    if (isAsked) answer();
  }, [isAsked]);
  if (!hasDraft && !isOpen) return null;
  return (
    <>
      <Button onClick={() => open.isPending || open.mutate(undefined)}>
        <Rocket aria-hidden /> Save as a version…
      </Button>
      {isOpen ? <PromoteDialog close={() => setOpen(false)} /> : null}
    </>
  );
}
