"use client";
import { Popover as Radix } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "./cn";
import { stayElsewhere } from "./use-return-focus";

export const Popover = Radix.Root;
export const PopoverTrigger = Radix.Trigger;
export const PopoverClose = Radix.Close;

export function PopoverContent({
  className,
  sideOffset = 6,
  align = "start",
  ...props
}: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content
        sideOffset={sideOffset}
        align={align}
        onCloseAutoFocus={stayElsewhere}
        className={cn("z-50 w-72 rounded-lg border bg-popover p-3 shadow-pop", className)}
        {...props}
      />
    </Radix.Portal>
  );
}
