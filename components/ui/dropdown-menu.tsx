"use client";
import { type ComponentProps, createContext, type KeyboardEvent, type PointerEvent } from "react";
import { late, useLate } from "./late";
import type * as Parts from "./menu-parts";
import {
  after,
  type Overlay,
  OverlayRoot,
  type RootProps,
  Trigger,
  type TriggerProps,
  useAround,
} from "./overlay";

const menuParts = late(() => import("./menu-parts"));

const MenuContext = createContext<Overlay | null>(null);
const useMenu = () => useAround(MenuContext, "DropdownMenu");

export const DropdownMenu = (props: RootProps) => <OverlayRoot {...props} around={MenuContext} />;

/** Opens when it is pressed, as menus do; a press while the menu is on its way does not call it off. */
export function DropdownMenuTrigger({ onPointerDown, onKeyDown, ...props }: TriggerProps) {
  const overlay = useMenu();
  const toggle = (byKey: boolean) => {
    if (overlay.isOpen && !menuParts.now()) return;
    overlay.byKey.current = byKey;
    overlay.setOpen(!overlay.isOpen);
  };
  const point = (event: PointerEvent) => {
    if (props.disabled || event.button !== 0 || event.ctrlKey) return;
    // The focus is the menu's, if it opens.
    if (!overlay.isOpen) event.preventDefault();
    toggle(false);
  };
  const press = (event: KeyboardEvent) => {
    if (props.disabled || !["Enter", " ", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    if (event.key !== "ArrowDown" || !overlay.isOpen) toggle(true);
  };
  return (
    <Trigger
      {...props}
      overlay={overlay}
      opens={menuParts}
      popup="menu"
      onPointerDown={after(onPointerDown, point)}
      onKeyDown={after(onKeyDown, press)}
    />
  );
}

export function DropdownMenuContent(props: Omit<ComponentProps<typeof Parts.MenuBox>, "overlay">) {
  const overlay = useMenu();
  const parts = useLate(menuParts, overlay.isOpen, () => overlay.setOpen(false));
  return parts ? <parts.MenuBox {...props} overlay={overlay} /> : null;
}

/** What stands in a menu is rendered once it is loaded. */
function loaded(): typeof Parts {
  const parts = menuParts.now();
  if (!parts) throw new Error("This belongs into a DropdownMenuContent.");
  return parts;
}

export function DropdownMenuGroup(props: ComponentProps<typeof Parts.Group>) {
  const { Group } = loaded();
  return <Group {...props} />;
}

export function DropdownMenuRadioGroup(props: ComponentProps<typeof Parts.RadioGroup>) {
  const { RadioGroup } = loaded();
  return <RadioGroup {...props} />;
}

export function DropdownMenuItem(props: ComponentProps<typeof Parts.Item>) {
  const { Item } = loaded();
  return <Item {...props} />;
}

export function DropdownMenuRadioItem(props: ComponentProps<typeof Parts.RadioItem>) {
  const { RadioItem } = loaded();
  return <RadioItem {...props} />;
}

export function DropdownMenuLabel(props: ComponentProps<typeof Parts.Label>) {
  const { Label } = loaded();
  return <Label {...props} />;
}

export function DropdownMenuSeparator(props: ComponentProps<typeof Parts.Separator>) {
  const { Separator } = loaded();
  return <Separator {...props} />;
}
