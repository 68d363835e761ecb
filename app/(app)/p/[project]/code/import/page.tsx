import type { Metadata } from "next";
import Link from "next/link";
import { NothingHere } from "@/components/spec/may-not-import";
import { PageHeader } from "@/components/ui/page-header";
import { pageProject } from "@/lib/auth/context";
import { may } from "@/lib/domain/permissions";
import { ImportFiles } from "./client";

export const metadata: Metadata = { title: "Import files" };

type Props = { params: Promise<{ project: string }> };

export default async function ImportFilesPage({ params }: Props) {
  const ctx = await pageProject((await params).project);
  return (
    <div className="mx-auto max-w-4xl">
      <PageHeader
        title="Import files"
        parent={<Link href={`/p/${ctx.project.id}/code`}>Code</Link>}
        description="What is different is shown first. Nothing changes until you apply it."
      />
      {may(ctx, "project.provision") ? (
        <ImportFiles projectId={ctx.project.id} />
      ) : (
        <NothingHere projectId={ctx.project.id} />
      )}
    </div>
  );
}
