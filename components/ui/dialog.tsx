"use client";
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { type ComponentProps, type MouseEvent, type ReactNode, useRef } from "react";
import { askToLeave } from "@/components/unsaved/ask";
import { UnsavedPlace, useOwnPlace, usePlace } from "@/components/unsaved/place";
import { Button } from "./button";
import { cn } from "./cn";
import { FocusBefore, useReturnFocus } from "./use-return-focus";

export const Dialog = Radix.Root;
export const DialogTrigger = Radix.Trigger;

/** Closes the dialog; asks first when something that is typed in it would be lost. */
export function DialogClose({ onClick, ...props }: ComponentProps<typeof Radix.Close>) {
  const place = usePlace();
  const close = (event: MouseEvent<HTMLButtonElement>) => {
    onClick?.(event);
    if (!place.isUnsaved) return;
    event.preventDefault();
    const button = event.currentTarget;
    askToLeave(() => {
      place.giveUp();
      button.click();
    });
  };
  return <Radix.Close {...props} onClick={close} />;
}

const overlay =
  "fixed inset-0 z-50 bg-[oklch(0.15_0.02_262/0.5)] data-[state=open]:animate-in data-[state=open]:fade-in-0";

export type DialogContentProps = ComponentProps<typeof Radix.Content> & {
  title: ReactNode;
  description?: ReactNode;
  /** "side" slides in from the right, "bottom" from below (phone menus); "full" has the whole of a phone, and most of a screen. */
  placement?: "centre" | "side" | "bottom" | "full";
};

const placements = {
  centre:
    "left-1/2 top-[8vh] max-h-[84vh] w-[min(92vw,32rem)] -translate-x-1/2 rounded-xl border data-[state=open]:animate-in data-[state=open]:fade-in-0 data-[state=open]:slide-in-from-top-2",
  side: "inset-y-0 right-0 w-[min(100vw,36rem)] border-l data-[state=open]:animate-in data-[state=open]:slide-in-from-right-8",
  full: "inset-0 sm:inset-x-[max(2vw,(100vw-88rem)/2)] sm:inset-y-[4vh] sm:rounded-xl sm:border data-[state=open]:animate-in data-[state=open]:fade-in-0",
  bottom:
    "inset-x-0 bottom-0 max-h-[85vh] rounded-t-xl border-t pb-[env(safe-area-inset-bottom)] data-[state=open]:animate-in data-[state=open]:slide-in-from-bottom-8",
};

/** A modal with its title, description and close button; children follow below. */
export function DialogContent({
  title,
  description,
  placement = "centre",
  className,
  children,
  ...props
}: DialogContentProps) {
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
    <Radix.Portal>
      <Radix.Overlay className={overlay} />
      <Radix.Content
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
              <Radix.Title className="font-semibold text-[15px]">{title}</Radix.Title>
              {description ? (
                <Radix.Description className="text-muted-foreground text-sm">{description}</Radix.Description>
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
      </Radix.Content>
    </Radix.Portal>
  );
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
