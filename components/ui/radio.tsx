"use client";
import { RadioGroup as Radix } from "radix-ui";
import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "./cn";
import { useSetBefore } from "./use-set-before";

/** One choice of several; needs an `aria-label` or `aria-labelledby`. */
export function RadioGroup({ className, ...props }: ComponentProps<typeof Radix.Root>) {
  return <Radix.Root className={cn("grid gap-1.5", className)} {...props} />;
}

type RadioItemProps = Omit<ComponentProps<typeof Radix.Item>, "children"> & { children: ReactNode };

/** A choice with its words, all of which can be clicked. */
export function RadioItem({ className, children, ...props }: RadioItemProps) {
  const id = useId();
  return (
    <div className={cn("flex items-start gap-2.5", className)}>
      <Radix.Item
        id={id}
        className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-input bg-card data-[state=checked]:border-accent"
        {...props}
      >
        <Radix.Indicator className="size-2 rounded-full bg-accent" />
      </Radix.Item>
      <label htmlFor={id} className="min-w-0 flex-1 [overflow-wrap:anywhere]">
        {children}
      </label>
    </div>
  );
}

/** The browser's own radio button: arrows move among those of a name without a group around them. */
export function NativeRadio({ ref: given, ...props }: Omit<ComponentProps<"input">, "type">) {
  return <input ref={useSetBefore(given)} type="radio" {...props} />;
}
