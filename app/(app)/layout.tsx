import { type ReactNode, Suspense } from "react";
import { Providers } from "@/components/providers";
import { Contained } from "@/components/shell/contained";
import { NavigationPending } from "@/components/shell/navigation-pending";
import { TopBar } from "@/components/shell/top-bar";
import { SignedOutDialog } from "@/components/signed-out/signed-out-dialog";
import { pageUser } from "@/lib/auth/context";
import { signInMethods } from "@/lib/auth/methods";
import { listProjects } from "@/lib/domain/project/list";

export default async function AppLayout({ children }: { children: ReactNode }) {
  const ctx = await pageUser();
  const { link, providers } = signInMethods();
  const { items: projects } = await listProjects(ctx, { limit: 100 });
  return (
    <Providers>
      <Suspense>
        <NavigationPending />
      </Suspense>
      <TopBar
        user={{ email: ctx.user.email, name: ctx.user.name }}
        projects={projects.map(({ id, name }) => ({ id, name }))}
      />
      <SignedOutDialog
        user={{ id: ctx.user.id, email: ctx.user.email }}
        hasOtherWays={link || providers.length > 0}
      />
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto max-w-[1440px] px-3 pt-5 pb-24 outline-none sm:px-5 sm:pb-10"
      >
        <Contained>{children}</Contained>
      </main>
    </Providers>
  );
}
