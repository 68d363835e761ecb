"use client";
import { CornerDownRight, LifeBuoy, Link2 } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { actAddJob, actAddTrigger } from "@/components/editor/acts";
import { triggerChoices } from "@/components/editor/choices";
import { useEditorStore } from "@/components/editor/store";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { triggerName } from "@/components/workflows/edge-words";
import { TriggerIcon } from "@/components/workflows/trigger-icon";
import type { Source } from "@/lib/editor/graph";

/** What can be added after a node, or, with null, to the workflow. `children`: the button that opens it. */
export function AddMenu({ after, children }: { after: Source | null; children: ReactNode }) {
  const store = useEditorStore();
  const hasActed = useRef(false);
  const act = (does: () => void) => () => {
    hasActed.current = true;
    does();
  };
  return (
    <DropdownMenu
      onOpenChange={(isOpen) => {
        if (isOpen) hasActed.current = false;
      }}
    >
      <DropdownMenuTrigger asChild>{children}</DropdownMenuTrigger>
      <DropdownMenuContent
        align="start"
        collisionPadding={8}
        className="w-72"
        onCloseAutoFocus={(event) => {
          // The focus goes to what was added.
          if (hasActed.current) event.preventDefault();
        }}
      >
        <DropdownMenuItem onSelect={act(() => actAddJob(store, after))}>
          <CornerDownRight aria-hidden />
          {after ? "A job after it" : "A job"}
        </DropdownMenuItem>
        {after?.kind === "job" ? (
          <DropdownMenuItem onSelect={act(() => actAddJob(store, after, { condition: "on_job_failure" }))}>
            <LifeBuoy aria-hidden /> A job when it fails
          </DropdownMenuItem>
        ) : null}
        {after ? (
          <DropdownMenuItem onSelect={act(() => store.set({ asks: { kind: "connect", from: after } }))}>
            <Link2 aria-hidden /> Connect it to a job…
          </DropdownMenuItem>
        ) : null}
        <DropdownMenuSeparator />
        <DropdownMenuLabel>Another trigger</DropdownMenuLabel>
        {triggerChoices.map(({ type, says }) => (
          <DropdownMenuItem
            key={type}
            className="items-start"
            onSelect={act(() => actAddTrigger(store, type))}
          >
            <TriggerIcon type={type} className="mt-0.5" />
            <span className="grid">
              {triggerName(type)}
              <span className="text-muted-foreground text-xs">{says}</span>
            </span>
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
