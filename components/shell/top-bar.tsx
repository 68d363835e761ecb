"use client";
import Link from "next/link";
import { useParams, useRouter } from "next/navigation";
import { useEffect } from "react";
import { Mark } from "./mark";
import { PlaceTabs } from "./place-tabs";
import { type ProjectChoice, ProjectSwitcher } from "./project-switcher";
import { ThemeToggle } from "./theme-toggle";
import { UserMenu } from "./user-menu";

export type TopBarProps = { user: { email: string; name: string | null }; projects: ProjectChoice[] };

/** Mark, project, places, reader. One line on a desk, two on a tablet; the phone has its places at the bottom. */
export function TopBar({ user, projects }: TopBarProps) {
  const projectId = useShownProject(projects);
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

/** How many projects the layout hands over at most; beyond it, one that is not among them may still be the reader's. */
const listedProjects = 100;

/**
 * The project of the address, unless it is a stranger's. One that was made or joined a moment ago is not among those
 * that the layout was rendered with: it is asked for once more.
 */
function useShownProject(projects: ProjectChoice[]): string | undefined {
  const { project: id } = useParams<{ project?: string }>();
  const router = useRouter();
  const isMissing = id !== undefined && !projects.some((project) => project.id === id);
  useEffect(() => {
    if (id && isMissing) router.refresh();
  }, [id, isMissing, router]);
  return isMissing && projects.length < listedProjects ? undefined : id;
}
