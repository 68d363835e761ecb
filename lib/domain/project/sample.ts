import type { UserContext } from "@/lib/domain/context";
import type { ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { type ImportedProject, importProject } from "./import";
import { sampleFiles, sampleYaml } from "./sample-files";

/** Makes a project from the sample, called `name` or as the sample is. Throws as `importProject` does. */
export const createSampleProject = (
  ctx: UserContext & { boundTo?: string },
  input: { name?: string },
  deps: { resolveAdaptor: ResolveAdaptor },
): Promise<ImportedProject> =>
  importProject(
    ctx,
    { yaml: sampleYaml, files: sampleFiles, ...(input.name ? { name: input.name } : {}) },
    deps,
  );
