import type { ReactNode } from "react";
import { Card, CardContent, CardDescription, CardHeader, CardTitle } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";

type Props = {
  id?: string;
  title: string;
  description?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
  /** Lists bring their own padding. */
  flush?: boolean;
  className?: string;
};

/** One block of a settings page: what it is, what one can do, what there is. */
export function Section({ id, title, description, action, children, flush, className }: Props) {
  return (
    <section id={id} aria-label={title} className="scroll-mt-24">
      <Card className={className}>
        <CardHeader className="flex flex-wrap items-start justify-between gap-3">
          <div className="grid min-w-0 flex-1 basis-64 gap-0.5">
            <CardTitle>{title}</CardTitle>
            {description ? <CardDescription>{description}</CardDescription> : null}
          </div>
          {action}
        </CardHeader>
        <CardContent className={cn(flush && "p-0")}>{children}</CardContent>
      </Card>
    </section>
  );
}

/** What a list shows while it is empty. */
export function Nothing({ children }: { children: ReactNode }) {
  return <p className="px-4 py-6 text-center text-muted-foreground leading-relaxed">{children}</p>;
}

/** A row of such a list: what it is on the left, what can be done on the right. */
export function Row({ children, actions }: { children: ReactNode; actions?: ReactNode }) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b px-4 py-3 last:border-b-0">
      <div className="grid min-w-0 flex-1 basis-56 grid-cols-1 gap-0.5">{children}</div>
      {actions ? <div className="flex flex-wrap items-center gap-1.5">{actions}</div> : null}
    </li>
  );
}

/** What a row is called, with its icon, which stays beside a name that goes over several lines; badges may follow. */
export function RowName({
  icon,
  name,
  children,
}: {
  icon: ReactNode;
  name: ReactNode;
  children?: ReactNode;
}) {
  return (
    <span className="flex flex-wrap items-center gap-2 font-medium">
      <span className="flex min-w-0 items-start gap-2 [&>svg]:mt-0.5 [&>svg]:size-4 [&>svg]:shrink-0">
        {icon}
        <span className="min-w-0 [overflow-wrap:anywhere]">{name}</span>
      </span>
      {children}
    </span>
  );
}
