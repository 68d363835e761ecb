import { Plus } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { parseAsString, type SearchParams } from "nuqs/server";
import { InvitationBanner } from "@/components/account/invitation-banner";
import { ProjectCard } from "@/components/account/project-card";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { Button } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";
import { pageUser } from "@/lib/auth/context";
import { listMyInvitations } from "@/lib/domain/invitation/list";
import { listProjects } from "@/lib/domain/project/list";
import { FirstProject } from "./first-project";

export const metadata: Metadata = { title: "Projects" };

const pageParams = { cursor: parseAsString };

type Props = { searchParams: Promise<SearchParams> };

export default async function ProjectsPage({ searchParams }: Props) {
  const ctx = await pageUser();
  const given = await searchParams;
  const strange = strangeParams(given, pageParams);
  if (strange.length > 0) return <StrangeAddress title="Projects" path="/projects" {...{ given, strange }} />;
  const cursor = pageParams.cursor.parseServerSide(given.cursor);
  const [projects, invitations] = await Promise.all([
    listProjects(ctx, { limit: 60, ...(cursor ? { cursor } : {}) }),
    listMyInvitations(ctx),
  ]);
  return (
    <>
      {invitations.map(({ id, project, role, invitedBy }) => (
        <InvitationBanner
          key={id}
          invitationId={id}
          project={project.name}
          role={role}
          invitedBy={invitedBy}
          withSecondFactor={project.requireSecondFactor}
        />
      ))}
      {projects.items.length === 0 && !cursor ? (
        <FirstProject name={ctx.user.name} />
      ) : (
        <>
          <PageHeader
            title="Projects"
            actions={
              <Button asChild>
                <Link href="/projects/new">
                  <Plus aria-hidden /> New project
                </Link>
              </Button>
            }
          />
          <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
            {projects.items.map((project) => (
              <li key={project.id} className="grid">
                <ProjectCard project={project} />
              </li>
            ))}
          </ul>
          {projects.nextCursor ? (
            <Button asChild variant="outline" className="mt-4">
              <Link href={`/projects?cursor=${projects.nextCursor}`}>More projects</Link>
            </Button>
          ) : null}
        </>
      )}
    </>
  );
}
