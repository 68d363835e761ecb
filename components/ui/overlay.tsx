"use client";
import { Slot } from "radix-ui";
import {
  type ComponentProps,
  type Context,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type ReactNode,
  type Ref,
  type RefObject,
  type SyntheticEvent,
  use,
  useEffect,
  useEffectEvent,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { createPortal } from "react-dom";
import { type Late, useLoaded } from "./late";
import { useHydrates } from "./use-hydrates";

type Opening = {
  open?: boolean | undefined;
  defaultOpen?: boolean;
  onOpenChange?: ((isOpen: boolean) => void) | undefined;
};

/**
 * Something that opens above the page: a dialog, a menu, a list. What opens it is a button of ours; Radix, which is larger
 * than all that pages show at first, is loaded when somebody points at that button, comes to it, or presses it.
 */
export type Overlay = {
  isOpen: boolean;
  setOpen: (isOpen: boolean) => void;
  trigger: RefObject<HTMLButtonElement | null>;
  /** Whether it was opened by the keyboard. */
  byKey: RefObject<boolean>;
  /** What Radix' own trigger does, where ours leaves that to it. */
  does: RefObject<Does | null>;
  triggerId: string;
  contentId: string;
};

type Does = {
  onPointerDown: (event: PointerEvent<HTMLButtonElement>) => void;
  onClick: (event: MouseEvent<HTMLButtonElement>) => void;
  onKeyDown: (event: KeyboardEvent<HTMLButtonElement>) => void;
};

export function useOverlay({ open, defaultOpen = false, onOpenChange }: Opening): Overlay {
  const [own, setOwn] = useState(defaultOpen);
  const isOpen = open ?? own;
  const setOpen = (next: boolean) => {
    if (next === isOpen) return;
    setOwn(next);
    onOpenChange?.(next);
  };
  const refs = { trigger: useRef(null), byKey: useRef(false), does: useRef(null) };
  return { isOpen, setOpen, ...refs, triggerId: useId(), contentId: useId() };
}

/** By what the parts of one kind of overlay find it. */
type Around = Context<Overlay | null>;

export type RootProps = Opening & { children: ReactNode };

/** What stands around the parts of an overlay. */
export function OverlayRoot({ around: Around, children, ...opening }: RootProps & { around: Around }) {
  return <Around value={useOverlay(opening)}>{children}</Around>;
}

/** The overlay that a part stands in. Throws, with the name of what it belongs into, when there is none. */
export function useAround(around: Around, name: string): Overlay {
  const overlay = use(around);
  if (!overlay) throw new Error(`This belongs into a ${name}.`);
  return overlay;
}

/** Calls `own` after `given`, unless that has prevented it. */
export const after =
  <E extends SyntheticEvent>(given: ((event: E) => void) | undefined, own: (event: E) => void) =>
  (event: E): void => {
    given?.(event);
    if (!event.defaultPrevented) own(event);
  };

export type TriggerProps = Omit<ComponentProps<"button">, "ref"> & { asChild?: boolean };

/** The button that opens it; busy while what it opens is loaded. */
export function Trigger({
  overlay,
  opens,
  popup,
  asChild,
  onPointerEnter,
  onFocus,
  ...props
}: TriggerProps & { overlay: Overlay; opens: Late<unknown>; popup: "dialog" | "menu" }) {
  const isLoaded = useLoaded(opens) !== undefined;
  const isShown = overlay.isOpen && isLoaded;
  const Element = asChild ? Slot.Root : "button";
  return (
    <Element
      type="button"
      id={overlay.triggerId}
      aria-haspopup={popup}
      aria-expanded={isShown}
      aria-controls={isShown ? overlay.contentId : undefined}
      aria-busy={overlay.isOpen && !isLoaded ? true : undefined}
      data-state={isShown ? "open" : "closed"}
      onPointerEnter={after(onPointerEnter, opens.foresee)}
      onFocus={after(onFocus, opens.foresee)}
      {...props}
      ref={overlay.trigger}
    />
  );
}

/** Opens and closes at a click. What is on its way is not called off by a second one. */
export function ClickTrigger({ onClick, ...props }: ComponentProps<typeof Trigger>) {
  const { overlay, opens } = props;
  const press = () => {
    if (!overlay.isOpen || opens.now()) overlay.setOpen(!overlay.isOpen);
  };
  return <Trigger {...props} onClick={after(onClick, press)} />;
}

type StandInProps = Partial<Does> & {
  ref?: Ref<HTMLButtonElement>;
  trigger: Overlay["trigger"];
  does?: Overlay["does"];
};

/** Within Radix' own trigger, as its child: makes it take the page's button for what it has rendered. */
export function StandIn({ ref, trigger, does, onPointerDown, onClick, onKeyDown }: StandInProps) {
  useLayoutEffect(() => {
    if (typeof ref === "function") ref(trigger.current);
    else if (ref) ref.current = trigger.current;
    if (does && onPointerDown && onClick && onKeyDown) does.current = { onPointerDown, onClick, onKeyDown };
  });
  return null;
}

/** Behind a dialog, and before it while it is loaded. */
export const backdrop = "fixed inset-0 z-50 bg-[oklch(0.15_0.02_262/0.5)]";

/** What answers a press until the dialog is there. Escape calls it off. */
export function Awaited({ onGiveUp }: { onGiveUp: () => void }) {
  const hydrates = useHydrates();
  const press = useEffectEvent((event: globalThis.KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    onGiveUp();
  });
  useEffect(() => {
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
  if (hydrates) return null;
  return createPortal(
    <div role="status" className={`${backdrop} fade-in-0 animate-in cursor-progress`}>
      <span className="sr-only">One moment…</span>
    </div>,
    document.body,
  );
}
