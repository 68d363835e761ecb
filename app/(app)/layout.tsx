import type { ReactNode } from "react";
import { TopBar } from "@/components/shell/top-bar";
import { pageUser } from "@/lib/auth/context";
import { listProjects } from "@/lib/domain/project/list";

export default async function AppLayout({ children }: { children: ReactNode }) {
  const ctx = await pageUser();
  const { items: projects } = await listProjects(ctx, { limit: 100 });
  return (
    <>
      <TopBar
        user={{ email: ctx.user.email, name: ctx.user.name }}
        projects={projects.map(({ id, name }) => ({ id, name }))}
      />
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto max-w-[1440px] px-3 pt-5 pb-24 outline-none sm:px-5 sm:pb-10"
      >
        {children}
      </main>
    </>
  );
}
