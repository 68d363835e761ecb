import Link from "next/link";
import type { ReactNode } from "react";
import { Mark } from "@/components/shell/mark";
import { ThemeToggle } from "@/components/shell/theme-toggle";
import { ExampleNote } from "./example-note";

/** The frame of every page that works without being signed in: the form, and beside it what the product is about. */
export function Entrance({ children }: { children: ReactNode }) {
  return (
    <div className="grid min-h-dvh lg:grid-cols-[minmax(26rem,1fr)_minmax(0,1.1fr)]">
      <div className="flex flex-col px-5 py-5 sm:px-10">
        <header className="flex items-center justify-between">
          <Link href="/" className="flex items-center gap-2 rounded-md font-semibold tracking-[-0.01em]">
            <Mark />
            Waybill
          </Link>
          <ThemeToggle />
        </header>
        <main className="mx-auto grid w-full max-w-sm flex-1 content-center gap-5 py-10">{children}</main>
      </div>
      <aside className="hidden border-l bg-muted/50 px-10 py-12 lg:grid lg:content-center lg:justify-items-center">
        <ExampleNote />
      </aside>
    </div>
  );
}

/** The heading of such a page. */
export function EntranceTitle({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="grid gap-1.5">
      <h1 className="font-semibold text-2xl tracking-[-0.02em]">{title}</h1>
      {children ? <div className="text-muted-foreground leading-relaxed">{children}</div> : null}
    </div>
  );
}

/** "or", between two ways in. */
export function Or() {
  return (
    <div className="flex items-center gap-3 text-muted-foreground text-xs">
      <span aria-hidden className="tear flex-1" />
      or
      <span aria-hidden className="tear flex-1" />
    </div>
  );
}
