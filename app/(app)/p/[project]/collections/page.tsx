import type { Metadata } from "next";
import Link from "next/link";
import { PageHeader } from "@/components/ui/page-header";
import { pageProject } from "@/lib/auth/context";
import { listCollections } from "@/lib/domain/collection/list";
import { may } from "@/lib/domain/permissions";
import { Collections } from "./client";

export const metadata: Metadata = { title: "Collections" };

type Props = { params: Promise<{ project: string }> };

export default async function CollectionsPage({ params }: Props) {
  const ctx = await pageProject((await params).project);
  const { items } = await listCollections(ctx);
  return (
    <div className="mx-auto max-w-4xl">
      <PageHeader
        parent={<Link href={`/p/${ctx.project.id}/settings#collections`}>Settings</Link>}
        title="Collections"
        description="Keys and values that jobs keep from one run to another. They are kept until they are deleted."
      />
      <Collections projectId={ctx.project.id} collections={items} canManage={may(ctx, "collection.manage")} />
    </div>
  );
}
