import { and, eq } from "drizzle-orm";
import { credentials } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credential/create";
import type { ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { write } from "@/lib/domain/write";
import type { Bound } from "./create";
import { type ImportedProject, planImport, writeImport } from "./import";
import { sampleCredential, sampleFiles, sampleYaml } from "./sample-files";

/**
 * Makes a project from the sample, called `name` or as the sample is, with the credential that one of its jobs logs in
 * with; a second sample shares the first one's. Throws as `importProject` does.
 */
export async function createSampleProject(
  ctx: UserContext & Bound,
  input: { name?: string },
  deps: { resolveAdaptor: ResolveAdaptor },
): Promise<ImportedProject> {
  const name = input.name ? { name: input.name } : {};
  const plan = await planImport(ctx, { yaml: sampleYaml, files: sampleFiles, ...name }, deps);
  return write(ctx, "own", async (tx) => {
    const mine = { ...ctx, db: tx };
    const [known] = await tx
      .select({ id: credentials.id })
      .from(credentials)
      .where(and(eq(credentials.ownerId, ctx.actor.userId), eq(credentials.name, sampleCredential.name)));
    if (!known) await createCredential(mine, sampleCredential);
    return { result: await writeImport(mine, { ...plan, isDeploy: false }), audit: null, changed: null };
  });
}
