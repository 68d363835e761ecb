import { Skeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <div role="status" className="grid gap-4">
      <span className="sr-only">Loading the workflow</span>
      <Skeleton className="h-9 w-56" />
      <Skeleton className="h-14" />
      <div className="grid gap-4 lg:grid-cols-[5fr_7fr]">
        <Skeleton className="h-96" />
        <Skeleton className="h-96" />
      </div>
    </div>
  );
}
