"use client";
import { X } from "lucide-react";
import { AlertDialog, Dialog } from "radix-ui";
import { type ComponentProps, type ReactNode, useRef } from "react";
import { UnsavedPlace, useOwnPlace } from "@/components/unsaved/place";
import { Button } from "./button";
import { cn } from "./cn";
import { DialogClose } from "./dialog-close";
import { backdrop, type Overlay, StandIn } from "./overlay";
import { FocusBefore, useReturnFocus } from "./use-return-focus";

const placements = {
  centre:
    "left-1/2 top-[8vh] max-h-[84vh] w-[min(92vw,32rem)] -translate-x-1/2 rounded-xl border data-[state=open]:animate-in data-[state=open]:fade-in-0 data-[state=open]:slide-in-from-top-2",
  side: "inset-y-0 right-0 w-[min(100vw,36rem)] border-l data-[state=open]:animate-in data-[state=open]:slide-in-from-right-8",
  full: "inset-0 sm:inset-x-[max(2vw,(100vw-88rem)/2)] sm:inset-y-[4vh] sm:rounded-xl sm:border data-[state=open]:animate-in data-[state=open]:fade-in-0",
  bottom:
    "inset-x-0 bottom-0 max-h-[85vh] rounded-t-xl border-t pb-[env(safe-area-inset-bottom)] data-[state=open]:animate-in data-[state=open]:slide-in-from-bottom-8",
};

export type DialogContentProps = Omit<ComponentProps<"div">, "title"> & {
  title: ReactNode;
  description?: ReactNode;
  /** "side" slides in from the right, "bottom" from below (phone menus); "full" has the whole of a phone, and most of a screen. */
  placement?: "centre" | "side" | "bottom" | "full";
};

/** What a Dialog opens. */
export function DialogBox({
  overlay,
  title,
  description,
  placement = "centre",
  className,
  children,
  ...props
}: DialogContentProps & { overlay: Overlay }) {
  const place = useOwnPlace();
  const { before, handlers } = useReturnFocus();
  const close = useRef<HTMLButtonElement>(null);
  /** In code, Escape closes what is open there: whatever keeps it deals with it itself. */
  const askAtEscape = (event: KeyboardEvent) => {
    if (event.target instanceof Element && event.target.closest("[data-keeps-escape]"))
      event.preventDefault();
    else ask(event);
  };
  /** Escape, and a click beside it, go the way of the close button. */
  const ask = (event: Event) => {
    if (!place.isUnsaved) return;
    event.preventDefault();
    close.current?.click();
  };
  return (
    <Dialog.Root open={overlay.isOpen} onOpenChange={overlay.setOpen}>
      <Dialog.Trigger asChild>
        <StandIn trigger={overlay.trigger} />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay
          className={cn(backdrop, "data-[state=open]:animate-in data-[state=open]:fade-in-0")}
        />
        <Dialog.Content
          id={overlay.contentId}
          className={cn(
            "fixed z-50 flex flex-col overflow-hidden bg-popover shadow-pop duration-150",
            placements[placement],
            className,
          )}
          {...(description ? {} : { "aria-describedby": undefined })}
          {...handlers}
          {...props}
          onEscapeKeyDown={askAtEscape}
          onInteractOutside={ask}
        >
          <FocusBefore into={before} />
          <UnsavedPlace place={place}>
            <header className="flex items-start justify-between gap-4 border-b px-5 py-3.5">
              <div className="grid gap-1">
                <Dialog.Title className="font-semibold text-[15px]">{title}</Dialog.Title>
                {description ? (
                  <Dialog.Description className="text-muted-foreground text-sm">
                    {description}
                  </Dialog.Description>
                ) : null}
              </div>
              <DialogClose
                ref={close}
                aria-label="Close"
                className="-mr-1.5 rounded-md p-1.5 text-muted-foreground hover:bg-muted hover:text-foreground"
              >
                <X aria-hidden className="size-4" />
              </DialogClose>
            </header>
            <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
          </UnsavedPlace>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

export type ConfirmProps = {
  trigger?: ReactNode;
  title: string;
  /** What will happen, in a sentence. */
  description: ReactNode;
  action: string;
  /** What is chosen instead of it. */
  cancel?: string;
  destructive?: boolean;
  /** There is more to read than a sentence. */
  isWide?: boolean;
  onConfirm: () => void;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
};

/** What a Confirm opens. */
export function ConfirmBox({
  overlay,
  title,
  description,
  action,
  cancel = "Keep it as it is",
  destructive,
  isWide,
  onConfirm,
}: ConfirmProps & { overlay: Overlay }) {
  const { before, handlers } = useReturnFocus();
  return (
    <AlertDialog.Root open={overlay.isOpen} onOpenChange={overlay.setOpen}>
      <AlertDialog.Trigger asChild>
        <StandIn trigger={overlay.trigger} />
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={backdrop} />
        <AlertDialog.Content
          id={overlay.contentId}
          {...handlers}
          className={cn(
            "fixed left-1/2 z-50 grid -translate-x-1/2 gap-2 overflow-y-auto rounded-xl border bg-popover p-5 shadow-pop",
            isWide
              ? "top-[6vh] max-h-[88vh] w-[min(94vw,48rem)]"
              : "top-[18vh] max-h-[78vh] w-[min(92vw,26rem)]",
          )}
        >
          <FocusBefore into={before} />
          <AlertDialog.Title className="font-semibold text-[15px]">{title}</AlertDialog.Title>
          <AlertDialog.Description asChild>
            <div className="min-w-0 text-muted-foreground text-sm leading-relaxed">{description}</div>
          </AlertDialog.Description>
          <div className="mt-3 flex flex-wrap justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button variant="outline">{cancel}</Button>
            </AlertDialog.Cancel>
            <AlertDialog.Action asChild>
              <Button variant={destructive ? "destructive" : "primary"} onClick={onConfirm}>
                {action}
              </Button>
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
