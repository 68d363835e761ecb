"use client";
import { Plus } from "lucide-react";
import dynamic from "next/dynamic";
import { useQueryState } from "nuqs";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import type { Adaptors } from "./new-workflow-form";
import { newWorkflowParam } from "./search-params";

// Templates are texts that whoever looks at the list does not need.
const NewWorkflowForm = dynamic(
  () => import("./new-workflow-form").then((module) => module.NewWorkflowForm),
  { ssr: false, loading: () => <Skeleton className="h-80" /> },
);

type Props = { projectId: string; adaptors: Adaptors };

/** Opens the form for a new workflow; so does `?new=1`, and `?new=<template>` with that one chosen. */
export function NewWorkflow({ projectId, adaptors }: Props) {
  const [asked, setAsked] = useQueryState("new", newWorkflowParam);
  return (
    <Dialog
      open={asked !== null}
      onOpenChange={(isOpen) => void setAsked(isOpen ? "1" : null, { history: isOpen ? "push" : "replace" })}
    >
      <DialogTrigger asChild>
        <Button>
          <Plus aria-hidden /> New workflow
        </Button>
      </DialogTrigger>
      <DialogContent
        title="New workflow"
        description="It is made with every trigger switched off, and opened for editing."
        className="w-[min(94vw,56rem)]"
      >
        <NewWorkflowForm projectId={projectId} adaptors={adaptors} chosen={asked} />
      </DialogContent>
    </Dialog>
  );
}
