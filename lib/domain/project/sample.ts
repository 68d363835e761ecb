import { and, eq } from "drizzle-orm";
import { credentials } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credential/create";
import type { ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { type ImportedProject, importProject } from "./import";
import { sampleCredential, sampleFiles, sampleYaml } from "./sample-files";

/**
 * Makes a project from the sample, called `name` or as the sample is, with the credential that one of its jobs logs in
 * with; a second sample shares the first one's. Throws as `importProject` does.
 */
export const createSampleProject = (
  ctx: UserContext & { boundTo?: string },
  input: { name?: string },
  deps: { resolveAdaptor: ResolveAdaptor },
): Promise<ImportedProject> =>
  ctx.db.transaction(async (tx) => {
    const own = { ...ctx, db: tx };
    const [known] = await tx
      .select({ id: credentials.id })
      .from(credentials)
      .where(and(eq(credentials.ownerId, ctx.actor.userId), eq(credentials.name, sampleCredential.name)));
    if (!known) await createCredential(own, sampleCredential);
    const name = input.name ? { name: input.name } : {};
    return importProject(own, { yaml: sampleYaml, files: sampleFiles, ...name }, deps);
  });
