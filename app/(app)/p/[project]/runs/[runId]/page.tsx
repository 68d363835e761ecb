import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { pageProject } from "@/lib/auth/context";
import { can } from "@/lib/domain/permissions";
import { getRun } from "@/lib/domain/run/get";
import { Refusal } from "@/lib/refusal";
import { RunClient } from "./client";

export const metadata: Metadata = { title: "Run" };

type Props = { params: Promise<{ project: string; runId: string }> };

export default async function RunPage({ params }: Props) {
  const { project, runId } = await params;
  const ctx = await pageProject(project);
  if (!z.uuid().safeParse(runId).success) notFound();
  const initial = await getRun(ctx, runId).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  return (
    <RunClient
      key={runId}
      initial={initial}
      may={{ rerun: can(ctx.role, "run.rerun"), cancel: can(ctx.role, "run.cancel") }}
    />
  );
}
