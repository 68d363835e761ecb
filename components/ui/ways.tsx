"use client";
import { AlertDialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./button";

export type Way = { label: string; onChoose: () => void };

type Props = { title: string; children: ReactNode; ways: readonly [Way, ...Way[]] };

/** A question that has no answer but one of these; the last is what most people want. */
export function Ways({ title, children, ways }: Props) {
  return (
    <Radix.Root open>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 bg-[oklch(0.15_0.02_262/0.5)]" />
        <Radix.Content
          onEscapeKeyDown={(event) => event.preventDefault()}
          className="fixed top-[14vh] left-1/2 z-50 grid max-h-[78vh] w-[min(92vw,30rem)] -translate-x-1/2 gap-2 overflow-y-auto rounded-xl border bg-popover p-5 shadow-pop"
        >
          <Radix.Title className="font-semibold text-[15px]">{title}</Radix.Title>
          <Radix.Description asChild>
            <div className="grid gap-2 text-muted-foreground text-sm leading-relaxed">{children}</div>
          </Radix.Description>
          <div className="mt-3 flex flex-wrap justify-end gap-2">
            {ways.map(({ label, onChoose }, index) => (
              <Button
                key={label}
                variant={index === ways.length - 1 ? "primary" : "outline"}
                onClick={onChoose}
              >
                {label}
              </Button>
            ))}
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
