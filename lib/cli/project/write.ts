import fs from "node:fs";
import path from "node:path";
import type { Config } from "@/lib/cli/config";
import { CliFailure } from "@/lib/cli/failure";
import { rewriteSpec } from "@/lib/portability/rewrite";
import type { ProjectSpec } from "@/lib/portability/spec";
import { stringifySpec } from "@/lib/portability/stringify";
import { asSaid } from "./as-said";
import { isHidden, type Local } from "./local";

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
  if (isHidden(path.relative(root, file)))
    throw new CliFailure(`${name} is no place for code, so it was not written.`, {
      next: "Name another file, in the spec, for the code of this job.",
    });
  if (isOutside(root, file) || isOutside(fs.realpathSync(root), realOf(file)))
    throw new CliFailure(`${name} is out of the repository, so it was not written.`, {
      next: "Name a file in it, in the spec, for the code of this job.",
    });
  return file;
}

const isOutside = (root: string, file: string): boolean => path.relative(root, file).startsWith("..");

/** Where a file is, or would be: folders above it may be links. */
function realOf(file: string): string {
  const above = path.dirname(file);
  if (fs.existsSync(file)) return fs.realpathSync(file);
  return above === file ? file : path.join(realOf(above), path.basename(file));
}
