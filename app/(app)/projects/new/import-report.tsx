import Link from "next/link";
import { useEffect, useRef } from "react";
import { ReportList } from "@/components/spec/report-list";
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
        <ReportList lines={warnings} />
        <Button asChild size="lg" className="justify-self-start">
          <Link href={`/p/${project.id}/workflows`}>Open the project</Link>
        </Button>
      </CardContent>
    </Card>
  );
}
