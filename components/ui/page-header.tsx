import type { ReactNode } from "react";
import { cn } from "./cn";

export type PageHeaderProps = {
  /** The page's one h1. */
  title: ReactNode;
  description?: ReactNode;
  /** Above the title: where this belongs, as a link. */
  parent?: ReactNode;
  actions?: ReactNode;
  className?: string;
};

export function PageHeader({ title, description, parent, actions, className }: PageHeaderProps) {
  return (
    <header className={cn("mb-4 flex flex-wrap items-end justify-between gap-x-6 gap-y-3", className)}>
      <div className="min-w-0">
        {parent ? (
          <div className="mb-0.5 text-muted-foreground text-xs [&_a:hover]:text-foreground [&_a:hover]:underline">
            {parent}
          </div>
        ) : null}
        <h1 className="truncate font-semibold text-[22px] leading-8 tracking-[-0.014em]">{title}</h1>
        {description ? <p className="mt-0.5 max-w-prose text-muted-foreground">{description}</p> : null}
      </div>
      {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
    </header>
  );
}
