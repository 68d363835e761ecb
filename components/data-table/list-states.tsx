"use client";
import { FilterX, RefreshCw, ServerCrash } from "lucide-react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";

/** The list could not be read. */
export function ListProblem({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <EmptyState
      icon={<ServerCrash />}
      title="The list could not be read"
      action={
        <Button variant="outline" onClick={onRetry}>
          <RefreshCw aria-hidden /> Try again
        </Button>
      }
    >
      {message}
    </EmptyState>
  );
}

/** The filter leaves nothing. */
export function NothingMatches({ noun, onClear }: { noun: string; onClear: () => void }) {
  return (
    <EmptyState
      icon={<FilterX />}
      title={`No ${noun} matches`}
      action={
        <Button variant="outline" onClick={onClear}>
          Clear the filter
        </Button>
      }
    >
      Take something out of the filter, or widen the time.
    </EmptyState>
  );
}
