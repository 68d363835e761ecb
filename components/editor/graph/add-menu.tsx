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
import { stayElsewhere } from "@/components/ui/use-return-focus";
import { triggerName } from "@/components/workflows/edge-words";
import { TriggerIcon } from "@/components/workflows/trigger-icon";
import type { Source } from "@/lib/editor/graph";

/** What can be added after a node, or, with null, to the workflow. `children`: the button that opens it. */
export function AddMenu({ after, children }: { after: Source | null; children: ReactNode }) {
  const store = useEditorStore();
  const hasAdded = useRef(false);
  const adds = (add: () => void) => () => {
    hasAdded.current = true;
    add();
  };
  return (
    <DropdownMenu
      onOpenChange={(isOpen) => {
        if (isOpen) hasAdded.current = false;
      }}
    >
      <DropdownMenuTrigger asChild>{children}</DropdownMenuTrigger>
      <DropdownMenuContent
        align="start"
        collisionPadding={8}
        className="w-72"
        onCloseAutoFocus={(event) => {
          // The focus goes to what was added; from a dialog that opens it comes back to the button, however late that is there.
          if (hasAdded.current) event.preventDefault();
          else stayElsewhere(event);
        }}
      >
        <DropdownMenuItem onSelect={adds(() => actAddJob(store, after))}>
          <CornerDownRight aria-hidden />
          {after ? "A job after it" : "A job"}
        </DropdownMenuItem>
        {after?.kind === "job" ? (
          <DropdownMenuItem onSelect={adds(() => actAddJob(store, after, { condition: "on_job_failure" }))}>
            <LifeBuoy aria-hidden /> A job when it fails
          </DropdownMenuItem>
        ) : null}
        {after ? (
          <DropdownMenuItem onSelect={() => store.set({ asks: { kind: "connect", from: after } })}>
            <Link2 aria-hidden /> Connect it to a job…
          </DropdownMenuItem>
        ) : null}
        <DropdownMenuSeparator />
        <DropdownMenuLabel>Another trigger</DropdownMenuLabel>
        {triggerChoices.map(({ type, says }) => (
          <DropdownMenuItem
            key={type}
            className="items-start"
            onSelect={adds(() => actAddTrigger(store, type))}
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
