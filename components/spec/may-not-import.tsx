import { FileUp } from "lucide-react";
import { EmptyState } from "@/components/ui/empty-state";

/** For somebody whose role lets them look only. */
export function NothingHere() {
  return (
    <EmptyState icon={<FileUp />} title="Owners and admins import files">
      Ask one of them: Collaborators says who they are.
    </EmptyState>
  );
}
