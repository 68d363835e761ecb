"use client";
import { Popover } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "./cn";
import { type Overlay, StandIn } from "./overlay";
import { stayElsewhere } from "./use-return-focus";

/** What a Popover opens. */
export function PopoverBox({
  overlay,
  className,
  sideOffset = 6,
  align = "start",
  ...props
}: ComponentProps<typeof Popover.Content> & { overlay: Overlay }) {
  return (
    <Popover.Root open={overlay.isOpen} onOpenChange={overlay.setOpen}>
      <Popover.Trigger asChild>
        <StandIn trigger={overlay.trigger} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          id={overlay.contentId}
          sideOffset={sideOffset}
          align={align}
          onCloseAutoFocus={stayElsewhere}
          className={cn("z-50 w-72 rounded-lg border bg-popover p-3 shadow-pop", className)}
          {...props}
        />
      </Popover.Portal>
    </Popover.Root>
  );
}
