import { TriangleAlert } from "lucide-react";
import Link from "next/link";
import { useEffect, useRef } from "react";
import { Button } from "@/components/ui/button";
import { Card, CardContent, CardHeader } from "@/components/ui/card";
import type { ImportedProject } from "@/lib/domain/project/import";

/** What was imported otherwise than the file says. It takes the form's place until it has been read. */
export function ImportReport({ made: { project, warnings } }: { made: ImportedProject }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <Card>
      <CardHeader>
        <h2 ref={heading} tabIndex={-1} className="font-semibold text-[15px] outline-none">
          {project.name} was imported
        </h2>
        <p className="text-muted-foreground text-sm">
          {warnings.length === 1 ? "One thing is" : `${warnings.length} things are`} not as the file says:
        </p>
      </CardHeader>
      <CardContent className="grid gap-4">
        <ul aria-label="Report" className="grid gap-2.5">
          {warnings.map((warning) => (
            <li key={warning} className="flex gap-2 leading-relaxed">
              <TriangleAlert
                aria-hidden
                data-status="cancelled"
                className="mt-1 size-4 shrink-0 text-(--status)"
              />
              <span className="min-w-0 [overflow-wrap:anywhere]">{warning}</span>
            </li>
          ))}
        </ul>
        <Button asChild size="lg" className="justify-self-start">
          <Link href={`/p/${project.id}/workflows`}>Open the project</Link>
        </Button>
      </CardContent>
    </Card>
  );
}
