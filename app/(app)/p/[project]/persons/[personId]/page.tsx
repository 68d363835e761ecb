import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { pageProject } from "@/lib/auth/context";
import { can, may } from "@/lib/domain/permissions";
import { getPerson } from "@/lib/domain/person/get";
import { Refusal } from "@/lib/refusal";
import { PersonClient } from "./client";

export const metadata: Metadata = { title: "One person's data" };

type Props = { params: Promise<{ project: string; personId: string }> };

export default async function PersonPage({ params }: Props) {
  const { project, personId } = await params;
  const ctx = await pageProject(project);
  if (!can(ctx.role, "person.read") || !z.uuid().safeParse(personId).success) notFound();
  try {
    const request = await getPerson(ctx, personId);
    return (
      <PersonClient projectId={ctx.project.id} initial={request} mayChange={may(ctx, "person.manage")} />
    );
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
}
