import { z } from "zod";
import type { Context } from "@/lib/domain/context";
import { named } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";
import type { Plan } from "@/lib/domain/provision/plan";
import { provision } from "@/lib/domain/provision/provision";
import type { ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { conflict } from "@/lib/refusal";
import { digestOf, filesInput, readFiles } from "./plan";

const tokenForm = /^([0-9a-f-]{36})\.([0-9a-f]{32})$/;

export const applyInput = filesInput.extend({
  token: z
    .string()
    .regex(tokenForm, "This is no token of a preview. Look at the difference first.")
    .meta({ description: "Of the preview: what is applied is what it showed, or nothing." }),
});

export const appliedFiles = z.strictObject({
  workflows: z.array(z.strictObject({ ...named.shape, change: z.enum(["made", "changed", "deleted"]) })),
  report: z.array(z.string()),
});
export type AppliedFiles = z.infer<typeof appliedFiles>;

/** What would be written is not what was shown. */
class Different extends Error {}

/**
 * Makes the project what files say, as a preview has shown it. Throws `conflict` when anything would come out otherwise
 * than it did there, because somebody has changed the project, or the files are others.
 */
export async function applyFiles(
  ctx: Context,
  input: z.input<typeof applyInput>,
  deps: { resolveAdaptor: ResolveAdaptor },
): Promise<AppliedFiles> {
  requirePermission(ctx, "project.provision");
  const { token, ...files } = applyInput.parse(input);
  const [, seed = "", digest] = tokenForm.exec(token) ?? [];
  const { payload, report } = await readFiles(ctx, files, seed);
  let written: AppliedFiles["workflows"] = [];
  const look = ({ workflows, ...plan }: Plan) => {
    if (digestOf({ workflows, ...plan }) !== digest) throw new Different();
    written = workflows.flatMap(({ id, graph, change }) =>
      change === "none" ? [] : [{ id, name: graph.name, change }],
    );
  };
  try {
    const options = { source: "import", extensions: true, look } as const;
    const { warnings } = await provision(ctx, payload, options, deps);
    return { workflows: written, report: [...report, ...warnings] };
  } catch (error) {
    if (!(error instanceof Different)) throw error;
    throw conflict(
      "This is not what was shown any more: the project was changed. Look at the difference again.",
    );
  }
}
