import { cn } from "@/components/ui/cn";

/** The id of a section, and what it is called. */
export type Jump = readonly [id: string, label: string];

type Props = { label: string; sections: readonly Jump[]; isAtSide?: boolean };

/** Jumps within a page of sections: a row above them or, where there is room, a list beside them. */
export function SectionNav({ label, sections, isAtSide }: Props) {
  return (
    <nav
      aria-label={label}
      className={cn(
        "mb-5 flex gap-1 overflow-x-auto border-b pb-px",
        isAtSide &&
          "lg:sticky lg:top-20 lg:mb-0 lg:max-h-[calc(100vh-6rem)] lg:flex-col lg:gap-0 lg:self-start lg:overflow-y-auto lg:border-b-0",
      )}
    >
      {sections.map(([id, name]) => (
        <a
          key={id}
          href={`#${id}`}
          className={cn(
            "whitespace-nowrap rounded-t-md px-2.5 py-2 font-medium text-[13px] text-muted-foreground hover:text-foreground focus-visible:-outline-offset-2",
            isAtSide && "lg:rounded-md lg:py-1.5 lg:hover:bg-muted",
          )}
        >
          {name}
        </a>
      ))}
    </nav>
  );
}
