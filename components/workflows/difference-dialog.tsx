"use client";
import { GitCompare } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { VersionDifference } from "./version-difference";

type Props = { projectId: string; workflowId: string; from: number };

/** What has changed in a workflow since a version. */
export function DifferenceDialog(props: Props) {
  return (
    <Dialog>
      <DialogTrigger asChild>
        <Button size="sm" variant="outline">
          <GitCompare aria-hidden /> What changed since
        </Button>
      </DialogTrigger>
      <DialogContent
        title={`What changed since version ${props.from}`}
        description="What the workflow does differently. Where its nodes stand in the picture does not count."
        className="w-[min(94vw,52rem)]"
      >
        <VersionDifference {...props} />
      </DialogContent>
    </Dialog>
  );
}
