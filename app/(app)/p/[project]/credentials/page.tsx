import type { Metadata } from "next";
import { PageHeader } from "@/components/ui/page-header";
import { pageProject, pageUser } from "@/lib/auth/context";
import { listCredentials, listProjectCredentials } from "@/lib/domain/credential/list";
import { listKeychains } from "@/lib/domain/keychain/list";
import { listOauthClients, listProjectOauthClients } from "@/lib/domain/oauth-client/list";
import { may } from "@/lib/domain/permissions";
import { getProject } from "@/lib/domain/project/get";
import { ProjectCredentials } from "./client";
import { KeychainsSection } from "./keychains-section";
import { ProjectOauthClients } from "./oauth-clients";

export const metadata: Metadata = { title: "Credentials" };

type Props = { params: Promise<{ project: string }> };

export default async function CredentialsPage({ params }: Props) {
  const ctx = await pageProject((await params).project);
  const user = await pageUser();
  const [shared, keychains, project, mine, clients, sharedClients] = await Promise.all([
    listProjectCredentials(ctx, { limit: 200 }),
    listKeychains(ctx, { limit: 200 }),
    getProject(ctx),
    listCredentials(user, { limit: 200 }),
    listOauthClients(user, { limit: 200 }),
    listProjectOauthClients(ctx, { limit: 200 }),
  ]);
  const own = clients.items.filter(
    ({ id, isMine }) => isMine && !sharedClients.items.some((one) => one.id === id),
  );
  const rights = { canUse: may(ctx, "credential.use"), canManage: may(ctx, "member.manage") };
  const sharedIds = new Set(shared.items.map((item) => item.credentialId));
  return (
    <div className="mx-auto max-w-3xl">
      <PageHeader
        title="Credentials"
        description="What this project's jobs sign in to other systems with. Each belongs to one person, who alone can read it."
      />
      <div className="grid gap-6">
        <ProjectCredentials
          projectId={ctx.project.id}
          shared={shared.items}
          mine={mine.items.filter(({ id }) => !sharedIds.has(id)).map(({ id, name }) => ({ id, name }))}
          clients={clients.items}
          env={project.env}
          {...rights}
        />
        {shared.items.length > 0 || keychains.items.length > 0 ? (
          <KeychainsSection
            projectId={ctx.project.id}
            keychains={keychains.items}
            credentials={shared.items.map(({ id, name }) => ({ id, name }))}
            canManage={may(ctx, "keychain.manage")}
          />
        ) : null}
        <ProjectOauthClients
          projectId={ctx.project.id}
          shared={sharedClients.items}
          mine={own.map(({ id, name }) => ({ id, name }))}
          {...rights}
        />
      </div>
    </div>
  );
}
