import type { Metadata } from "next";
import { siteOrigin } from "@/app/(app)/p/[project]/origin";
import { PageHeader } from "@/components/ui/page-header";
import { pageProject } from "@/lib/auth/context";
import { listAuthMethods } from "@/lib/domain/auth-method/list";
import { listCollections } from "@/lib/domain/collection/list";
import { listProjectCredentials } from "@/lib/domain/credential/list";
import { getProtection } from "@/lib/domain/mask/set";
import { countWithoutSecondFactor } from "@/lib/domain/member/without-second-factor";
import { can, may } from "@/lib/domain/permissions";
import { getProject } from "@/lib/domain/project/get";
import { getProjectHoldings } from "@/lib/domain/project/holdings";
import { listProjectTokens } from "@/lib/domain/project-token/list";
import { getRetention } from "@/lib/domain/retention/settings";
import { listWorkflows } from "@/lib/domain/workflow/list";
import { env } from "@/lib/env";
import { AuthMethodsSection } from "./auth-methods-section";
import { CollectionsSection } from "./collections-section";
import { DangerSection } from "./danger-section";
import { DeliverySection } from "./delivery-section";
import { EnvironmentSection } from "./environment-section";
import { GeneralSection } from "./general-section";
import { InboxSection } from "./inbox-section";
import { LimitsSection } from "./limits-section";
import { MasksSection } from "./masks-section";
import { Notices } from "./notices";
import { PersonSection } from "./person-section";
import { RedactionsSection } from "./redactions-section";
import { RetentionSection } from "./retention-section";
import { SettingsNav } from "./settings-nav";
import { SignInSection } from "./sign-in-section";
import { TokensSection } from "./tokens-section";

export const metadata: Metadata = { title: "Settings" };

type Props = { params: Promise<{ project: string }> };

export default async function SettingsPage({ params }: Props) {
  const ctx = await pageProject((await params).project);
  const [
    project,
    authMethods,
    workflows,
    origin,
    holdings,
    retention,
    without,
    protection,
    credentials,
    tokens,
    collections,
  ] = await Promise.all([
    getProject(ctx),
    listAuthMethods(ctx, { limit: 200 }),
    listWorkflows(ctx, { limit: 200 }),
    siteOrigin(),
    getProjectHoldings(ctx),
    getRetention(ctx),
    can(ctx.role, "project.update") ? countWithoutSecondFactor(ctx) : null,
    getProtection(ctx),
    listProjectCredentials(ctx, { limit: 200 }),
    can(ctx.role, "project_token.read") ? listProjectTokens(ctx, { limit: 200 }) : null,
    listCollections(ctx),
  ]);
  const canUpdate = may(ctx, "project.update");
  const webhooks = workflows.items.flatMap((workflow) =>
    workflow.triggers.filter((t) => t.type === "webhook").map((t) => ({ id: t.id, name: workflow.name })),
  );
  const sees = {
    tokens: tokens !== null,
    person: can(ctx.role, "person.read"),
    delete: may(ctx, "project.delete") && !project.deletesAt,
  };
  return (
    <div className="mx-auto max-w-5xl">
      <PageHeader
        title="Settings"
        description={
          canUpdate || project.deletesAt
            ? undefined
            : "Only the owner and admins can change these. What you hear is yours to choose."
        }
      />
      <div className="grid grid-cols-1 lg:grid-cols-[12rem_minmax(0,1fr)] lg:gap-x-8">
        <SettingsNav sees={sees} />
        <div className="grid min-w-0 grid-cols-1 gap-6">
          <GeneralSection key={project.updatedAt} project={project} canUpdate={canUpdate} />
          <SignInSection project={project} canUpdate={canUpdate} without={without} />
          <EnvironmentSection
            key={`environment ${project.updatedAt}`}
            project={project}
            canUpdate={canUpdate}
            missing={credentials.items.filter((one) => !one.isInEnvironment).map(({ name }) => name)}
          />
          <LimitsSection
            key={`limits ${project.updatedAt}`}
            project={project}
            canUpdate={canUpdate}
            defaults={{ maxBodyBytes: env().MAX_BODY_BYTES, concurrency: env().PROJECT_CONCURRENCY }}
          />
          <InboxSection project={project} inboxUrl={`${origin}/i/${project.inboxId}`} canUpdate={canUpdate} />
          <DeliverySection key={`deliveries ${project.updatedAt}`} project={project} canUpdate={canUpdate} />
          <AuthMethodsSection
            projectId={project.id}
            methods={authMethods.items}
            webhooks={webhooks}
            canManage={may(ctx, "auth_method.manage")}
          />
          {tokens ? (
            <TokensSection
              projectId={project.id}
              tokens={tokens.items}
              canManage={may(ctx, "project_token.manage")}
            />
          ) : null}
          <CollectionsSection projectId={project.id} count={collections.items.length} />
          <Notices ctx={ctx} />
          <RedactionsSection key={`redacted ${project.updatedAt}`} project={project} canUpdate={canUpdate} />
          <MasksSection
            key={JSON.stringify(protection)}
            projectId={project.id}
            protection={protection}
            canUpdate={canUpdate}
          />
          <RetentionSection
            key={`retention ${retention.updatedAt}`}
            projectId={project.id}
            setting={retention}
            canUpdate={canUpdate}
          />
          {sees.person ? <PersonSection projectId={project.id} /> : null}
          {sees.delete ? (
            <DangerSection projectId={project.id} name={project.name} holdings={holdings} />
          ) : null}
        </div>
      </div>
    </div>
  );
}
