import { eq } from "drizzle-orm";
import { iso } from "@/db/rows";
import { projects } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";

export type ProjectSettings = {
  id: string;
  name: string;
  description: string | null;
  inboxId: string;
  inboxEnabled: boolean;
  maxBodyBytes: number | null;
  concurrency: number | null;
  egressAllow: string[] | null;
  createdAt: string;
  /** A save names it, so that two people do not overwrite each other unknowingly. */
  updatedAt: string;
};

/** A project's settings. */
export async function getProject(ctx: Context): Promise<ProjectSettings> {
  requirePermission(ctx, "project.read");
  const [row] = await ctx.db.select().from(projects).where(eq(projects.id, ctx.project.id));
  if (!row) throw notFound("The project");
  const { unresolvedCredentials, createdAt, updatedAt, ...settings } = row;
  return { ...settings, createdAt: iso(createdAt), updatedAt: iso(updatedAt) };
}
