import Link from "next/link";
import type { ReactNode } from "react";
import { DocsTabs } from "@/components/shell/docs-tabs";
import { Mark } from "@/components/shell/mark";
import { ThemeToggle } from "@/components/shell/theme-toggle";

/** The frame of the documentation. It says nothing of anybody's project, so nobody has to sign in to read it. */
export default function DocsLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <header className="sticky top-0 z-30 border-b bg-card">
        <a
          href="#content"
          className="sr-only z-50 rounded-md bg-primary px-3 py-2 text-primary-foreground focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
        >
          Skip to content
        </a>
        <div className="mx-auto flex h-13 max-w-[1200px] items-center gap-2 px-3 sm:px-5">
          <Link
            href="/"
            prefetch={false}
            className="flex items-center gap-2 rounded-md pr-1 font-semibold tracking-[-0.01em]"
          >
            <Mark />
            Waybill
          </Link>
          <span aria-hidden className="text-input">
            /
          </span>
          <DocsTabs className="self-stretch" />
          <div className="ml-auto">
            <ThemeToggle />
          </div>
        </div>
      </header>
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto max-w-[1200px] px-3 pt-6 pb-16 outline-none sm:px-5"
      >
        {children}
      </main>
    </>
  );
}
