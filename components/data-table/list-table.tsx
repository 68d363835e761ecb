import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/components/ui/cn";

export type Column = { name: string; className?: string };

/** A list as a table; on a phone its rows are cards. `caption` is for screen readers. */
export function ListTable({
  caption,
  columns,
  children,
}: {
  caption: string;
  columns: Column[];
  children: ReactNode;
}) {
  return (
    <div className="overflow-hidden rounded-lg border bg-card">
      <table className="w-full table-fixed border-collapse text-left max-md:block">
        <caption className="sr-only">{caption}</caption>
        <thead className="max-md:sr-only">
          <tr className="caption h-8 border-b bg-muted/60 [&>th]:px-3 [&>th]:font-medium">
            {columns.map(({ name, className }) => (
              <th key={name} scope="col" className={className}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="max-md:block">{children}</tbody>
      </table>
    </div>
  );
}

/** A row that is opened by its one `RowLink`, wherever it is clicked. Its class names say how the card is laid out. */
export function ListRow({ isFresh, className, ...props }: ComponentProps<"tr"> & { isFresh: boolean }) {
  return (
    <tr
      className={cn(
        "group relative border-b last:border-b-0 hover:bg-muted/50 has-[a[data-row]:focus-visible]:bg-accent-soft max-md:grid max-md:items-center max-md:px-3 max-md:py-2.5 md:[&>td]:px-3 md:[&>td]:py-1.75",
        className,
        isFresh && "row-new",
      )}
      {...props}
    />
  );
}

/** The link that j, k and Enter find; it covers the row. */
export function RowLink({ className, ...props }: ComponentProps<typeof Link>) {
  return (
    <Link
      prefetch={false}
      data-row
      className={cn(
        "font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-ring focus-visible:after:-outline-offset-2",
        className,
      )}
      {...props}
    />
  );
}
