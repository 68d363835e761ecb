"use client";
import { AlertDialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./button";
import { cn } from "./cn";
import { FocusBefore, useReturnFocus } from "./use-return-focus";

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

/** Asks before something that cannot be taken back. */
export function Confirm({
  trigger,
  title,
  description,
  action,
  cancel = "Keep it as it is",
  destructive,
  isWide,
  onConfirm,
  open,
  onOpenChange,
}: ConfirmProps) {
  const { before, handlers } = useReturnFocus();
  return (
    <Radix.Root {...(open === undefined ? {} : { open })} {...(onOpenChange ? { onOpenChange } : {})}>
      {trigger ? <Radix.Trigger asChild>{trigger}</Radix.Trigger> : null}
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 bg-[oklch(0.15_0.02_262/0.5)]" />
        <Radix.Content
          {...handlers}
          className={cn(
            "fixed left-1/2 z-50 grid -translate-x-1/2 gap-2 overflow-y-auto rounded-xl border bg-popover p-5 shadow-pop",
            isWide
              ? "top-[6vh] max-h-[88vh] w-[min(94vw,48rem)]"
              : "top-[18vh] max-h-[78vh] w-[min(92vw,26rem)]",
          )}
        >
          <FocusBefore into={before} />
          <Radix.Title className="font-semibold text-[15px]">{title}</Radix.Title>
          <Radix.Description asChild>
            <div className="min-w-0 text-muted-foreground text-sm leading-relaxed">{description}</div>
          </Radix.Description>
          <div className="mt-3 flex flex-wrap justify-end gap-2">
            <Radix.Cancel asChild>
              <Button variant="outline">{cancel}</Button>
            </Radix.Cancel>
            <Radix.Action asChild>
              <Button variant={destructive ? "destructive" : "primary"} onClick={onConfirm}>
                {action}
              </Button>
            </Radix.Action>
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
