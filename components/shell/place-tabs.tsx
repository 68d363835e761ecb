"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { OpenIssues } from "@/components/issues/open-issues";
import { cn } from "@/components/ui/cn";
import { currentPlace, places } from "./navigation";

/** The project's places as a row. */
export function PlaceTabs({ projectId, className }: { projectId: string; className?: string }) {
  const current = currentPlace(usePathname());
  return (
    <nav aria-label="Project" className={cn("items-stretch overflow-x-auto", className)}>
      {places.map(({ segment, label }) => (
        <Link
          key={segment}
          href={`/p/${projectId}/${segment}`}
          aria-current={current === segment ? "page" : undefined}
          className="relative flex items-center gap-1.5 whitespace-nowrap px-2.5 font-medium text-[13px] text-muted-foreground hover:text-foreground focus-visible:-outline-offset-4 aria-[current]:text-foreground aria-[current]:after:absolute aria-[current]:after:inset-x-2.5 aria-[current]:after:bottom-0 aria-[current]:after:h-0.5 aria-[current]:after:bg-accent"
        >
          {label}
          {segment === "issues" ? <OpenIssues projectId={projectId} /> : null}
        </Link>
      ))}
    </nav>
  );
}
