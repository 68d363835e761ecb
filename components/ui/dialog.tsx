"use client";
import type { ComponentProps } from "react";
import { Button } from "./button";
import { cn } from "./cn";
import { DialogClose, DialogContext, useDialog } from "./dialog-close";
import type { DialogContentProps } from "./dialog-parts";
import { late, useLate } from "./late";
import { Awaited, ClickTrigger, OverlayRoot, type RootProps, type TriggerProps } from "./overlay";

export { DialogClose } from "./dialog-close";

export const dialogParts = late(() => import("./dialog-parts"));

export const Dialog = (props: RootProps) => <OverlayRoot {...props} around={DialogContext} />;

export const DialogTrigger = (props: TriggerProps) => (
  <ClickTrigger {...props} overlay={useDialog()} opens={dialogParts} popup="dialog" />
);

/** A modal with its title, description and close button; children follow below. */
export function DialogContent(props: DialogContentProps) {
  const overlay = useDialog();
  const giveUp = () => overlay.setOpen(false);
  const parts = useLate(dialogParts, overlay.isOpen, giveUp);
  if (parts) return <parts.DialogBox {...props} overlay={overlay} />;
  return overlay.isOpen ? <Awaited onGiveUp={giveUp} /> : null;
}

/** The row of buttons at the end of a dialog's form. */
export function DialogFooter({ className, ...props }: ComponentProps<"div">) {
  return <div className={cn("mt-5 flex flex-wrap justify-end gap-2", className)} {...props} />;
}

type ActionsProps = {
  /** What leaving it as it is says. */
  cancel?: string;
  submit: string;
  isDestructive?: boolean;
  disabled: boolean;
};

/** How a form in a dialog ends: close it, or send it. */
export function DialogActions({ cancel = "Cancel", submit, isDestructive, disabled }: ActionsProps) {
  return (
    <DialogFooter className="mt-1">
      <DialogClose asChild>
        <Button variant="outline">{cancel}</Button>
      </DialogClose>
      <Button type="submit" {...(isDestructive ? { variant: "destructive" } : {})} disabled={disabled}>
        {submit}
      </Button>
    </DialogFooter>
  );
}
