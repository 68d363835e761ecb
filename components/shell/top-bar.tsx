"use client";
import Link from "next/link";
import { useParams } from "next/navigation";
import { Mark } from "./mark";
import { PlaceTabs } from "./place-tabs";
import { type ProjectChoice, ProjectSwitcher } from "./project-switcher";
import { ThemeToggle } from "./theme-toggle";
import { UserMenu } from "./user-menu";

export type TopBarProps = { user: { email: string; name: string | null }; projects: ProjectChoice[] };

/** Mark, project, places, reader. One line on a desk, two on a tablet; the phone has its places at the bottom. */
export function TopBar({ user, projects }: TopBarProps) {
  const params = useParams<{ project?: string }>();
  const projectId = params.project;
  return (
    <header className="sticky top-0 z-30 border-b bg-card">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-primary px-3 py-2 text-primary-foreground focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      <div className="mx-auto flex h-13 max-w-[1440px] items-center gap-2 px-3 sm:px-5">
        <Link
          href="/projects"
          className="flex items-center gap-2 rounded-md pr-1 font-semibold tracking-[-0.01em]"
        >
          <Mark />
          <span className={projectId ? "sr-only xl:not-sr-only" : undefined}>Waybill</span>
        </Link>
        {projectId ? (
          <>
            <span aria-hidden className="text-input">
              /
            </span>
            <ProjectSwitcher projects={projects} projectId={projectId} />
            <PlaceTabs projectId={projectId} className="ml-2 hidden self-stretch lg:flex" />
          </>
        ) : null}
        <div className="ml-auto flex items-center gap-0.5">
          <ThemeToggle />
          <UserMenu user={user} />
        </div>
      </div>
      {projectId ? (
        <PlaceTabs projectId={projectId} className="hidden h-10 border-t px-3 sm:flex lg:hidden" />
      ) : null}
    </header>
  );
}
