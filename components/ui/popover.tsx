"use client";
import { Slot } from "radix-ui";
import { type ComponentProps, createContext } from "react";
import { late, useLate } from "./late";
import {
  after,
  ClickTrigger,
  type Overlay,
  OverlayRoot,
  type RootProps,
  type TriggerProps,
  useAround,
} from "./overlay";
import type * as Parts from "./popover-parts";

const popoverParts = late(() => import("./popover-parts"));

const PopoverContext = createContext<Overlay | null>(null);
const usePopover = () => useAround(PopoverContext, "Popover");

export const Popover = (props: RootProps) => <OverlayRoot {...props} around={PopoverContext} />;

export const PopoverTrigger = (props: TriggerProps) => (
  <ClickTrigger {...props} overlay={usePopover()} opens={popoverParts} popup="dialog" />
);

export function PopoverClose({ onClick, asChild, ...props }: TriggerProps) {
  const { setOpen } = usePopover();
  const Element = asChild ? Slot.Root : "button";
  return <Element type="button" {...props} onClick={after(onClick, () => setOpen(false))} />;
}

export function PopoverContent(props: Omit<ComponentProps<typeof Parts.PopoverBox>, "overlay">) {
  const overlay = usePopover();
  const parts = useLate(popoverParts, overlay.isOpen, () => overlay.setOpen(false));
  return parts ? <parts.PopoverBox {...props} overlay={overlay} /> : null;
}
