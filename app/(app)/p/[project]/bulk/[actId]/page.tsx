import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { pageProject } from "@/lib/auth/context";
import { getBulkAct, listBulkRefusals } from "@/lib/domain/bulk/get";
import { permissionOf } from "@/lib/domain/bulk/start";
import { may } from "@/lib/domain/permissions";
import { Refusal } from "@/lib/refusal";
import { ActClient } from "./client";

export const metadata: Metadata = { title: "Bulk act" };

type Props = { params: Promise<{ project: string; actId: string }> };

export default async function BulkActPage({ params }: Props) {
  const { project, actId } = await params;
  const ctx = await pageProject(project);
  if (!z.uuid().safeParse(actId).success) notFound();
  try {
    const [act, refusals] = await Promise.all([
      getBulkAct(ctx, actId),
      listBulkRefusals(ctx, { id: actId, limit: 50 }),
    ]);
    return (
      <ActClient
        projectId={ctx.project.id}
        initial={act}
        refusals={refusals}
        mayChange={may(ctx, permissionOf(act.kind))}
      />
    );
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
}
