import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn";

type Props = {
  /** What a screen reader calls it. */
  label: string;
  icon: LucideIcon;
  /** Something is refused or goes for good. */
  isGrave?: boolean;
  /** What is so, in a sentence. */
  says: ReactNode;
  /** What that means. */
  children: ReactNode;
  /** The way out of it, for who may go it. */
  act?: ReactNode;
};

/** Above pages, for as long as something holds for all that they show. */
export function NoticeBar({ label, icon: Icon, isGrave = false, says, children, act }: Props) {
  return (
    <section
      aria-label={label}
      className={cn(
        "mb-4 flex flex-wrap items-center gap-3 rounded-lg border bg-card px-4 py-3",
        isGrave ? "border-destructive/50" : "border-input",
      )}
    >
      <Icon aria-hidden className={cn("size-5", isGrave ? "text-destructive" : "text-muted-foreground")} />
      <p className="min-w-0 flex-1 basis-60 leading-relaxed [overflow-wrap:anywhere]">
        <strong className="font-semibold">{says}</strong> {children}
      </p>
      {act}
    </section>
  );
}
