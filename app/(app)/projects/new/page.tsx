import type { Metadata } from "next";
import Link from "next/link";
import type { SearchParams } from "nuqs/server";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { PageHeader } from "@/components/ui/page-header";
import { pageUser } from "@/lib/auth/context";
import { NewProject } from "./client";
import { loadNewProjectParams, newProjectParams } from "./search-params";

export const metadata: Metadata = { title: "New project" };

export default async function NewProjectPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  await pageUser();
  const given = await searchParams;
  const strange = strangeParams(given, newProjectParams);
  if (strange.length > 0)
    return <StrangeAddress title="New project" path="/projects/new" {...{ given, strange }} />;
  await loadNewProjectParams(given);
  return (
    <div className="mx-auto max-w-2xl">
      <PageHeader
        title="New project"
        parent={<Link href="/projects">Projects</Link>}
        description="You own it. Invite others when it stands."
      />
      <NewProject />
    </div>
  );
}
