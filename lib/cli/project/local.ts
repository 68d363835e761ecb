import fs from "node:fs/promises";
import path from "node:path";
import { isScalar, parseDocument, visit } from "yaml";
import type { Config } from "@/lib/cli/config";
import { CliFailure } from "@/lib/cli/failure";
import { readText } from "@/lib/cli/files";
import { readFolder } from "@/lib/cli/folder";
import type { Output } from "@/lib/cli/output";
import type { Variables } from "@/lib/cli/variables";
import { limits } from "@/lib/limits";
import { conflictedJobs } from "@/lib/portability/conflict";
import type { StateDocument } from "@/lib/portability/document";
import { type Format, openFiles } from "@/lib/portability/formats/open";
import type { ProjectSpec } from "@/lib/portability/spec";
import type { SpecProblem } from "@/lib/portability/yaml";

/** The project that a folder holds. */
export type Local = {
  format: Format;
  /** The folder that `path` and `files` are relative to: the repository's top, where there is one. */
  root: string;
  /** The file that the project begins in. */
  path: string;
  files: Readonly<Record<string, string>>;
  spec: ProjectSpec;
  /** What the folder remembers of the project on a server, where that is not in the state file. */
  state: StateDocument | null;
  /** What was read otherwise than the files say. */
  report: string[];
};

/** Where the project begins: a file that somebody named, or the one that is there. */
export type Place = { config: Config; cwd: string; env: Variables; isNamed: boolean };

/**
 * Reads the project of a folder in whatever format of OpenFn's it is: project.yaml, the folders of the newer command line
 * (`openfn.yaml`), or another one. Null when there is nothing to read. Throws `CliFailure` after saying everything that is
 * wrong, with its file and line.
 */
export async function readLocal(place: Place, out: Output): Promise<Local | null> {
  const { config, cwd, env } = place;
  const workspace = path.join(cwd, "openfn.yaml");
  const isWorkspace = !place.isNamed && !env.PREFER_LEGACY_SYNC && (await readText(workspace)) !== null;
  const start = isWorkspace ? workspace : config.specPath;
  const text = await readText(start);
  if (text === null && config.isSpecNamed) return null;
  if (text === null || isWorkspace) return readWhole(cwd, isWorkspace ? "openfn.yaml" : undefined, out);
  const root = await rootOf(path.dirname(start), cwd);
  const name = relative(root, start);
  return opened(root, { [name]: text, ...(await filesNamedIn(text, start, root)) }, name, out);
}

/** The same; a project that is not there is a failure, too. */
export async function readLocalOrFail(place: Place, out: Output): Promise<Local> {
  const local = await readLocal(place, out);
  if (local) return local;
  throw new CliFailure(`File not found: ${place.config.specPath}`, {
    next: "Run this in the folder of your project, name its file with -p, or fetch a project with `waybill pull <project id>`.",
  });
}

function opened(
  root: string,
  files: Record<string, string>,
  project: string | undefined,
  out: Output,
): Local {
  const found = openFiles(files, { project });
  if (found.spec !== null) {
    const { format, path: begin, spec, state, report } = found;
    refuseConflicts(spec);
    return { format, root, path: begin, files, spec, state, report };
  }
  const { problems, choices } = found;
  for (const problem of problems) out.warn(worded(problem));
  throw new CliFailure(`${project ?? root} has errors`, {
    next:
      choices.length > 1 && project === undefined
        ? `Choose one of the projects: ${choices
            .slice(0, 5)
            .map((choice) => `-p ${choice.path}`)
            .join(", ")}.`
        : "Nothing was sent. Mend what is named above, then run the same command again.",
  });
}

const worded = ({ file, line, path: at, message }: SpecProblem & { file?: string }): string => {
  const place = file ? `${file}${line === null ? "" : `:${line}`} ` : line === null ? "" : `line ${line} `;
  return `${place}${at} :: ${message}`;
};

function refuseConflicts(spec: ProjectSpec): void {
  const left = conflictedJobs(spec);
  if (left.length === 0) return;
  throw new CliFailure(`The code of ${left.join(", ")} holds conflicts that are not resolved.`, {
    next: "Between <<<<<<< and >>>>>>> keep the lines that are right and remove the rest, marks included.",
  });
}

/** The nearest folder above that is a git repository; else the working folder, or the file's own. */
async function rootOf(folder: string, cwd: string): Promise<string> {
  for (let at = folder; ; at = path.dirname(at)) {
    if (await exists(path.join(at, ".git"))) return at;
    if (at === path.dirname(at)) break;
  }
  return isInside(cwd, folder) ? cwd : folder;
}

const exists = (file: string) =>
  fs.stat(file).then(
    () => true,
    () => false,
  );

const isInside = (folder: string, file: string) => {
  const way = path.relative(folder, file);
  return way === "" || (!way.startsWith("..") && !path.isAbsolute(way));
};

const relative = (root: string, file: string) => path.relative(root, file).split(path.sep).join("/");

/** Paths that may be those of code. What is no YAML, or nested past what can be read, names none: reading it says why. */
function namesOfFiles(text: string): string[] {
  const names = new Set<string>();
  try {
    visit(parseDocument(text, { strict: false, uniqueKeys: false }), {
      Pair(_, { key, value }) {
        if (!isScalar(key) || !isScalar(value) || typeof value.value !== "string") return;
        const isPlace = key.value === "path" || key.value === "expression" || key.value === "body";
        if (isPlace && value.value.length < 1_000 && !value.value.includes("\n")) names.add(value.value);
      },
    });
  } catch {
    return [];
  }
  return [...names];
}

/**
 * Whether a file is git's, or one of settings: those hold tokens and what git runs, so no spec may have them sent as code, or
 * written.
 */
export const isHidden = (name: string): boolean => {
  const parts = name.replaceAll("\\", "/").toLowerCase().split("/");
  const file = parts.at(-1) ?? "";
  return (
    parts.some((part) => part === ".git" || part === ".ssh") ||
    /^\.env|^\.?config\.jsonc?$|^\.npmrc$|^\.netrc$/.test(file)
  );
};

/** Texts of the files that a document names as code, as far as they are in the repository. */
async function filesNamedIn(text: string, file: string, root: string): Promise<Record<string, string>> {
  const names = namesOfFiles(text);
  const found: Record<string, string> = {};
  const top = await fs.realpath(root);
  for (const name of names.slice(0, limits.importFiles)) {
    if (isHidden(name)) continue;
    const at = path.resolve(path.dirname(file), name.replaceAll("\\", "/"));
    const real = await fs.realpath(at).catch(() => null);
    // A link out of the repository would send somebody's other files along.
    if (real === null || !isInside(top, real)) continue;
    const code = (await fs.stat(real)).isFile() ? await readText(real) : null;
    if (code !== null) found[relative(root, at)] = code;
  }
  return found;
}

/** Everything in a folder that may be of a project. Null when there is nothing. */
async function readWhole(cwd: string, project: string | undefined, out: Output): Promise<Local | null> {
  const files = await readFolder(cwd);
  if (Object.keys(files).some((name) => /\.(ya?ml|json)$/i.test(name)))
    return opened(cwd, files, project, out);
  return null;
}
