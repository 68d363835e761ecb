import { sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import type { ContentMaker } from "@/lib/domain/notice/contents";
import { env, publicUrl } from "@/lib/env";

/** What somebody sent to see whether it arrives. */
export const testContent: ContentMaker = {
  async contentOf(db, { projectId }) {
    const [project] = await rows<{ name: string }>(
      db,
      sql`select name from projects where id = ${projectId}`,
    );
    if (!project) return null;
    return {
      subject: `A test from ${project.name} on Waybill`,
      lead: "This is what a notice looks like. Nothing has happened: somebody wanted to see whether it arrives.",
      facts: [{ label: "Project", value: project.name }],
      actions: [{ label: "Open the project", url: `${publicUrl(env())}/p/${projectId}` }],
      stop: null,
    };
  },
};
