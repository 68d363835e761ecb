import { FileUp } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";

/** For somebody whose role lets them look only. */
export function NothingHere({ projectId }: { projectId: string }) {
  return (
    <EmptyState
      icon={<FileUp />}
      title="Owners and admins import files"
      action={
        <Button asChild variant="outline">
          <Link href={`/p/${projectId}/collaborators`}>Who they are</Link>
        </Button>
      }
    >
      One of them can do it for you.
    </EmptyState>
  );
}
