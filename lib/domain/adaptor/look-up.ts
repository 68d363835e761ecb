import { z } from "zod";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { parseAdaptor, type ResolveAdaptor } from "@/lib/domain/workflow/adaptors";

export const lookUpAdaptorInput = z.strictObject({
  /** As it is written in a job: `@openfn/language-http@latest`. */
  adaptor: z.string().trim().min(1, "Enter an adaptor, such as @openfn/language-http@latest.").max(200),
});

export const foundAdaptor = z
  .strictObject({
    name: z.string(),
    version: z.string().meta({ description: "What a job that is saved with it now is pinned to; exact." }),
  })
  .meta({ id: "FoundAdaptor" });
export type FoundAdaptor = z.infer<typeof foundAdaptor>;

/**
 * Says what an adaptor is pinned to when it is saved, and builds it where it is not built yet: its operations are known
 * from then on. Changes no job. Throws `invalid` or `unavailable` with a sentence when it cannot be had.
 */
export async function lookUpAdaptor(
  ctx: Context,
  input: z.input<typeof lookUpAdaptorInput>,
  deps: { resolveAdaptor: ResolveAdaptor },
): Promise<FoundAdaptor> {
  requirePermission(ctx, "workflow.write");
  const { name, spec } = parseAdaptor(lookUpAdaptorInput.parse(input).adaptor);
  const { version } = await deps.resolveAdaptor(name, spec);
  return { name, version };
}
