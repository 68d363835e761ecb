import type { ReactNode } from "react";
import { cn } from "@/components/ui/cn";

/** A name and what it is, in a list of notes. `isWide`: over a line of its own. */
export function Cell({
  name,
  isWide = false,
  children,
}: {
  name: string;
  isWide?: boolean;
  children: ReactNode;
}) {
  return (
    <div className={cn("min-w-0", isWide && "sm:col-span-2")}>
      <dt className="caption">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}
