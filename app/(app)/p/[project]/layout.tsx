import type { ReactNode } from "react";
import { PhoneBar } from "@/components/shell/phone-bar";
import { pageProject } from "@/lib/auth/context";

type Props = { params: Promise<{ project: string }>; children: ReactNode };

/** Strangers end here with the 404 page; pages below ask `pageProject` again for their context, which is cached. */
export default async function ProjectLayout({ params, children }: Props) {
  const { project } = await params;
  await pageProject(project);
  return (
    <>
      {children}
      <PhoneBar projectId={project} />
    </>
  );
}
