import path from "node:path";
import type { Context } from "@/lib/cli/command";
import { exitCodes } from "@/lib/cli/exit-codes";
import { CliFailure } from "@/lib/cli/failure";
import { readFolder } from "@/lib/cli/folder";
import { openFiles } from "@/lib/portability/formats/open";
import type { ProjectSpec } from "@/lib/portability/spec";

/**
 * The project of the folder that a command runs in, or that its options name, in whatever form OpenFn's tools have written
 * it; null where no file is a part of one. Throws `CliFailure` that says everything that is wrong with it.
 */
export async function localProject({ config }: Pick<Context, "config">): Promise<ProjectSpec | null> {
  const { specPath, isSpecNamed } = await config();
  const files = await readFolder(path.dirname(specPath));
  if (!isSpecNamed && !Object.keys(files).some((name) => /\.ya?ml$/i.test(name))) return null;
  const opened = openFiles(files, isSpecNamed ? { project: path.basename(specPath) } : {});
  if (opened.spec) return opened.spec;
  const said = opened.problems.map(({ message, file, line }) =>
    file ? `${file}${line === null ? "" : `:${line}`}: ${message}` : message,
  );
  const { choices } = opened;
  throw new CliFailure(said.join("\n"), {
    exitCode: exitCodes.failed,
    next: choices.length > 0 ? `Say which with -p, such as -p ${choices[0]?.path}.` : undefined,
  });
}
