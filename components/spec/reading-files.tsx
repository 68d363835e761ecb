import { Skeleton } from "@/components/ui/skeleton";

/** While files are looked at: adaptors are asked of the registry, which takes a moment. */
export const ReadingFiles = () => (
  <div role="status">
    <p className="mb-2 text-muted-foreground">Looking at the files…</p>
    <Skeleton className="h-24" />
  </div>
);
