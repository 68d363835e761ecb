"use client";
import { Check, ChevronsUpDown, FolderOpen, Plus } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";

export type ProjectChoice = { id: string; name: string };

/** The project's name, and the way to another one. */
export function ProjectSwitcher({ projects, projectId }: { projects: ProjectChoice[]; projectId: string }) {
  const current = projects.find((project) => project.id === projectId);
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button
          variant="ghost"
          className="min-w-0 max-w-56 shrink px-2"
          aria-label={`Project ${current?.name ?? ""}: switch`}
        >
          <span className="truncate">{current?.name ?? "Project"}</span>
          <ChevronsUpDown aria-hidden className="opacity-60" />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" className="w-64">
        <DropdownMenuLabel>Projects</DropdownMenuLabel>
        {projects.map((project) => (
          <DropdownMenuItem key={project.id} asChild>
            <Link href={`/p/${project.id}/inbox`}>
              <span className="truncate">{project.name}</span>
              {project.id === projectId ? <Check aria-label="current" className="ml-auto" /> : null}
            </Link>
          </DropdownMenuItem>
        ))}
        <DropdownMenuSeparator />
        <DropdownMenuItem asChild>
          <Link href="/projects">
            <FolderOpen aria-hidden /> All projects
          </Link>
        </DropdownMenuItem>
        <DropdownMenuItem asChild>
          <Link href="/projects/new">
            <Plus aria-hidden /> New project
          </Link>
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
