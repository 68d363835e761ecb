import { cn } from "@/components/ui/cn";
import type { Machine } from "@/lib/workflow/states";
import { chipSize, layoutStates } from "./layout-states";
import { type Look, StateChip } from "./state-chip";

type Box = { x: number; y: number; width: number; height: number };

const place = ({ x, y, width, height }: Box) => ({ left: x - width / 2, top: y - height / 2, width, height });

export type StateDrawingProps<S extends string> = {
  machine: Machine<S>;
  /** What it is a drawing of, e.g. "a run". */
  of: string;
  look: (state: S) => Look;
};

/** A machine drawn from its table. The tables below it say the same in words. */
export function StateDrawing<S extends string>({ machine, of, look }: StateDrawingProps<S>) {
  const { width, height, groups, causes, dots, lines } = layoutStates(machine);
  const arrow = `arrow-${of.replaceAll(" ", "-")}`;
  return (
    <section
      aria-label={`States of ${of}, drawn`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: wider than a phone, so it must be reachable to be scrolled
      tabIndex={0}
      className="overflow-x-auto rounded-lg border bg-card p-4"
    >
      <div
        role="img"
        aria-label={`The ways between the states of ${of}, as listed below`}
        className="relative mx-auto"
        style={{ width, height }}
      >
        <svg
          viewBox={`0 0 ${width} ${height}`}
          aria-hidden
          className="absolute inset-0 fill-none stroke-input"
        >
          <defs>
            <marker
              id={arrow}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto-start-reverse"
            >
              <path d="M1 1 7 4 1 7Z" className="fill-input stroke-none" />
            </marker>
          </defs>
          {lines.map(({ path, hasArrow }) => (
            <path
              key={path}
              d={path}
              strokeWidth="1.25"
              markerEnd={hasArrow ? `url(#${arrow})` : undefined}
            />
          ))}
        </svg>
        {groups.map((group) => (
          <div
            key={group.states.join()}
            className={cn(
              "absolute flex flex-col items-center justify-center gap-1.5",
              group.states.length > 1 && "rounded-md border border-dashed bg-background",
            )}
            style={place(group)}
          >
            {group.states.map((state) => (
              <div key={state} className="flex" style={chipSize}>
                <StateChip look={look(state)} className="h-full w-full justify-center" />
              </div>
            ))}
          </div>
        ))}
        {causes.map((cause) => (
          <div
            key={cause.text}
            className="absolute grid place-items-center text-balance bg-card px-1 text-center text-2xs leading-[15px] text-muted-foreground"
            style={place(cause)}
          >
            {cause.text}
          </div>
        ))}
        {dots.map((dot) => (
          <div
            key={dot.kind}
            className={cn(
              "absolute rounded-full",
              dot.kind === "begin" ? "bg-foreground" : "border-2 border-input border-dashed",
            )}
            style={place(dot)}
          />
        ))}
      </div>
    </section>
  );
}
