import type { Context } from "@/lib/cli/command";
import { CliFailure } from "@/lib/cli/failure";
import { Output } from "@/lib/cli/output";
import { readLocal } from "@/lib/cli/project/local";
import type { ProjectSpec } from "@/lib/portability/spec";

type Here = Pick<Context, "config" | "cwd" | "env" | "out">;

/**
 * The project of the folder that a command runs in, or that its options name; null where there is none. Throws `CliFailure`
 * after saying everything that is wrong with it.
 */
export async function localProject({ config, cwd, env, out }: Here): Promise<ProjectSpec | null> {
  const read = await config();
  const local = await readLocal({ config: read, cwd, env, isNamed: read.isSpecNamed }, out);
  return local?.spec ?? null;
}

/** The same for what can do without: null, and nothing said, where the files of the folder are no project. */
export async function projectIfAny(here: Here): Promise<ProjectSpec | null> {
  const nowhere = { write: () => {} };
  try {
    return await localProject({
      ...here,
      out: new Output({ stdout: nowhere, stderr: nowhere, env: here.env }),
    });
  } catch (error) {
    if (error instanceof CliFailure) return null;
    throw error;
  }
}
