import type { ReactNode } from "react";
import { ClosingNotice } from "@/components/account/closing-notice";
import { DownloadsAllowed } from "@/components/masks/downloads";
import { FullNotice } from "@/components/pause/full-notice";
import { PausedNotice } from "@/components/pause/paused-notice";
import { Contained } from "@/components/shell/contained";
import { PhoneBar } from "@/components/shell/phone-bar";
import { pageProject } from "@/lib/auth/context";
import { mayDownload } from "@/lib/domain/mask/download";
import { can, may } from "@/lib/domain/permissions";
import { getProject } from "@/lib/domain/project/get";

type Props = { params: Promise<{ project: string }>; children: ReactNode };

/** Strangers end here with the 404 page; pages below ask `pageProject` again for their context, which is cached. */
export default async function ProjectLayout({ params, children }: Props) {
  const { project } = await params;
  const ctx = await pageProject(project);
  const { name, deletesAt } = ctx.project;
  const [{ pausedAt, fullSince, fullUntil }, download] = await Promise.all([
    getProject(ctx),
    mayDownload(ctx),
  ]);
  return (
    <DownloadsAllowed may={download}>
      {deletesAt ? (
        <ClosingNotice
          projectId={project}
          name={name}
          deletesAt={deletesAt.toISOString()}
          canUndo={can(ctx.role, "project.delete")}
        />
      ) : null}
      {pausedAt && !deletesAt ? (
        <PausedNotice projectId={project} {...{ name, pausedAt }} canResume={may(ctx, "project.pause")} />
      ) : null}
      {fullSince && fullUntil && !deletesAt ? <FullNotice {...{ name, fullSince, fullUntil }} /> : null}
      <Contained>{children}</Contained>
      <PhoneBar projectId={project} />
    </DownloadsAllowed>
  );
}
