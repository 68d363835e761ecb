import type { Metadata } from "next";
import { PageHeader } from "@/components/ui/page-header";
import { pageProject, pageUser } from "@/lib/auth/context";
import { listCredentials, listProjectCredentials } from "@/lib/domain/credential/list";
import { may } from "@/lib/domain/permissions";
import { ProjectCredentials } from "./client";

export const metadata: Metadata = { title: "Credentials" };

type Props = { params: Promise<{ project: string }> };

export default async function CredentialsPage({ params }: Props) {
  const ctx = await pageProject((await params).project);
  const [shared, mine] = await Promise.all([
    listProjectCredentials(ctx, { limit: 200 }),
    listCredentials(await pageUser(), { limit: 200 }),
  ]);
  const sharedIds = new Set(shared.items.map((item) => item.credentialId));
  return (
    <div className="mx-auto max-w-3xl">
      <PageHeader
        title="Credentials"
        description="What this project's jobs sign in to other systems with. Each belongs to one person, who alone can read it."
      />
      <ProjectCredentials
        projectId={ctx.project.id}
        shared={shared.items}
        mine={mine.items.filter(({ id }) => !sharedIds.has(id)).map(({ id, name }) => ({ id, name }))}
        canUse={may(ctx, "credential.use")}
        canManage={may(ctx, "member.manage")}
      />
    </div>
  );
}
