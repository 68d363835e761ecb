"use client";
import { CornerDownRight, Ellipsis, Plus, Settings2, Spline, TriangleAlert } from "lucide-react";
import { memo } from "react";
import { cn } from "@/components/ui/cn";
import { TriggerIcon } from "@/components/workflows/trigger-icon";
import type { Item } from "@/lib/editor/graph";
import type { TriggerType } from "@/lib/words";
import { AddMenu } from "./add-menu";
import { ItemMenu } from "./item-menu";

export type LineProps = {
  kind: Item["kind"];
  id: string | null;
  name: string;
  detail: string | null;
  problem: string | null;
  triggerType: TriggerType | null;
  isSelected: boolean;
  onSelect: (id: string | null) => void;
};

const small =
  "flex size-7 shrink-0 items-center justify-center rounded-md text-muted-foreground hover:bg-muted hover:text-foreground data-[state=open]:bg-muted [&_svg]:size-4";

/** One line of the outline. The selected one alone is a stop of the tab key; the arrows lead to the others. */
export const OutlineLine = memo(function OutlineLine(props: LineProps) {
  const { kind, id, name, detail, problem, isSelected, onSelect } = props;
  const tabIndex = isSelected ? 0 : -1;
  const isEdge = kind === "edge";
  return (
    <li
      className={cn(
        "group flex items-start gap-0.5 rounded-md",
        isSelected && "bg-accent-soft",
        isEdge && "ml-6",
      )}
    >
      <button
        type="button"
        data-line={id ?? ""}
        aria-pressed={isSelected}
        tabIndex={tabIndex}
        onClick={() => onSelect(id)}
        className={cn(
          "flex min-w-0 flex-1 items-start gap-2 rounded-md px-2 text-left hover:bg-muted focus-visible:-outline-offset-2",
          isEdge ? "py-1 text-muted-foreground text-xs" : "py-1.5",
          isSelected && "hover:bg-transparent",
        )}
      >
        <LineIcon {...props} />
        <span className="grid min-w-0">
          <span className={cn("truncate", !isEdge && "font-medium")}>{name}</span>
          {detail ? <span className="truncate text-muted-foreground text-xs">{detail}</span> : null}
          {problem ? (
            <span data-status="failed" className="flex items-start gap-1 text-(--status) text-xs">
              <TriangleAlert aria-hidden className="mt-px size-3.5 shrink-0" />
              <span className="min-w-0 [overflow-wrap:anywhere]">{problem}</span>
            </span>
          ) : null}
        </span>
      </button>
      <span className={cn("flex shrink-0", isEdge ? "" : "pt-0.5")}>
        {isEdge ? null : (
          <AddMenu after={id !== null && (kind === "job" || kind === "trigger") ? { kind, id } : null}>
            <button
              type="button"
              tabIndex={tabIndex}
              aria-label={id ? `Add after ${name}` : "Add to the workflow"}
              className={small}
            >
              <Plus aria-hidden />
            </button>
          </AddMenu>
        )}
        {id !== null && kind !== "workflow" ? (
          <ItemMenu item={{ kind, id }}>
            <button
              type="button"
              tabIndex={tabIndex}
              aria-label={`What can be done with ${name}`}
              className={cn(
                small,
                !isSelected &&
                  "[@media(hover:hover)]:opacity-0 group-hover:opacity-100 group-focus-within:opacity-100 data-[state=open]:opacity-100",
              )}
            >
              <Ellipsis aria-hidden />
            </button>
          </ItemMenu>
        ) : (
          <span className="size-7" />
        )}
      </span>
    </li>
  );
});

function LineIcon({ kind, triggerType }: LineProps) {
  const classes = "mt-0.5 size-4 shrink-0 text-muted-foreground";
  if (triggerType) return <TriggerIcon type={triggerType} className={classes} />;
  if (kind === "workflow") return <Settings2 aria-hidden className={classes} />;
  if (kind === "edge")
    return <Spline aria-hidden className="mt-0.5 size-3.5 shrink-0 text-muted-foreground" />;
  return <CornerDownRight aria-hidden className={classes} />;
}
