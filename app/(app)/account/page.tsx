import type { Metadata } from "next";
import { AccountNav } from "@/components/account/account-nav";
import { PageHeader } from "@/components/ui/page-header";
import { pageUser } from "@/lib/auth/context";
import { sessionDays } from "@/lib/auth/cookie";
import { signInMethods } from "@/lib/auth/methods";
import { listCredentials } from "@/lib/domain/credential/list";
import { listTransfers } from "@/lib/domain/credential-transfer/list";
import { listMyRules } from "@/lib/domain/notice/rules/list";
import { getNoticeSettings } from "@/lib/domain/notice/rules/settings";
import { redirectUri } from "@/lib/domain/oauth-client/consent";
import { listOauthClients } from "@/lib/domain/oauth-client/list";
import { listProjects } from "@/lib/domain/project/list";
import { getSecondFactor } from "@/lib/domain/second-factor/get";
import { listSessions } from "@/lib/domain/session/list";
import { listTokens } from "@/lib/domain/token/list";
import { getUser } from "@/lib/domain/user/get";
import { getUserHoldings } from "@/lib/domain/user/holdings";
import { env, publicUrl } from "@/lib/env";
import { DeleteSection } from "./delete-section";
import { NoticesSection } from "./notices-section";
import { OauthClientsSection } from "./oauth-clients-section";
import { OwnCredentialsSection } from "./own-credentials-section";
import { PasswordSection } from "./password-section";
import { ProfileSection } from "./profile-section";
import { SecondFactorSection } from "./second-factor-section";
import { SessionsSection } from "./sessions-section";
import { TokensSection } from "./tokens-section";

export const metadata: Metadata = { title: "Your account" };

export default async function AccountPage() {
  const ctx = await pageUser();
  const [
    profile,
    sessions,
    tokens,
    credentials,
    projects,
    factor,
    holdings,
    offers,
    clients,
    settings,
    rules,
  ] = await Promise.all([
    getUser(ctx),
    listSessions(ctx, { maxAgeDays: sessionDays, limit: 100 }),
    listTokens(ctx, { limit: 200 }),
    listCredentials(ctx, { limit: 200 }),
    listProjects(ctx, { limit: 200 }),
    getSecondFactor(ctx),
    getUserHoldings(ctx),
    listTransfers(ctx, { limit: 200 }),
    listOauthClients(ctx, { limit: 200 }),
    getNoticeSettings(ctx),
    listMyRules(ctx, { limit: 200 }),
  ]);
  return (
    <div className="mx-auto max-w-3xl">
      <PageHeader title="Your account" description={profile.email} />
      <AccountNav />
      <div className="grid gap-6">
        <ProfileSection profile={profile} canMail={signInMethods().link} />
        <NoticesSection settings={settings} rules={rules.items} />
        <TokensSection
          tokens={tokens.items}
          projects={projects.items.map(({ id, name }) => ({ id, name }))}
        />
        <OwnCredentialsSection
          credentials={credentials.items}
          offers={offers.items}
          clients={clients.items}
        />
        <OauthClientsSection clients={clients.items} redirectUri={redirectUri(publicUrl(env()))} />
        <SessionsSection sessions={sessions.items} currentId={ctx.sessionId} />
        <SecondFactorSection factor={factor} />
        <PasswordSection hasPassword={profile.hasPassword} email={profile.email} />
        <DeleteSection email={profile.email} holdings={holdings} />
      </div>
    </div>
  );
}
