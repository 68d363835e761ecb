"use client";
import { Slot } from "radix-ui";
import { type ComponentProps, createContext, type MouseEvent } from "react";
import { askToLeave } from "@/components/unsaved/ask";
import { usePlace } from "@/components/unsaved/place";
import { type Overlay, useAround } from "./overlay";

export const DialogContext = createContext<Overlay | null>(null);

/** The dialog around. */
export const useDialog = () => useAround(DialogContext, "Dialog");

/** Closes the dialog; asks first when something that is typed in it would be lost. */
export function DialogClose({
  onClick,
  asChild,
  ...props
}: ComponentProps<"button"> & { asChild?: boolean }) {
  const { setOpen } = useDialog();
  const place = usePlace();
  const close = (event: MouseEvent<HTMLButtonElement>) => {
    onClick?.(event);
    if (event.defaultPrevented) return;
    if (!place.isUnsaved) return setOpen(false);
    askToLeave(() => {
      place.giveUp();
      setOpen(false);
    });
  };
  const Element = asChild ? Slot.Root : "button";
  return <Element type="button" {...props} onClick={close} />;
}
