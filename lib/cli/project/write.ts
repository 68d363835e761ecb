import path from "node:path";
import type { Config } from "@/lib/cli/config";
import { CliFailure } from "@/lib/cli/failure";
import { rewriteSpec } from "@/lib/portability/rewrite";
import type { ProjectSpec } from "@/lib/portability/spec";
import { stringifySpec } from "@/lib/portability/stringify";
import { asSaid } from "./as-said";
import type { Local } from "./local";

/**
 * The files, by their absolute paths, that have to be written so that a project says `spec`: the spec itself, and code that is
 * in files of its own.
 */
export function specFiles(
  local: Local | null,
  spec: ProjectSpec,
  config: Config,
): [file: string, text: string][] {
  if (!local) return [[config.specPath, stringifySpec(spec)]];
  const place = path.join(local.root, local.path);
  const folder = path.posix.dirname(local.path);
  const { [local.path]: old = "", ...others } = local.files;
  const beside = Object.entries(others).map(([file, text]) => [path.posix.relative(folder, file), text]);
  const { text, files } = rewriteSpec(old, asSaid(local.spec, spec), Object.fromEntries(beside));
  return [
    ...Object.entries(files).map(([name, code]): [string, string] => [inRoot(local, folder, name), code]),
    [place, text],
  ];
}

/** Code is written where the spec says, as far as that is in the repository. */
function inRoot({ root }: Local, folder: string, name: string): string {
  const file = path.resolve(root, folder, name);
  if (path.relative(root, file).startsWith(".."))
    throw new CliFailure(`${name} is out of the repository, so it was not written.`, {
      next: "Name a file in it, in the spec, for the code of this job.",
    });
  return file;
}
