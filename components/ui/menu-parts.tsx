"use client";
import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ComponentProps, FocusEvent } from "react";
import { cn } from "./cn";
import { type Overlay, StandIn } from "./overlay";
import { stayElsewhere } from "./use-return-focus";

export const { Group, RadioGroup } = DropdownMenu;

/** What a DropdownMenu opens. Beside the page, not above it: a modal menu hides all else from screen readers, and leaves it in the tab order. */
export function MenuBox({
  overlay,
  className,
  sideOffset = 6,
  ...props
}: ComponentProps<typeof DropdownMenu.Content> & { overlay: Overlay }) {
  /** Who opened it by a key begins with its first item. Radix has not seen that key when it was loaded for it. */
  const begin = (event: FocusEvent<HTMLElement>) => {
    if (event.target !== event.currentTarget || !overlay.byKey.current) return;
    overlay.byKey.current = false;
    event.currentTarget.querySelector<HTMLElement>("[role^=menuitem]:not([data-disabled])")?.focus();
  };
  return (
    <DropdownMenu.Root open={overlay.isOpen} onOpenChange={overlay.setOpen} modal={false}>
      <DropdownMenu.Trigger asChild>
        <StandIn trigger={overlay.trigger} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          id={overlay.contentId}
          aria-labelledby={overlay.triggerId}
          sideOffset={sideOffset}
          onFocus={begin}
          onCloseAutoFocus={stayElsewhere}
          className={cn(
            "z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-48 overflow-y-auto rounded-lg border bg-popover p-1 shadow-pop",
            className,
          )}
          {...props}
        />
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const item =
  "relative flex select-none items-center gap-2 rounded-md px-2 py-1.5 text-sm outline-none data-[highlighted]:bg-muted data-[disabled]:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted-foreground";

export function Item({
  className,
  destructive,
  ...props
}: ComponentProps<typeof DropdownMenu.Item> & { destructive?: boolean }) {
  return (
    <DropdownMenu.Item
      {...(destructive ? { "data-status": "failed" } : {})}
      className={cn(item, destructive && "text-(--status)", className)}
      {...props}
    />
  );
}

function Tick() {
  return (
    <span className="flex size-4 items-center justify-center">
      <DropdownMenu.ItemIndicator>
        <Check aria-hidden />
      </DropdownMenu.ItemIndicator>
    </span>
  );
}

export function RadioItem({ className, children, ...props }: ComponentProps<typeof DropdownMenu.RadioItem>) {
  return (
    <DropdownMenu.RadioItem className={cn(item, className)} {...props}>
      <Tick />
      {children}
    </DropdownMenu.RadioItem>
  );
}

export function Label({ className, ...props }: ComponentProps<typeof DropdownMenu.Label>) {
  return <DropdownMenu.Label className={cn("caption px-2 pt-1.5 pb-1", className)} {...props} />;
}

export function Separator({ className, ...props }: ComponentProps<typeof DropdownMenu.Separator>) {
  return <DropdownMenu.Separator className={cn("-mx-1 my-1 h-px bg-border", className)} {...props} />;
}
