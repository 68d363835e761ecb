"use client";
import { Copy, CornerDownRight, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { actDuplicate, actInsertJob, actRemove } from "@/components/editor/acts";
import { conditionsAfter } from "@/components/editor/choices";
import { useEditorStore } from "@/components/editor/store";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { setCondition } from "@/lib/editor/edits";
import type { DraftEdge, Item } from "@/lib/editor/graph";
import type { EdgeCondition } from "@/lib/words";

type Props = { item: Exclude<Item, { kind: "workflow" }>; children: ReactNode };

/** What can be done with a trigger, a job or an edge. `children`: the button that opens it. */
export function ItemMenu({ item, children }: Props) {
  const store = useEditorStore();
  const edge = item.kind === "edge" ? store.draft.edges.find(({ id }) => id === item.id) : undefined;
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>{children}</DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        {edge ? <EdgeItems edge={edge} /> : null}
        {item.kind === "job" ? (
          <DropdownMenuItem onSelect={() => actDuplicate(store, item.id)}>
            <Copy aria-hidden /> Duplicate
          </DropdownMenuItem>
        ) : null}
        <DropdownMenuItem destructive onSelect={() => actRemove(store, item)}>
          <Trash2 aria-hidden /> Delete
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

function EdgeItems({ edge }: { edge: DraftEdge }) {
  const store = useEditorStore();
  return (
    <>
      <DropdownMenuLabel>Followed</DropdownMenuLabel>
      <DropdownMenuRadioGroup
        value={edge.conditionType}
        onValueChange={(value) => {
          store.edit(setCondition(edge.id, value as EdgeCondition));
          if (value === "js_expression") store.goTo({ itemId: edge.id, field: "conditionExpression" });
        }}
      >
        {conditionsAfter(edge.sourceJobId === null ? "trigger" : "job").map(({ condition, label }) => (
          <DropdownMenuRadioItem key={condition} value={condition}>
            {label}
          </DropdownMenuRadioItem>
        ))}
      </DropdownMenuRadioGroup>
      <DropdownMenuSeparator />
      <DropdownMenuItem onSelect={() => actInsertJob(store, edge.id)}>
        <CornerDownRight aria-hidden /> Put a job here
      </DropdownMenuItem>
    </>
  );
}
