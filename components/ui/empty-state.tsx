import type { ReactNode } from "react";
import { cn } from "./cn";

export type EmptyStateProps = {
  icon?: ReactNode;
  title: string;
  /** What this place will hold and how the first one gets here. */
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
};

export function EmptyState({ icon, title, children, action, className }: EmptyStateProps) {
  return (
    <div
      className={cn(
        "grid justify-items-center gap-2 rounded-lg border border-input/50 border-dashed bg-card px-6 py-12 text-center",
        className,
      )}
    >
      {icon ? (
        <div aria-hidden className="mb-1 text-muted-foreground [&_svg]:size-7 [&_svg]:stroke-[1.4]">
          {icon}
        </div>
      ) : null}
      <h2 className="font-semibold text-base">{title}</h2>
      {children ? <div className="max-w-prose text-muted-foreground leading-relaxed">{children}</div> : null}
      {action ? <div className="mt-3 flex flex-wrap justify-center gap-2">{action}</div> : null}
    </div>
  );
}
