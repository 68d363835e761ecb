import type { ReactNode } from "react";
import { ClosingNotice } from "@/components/account/closing-notice";
import { PhoneBar } from "@/components/shell/phone-bar";
import { pageProject } from "@/lib/auth/context";
import { can } from "@/lib/domain/permissions";

type Props = { params: Promise<{ project: string }>; children: ReactNode };

/** Strangers end here with the 404 page; pages below ask `pageProject` again for their context, which is cached. */
export default async function ProjectLayout({ params, children }: Props) {
  const { project } = await params;
  const ctx = await pageProject(project);
  const { name, deletesAt } = ctx.project;
  return (
    <>
      {deletesAt ? (
        <ClosingNotice
          projectId={project}
          name={name}
          deletesAt={deletesAt.toISOString()}
          canUndo={can(ctx.role, "project.delete")}
        />
      ) : null}
      {children}
      <PhoneBar projectId={project} />
    </>
  );
}
