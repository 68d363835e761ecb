"use client";
import { Button } from "@/components/ui/button";
import { Mark } from "./mark";

export type PageProblemProps = { error: Error & { digest?: string }; reset: () => void };

/** What stands where a page threw. */
export function PageProblem({ error, reset }: PageProblemProps) {
  return (
    <div className="mx-auto grid min-h-[60vh] max-w-md content-center gap-3">
      <Mark className="size-9" />
      <h1 className="mt-2 font-semibold text-2xl tracking-[-0.014em]">This page could not be loaded</h1>
      <p className="text-muted-foreground leading-relaxed">
        Nothing that was received is affected. Try again; if it keeps happening, give your administrator this
        reference and the time.
      </p>
      {error.digest ? <p className="nums font-mono text-xs">Reference {error.digest}</p> : null}
      <div className="mt-2 flex gap-2">
        <Button onClick={reset}>Try again</Button>
        <Button variant="outline" onClick={() => location.reload()}>
          Reload the page
        </Button>
      </div>
    </div>
  );
}
