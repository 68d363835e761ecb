import type { ReactNode } from "react";

/** A name and what it is, in a list of notes. */
export function Cell({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="caption">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}
