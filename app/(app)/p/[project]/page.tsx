import { redirect } from "next/navigation";
import { pageProject } from "@/lib/auth/context";

type Props = { params: Promise<{ project: string }> };

/** A project begins with its inbox. */
export default async function ProjectPage({ params }: Props) {
  const { project } = await pageProject((await params).project);
  redirect(`/p/${project.id}/inbox`);
}
