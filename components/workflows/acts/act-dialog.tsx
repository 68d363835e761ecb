"use client";
import type { ReactNode } from "react";
import { FormError } from "@/components/account/form-error";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { Waiting } from "./waiting";

type Props = {
  title: string;
  /** What happens. */
  children: ReactNode;
  submit: string;
  isDestructive?: boolean;
  isPending: boolean;
  error: Error | null;
  /** Something stops or starts: what has not ended is counted. */
  waiting?: { projectId: string; workflowId: string };
  onSubmit: () => void;
  close: () => void;
};

/** Asks before an act, and stays open with the reason when it is refused. */
export function ActDialog({
  title,
  children,
  submit,
  isDestructive,
  isPending,
  error,
  waiting,
  onSubmit,
  close,
}: Props) {
  return (
    <Dialog open onOpenChange={close}>
      <DialogContent title={title} className="w-[min(92vw,28rem)]">
        <div className="grid gap-3">
          <div className="grid gap-2 text-muted-foreground leading-relaxed">{children}</div>
          {waiting ? <Waiting {...waiting} /> : null}
          <FormError>{error?.message}</FormError>
          <DialogFooter className="mt-1">
            <DialogClose asChild>
              <Button variant="outline">Keep it as it is</Button>
            </DialogClose>
            <Button
              variant={isDestructive ? "destructive" : "primary"}
              onClick={onSubmit}
              disabled={isPending}
              autoFocus={!isDestructive}
            >
              {submit}
            </Button>
          </DialogFooter>
        </div>
      </DialogContent>
    </Dialog>
  );
}
