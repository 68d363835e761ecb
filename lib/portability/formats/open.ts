import type { StateDocument } from "@/lib/portability/document";
import { byPlace, readProject } from "@/lib/portability/parse";
import { otherKind } from "@/lib/portability/recognise";
import { reportLines } from "@/lib/portability/report";
import { leftOut } from "@/lib/portability/sent-files";
import type { ProjectSpec } from "@/lib/portability/spec";
import { maxProblems, type SpecProblem } from "@/lib/portability/yaml";
import { YamlShape } from "@/lib/portability/yaml-shape";
import { brokenCode } from "./code";
import { type ReadFile, readFile } from "./documents";
import type { Found } from "./draft";
import { type Folder, type FolderFiles, openFolder } from "./folder";
import { isCode, isJson, isYaml, pickFiles } from "./pick";
import { type Format, type Parts, type Project, partsOf, projectsOf } from "./projects";
import { stateBeside } from "./state-file";

export type { FolderFiles } from "./folder";
export type { Format } from "./projects";

/** A project of a folder that holds several: `path` chooses it. */
export type Choice = { path: string; format: Format; name: string | null };

/**
 * What a folder holds. `report` says what was read otherwise than the files say, a sentence each; `lineOf` and `fileOf`
 * find where an item of the spec was read by the keys that lead to it, e.g. `["workflows", "w", "jobs", "a"]`. `choices`:
 * the projects of the folder, where it holds several and which one is meant was not said.
 */
export type OpenedFiles =
  | {
      format: Format;
      /** The file that the project begins in. */
      path: string;
      spec: ProjectSpec;
      /** What the folder remembers of the project on a server. */
      state: StateDocument | null;
      report: string[];
      problems: [];
      choices: [];
      lineOf(path: readonly string[]): number | null;
      fileOf(path: readonly string[]): string | null;
    }
  | { format: Format | null; spec: null; problems: SpecProblem[]; choices: Choice[] };

export type OpenOptions = {
  /** The path of the project that is meant, where there are several. */
  project?: string | undefined;
  /** The path of a text that was pasted: it is what is meant, and sentences do not name it. */
  pasted?: string | undefined;
  /** What cannot be had here is replaced and told, instead of refused: where somebody reads the report. */
  isLenient?: boolean | undefined;
};

/**
 * Recognises and reads the project that a folder, or a single file, holds, in whatever form OpenFn's tools have written
 * it. Returns the spec, or everything that is wrong at once, each with its file and line. Bounded in files, bytes and
 * what is parsed; throws nothing for what is in the files.
 */
export function openFiles(
  files: FolderFiles,
  { project: wanted, pasted, isLenient = false }: OpenOptions = {},
): OpenedFiles {
  const { folder, problems } = openFolder(files, pasted);
  if (problems.length > 0) return refused(null, problems);
  const [first] = folder.paths;
  const alone = pasted ?? (folder.paths.length === 1 ? first : undefined);
  const { files: looked, tooMuch } = lookInto(folder, { alone, pasted, wanted });
  if (tooMuch) return refused(null, [tooMuch]);
  const parts = partsOf(folder, looked, alone !== undefined);
  const projects = projectsOf(parts);
  const choices = projects.map(({ path, format, name }) => ({ path, format, name }));
  const chosen = projects.filter(({ path }) => wanted === undefined || path === wanted);
  const [project] = chosen;
  if (!project && wanted !== undefined) return refused(null, [noSuch(wanted)], choices);
  const broken = parts.unknown.flatMap((file) => file.problems);
  if (!project) return refused(null, broken.length > 0 ? broken : [nothingIn(folder, looked, alone)]);
  if (chosen.length > 1) return refused(null, [several(choices)], choices);
  return read(project, parts, { isOnly: projects.length === 1, isLenient });
}

const refused = (format: Format | null, problems: SpecProblem[], choices: Choice[] = []): OpenedFiles => ({
  format,
  spec: null,
  problems: problems.sort(byPlace).slice(0, maxProblems),
  choices,
});

type Reading = { isOnly: boolean; isLenient: boolean };

function read(project: Project, { folder, unknown }: Parts, { isOnly, isLenient }: Reading): OpenedFiles {
  const found: Found = { problems: [], notes: [] };
  const { format, path } = project;
  const opened = project.read(found);
  const broken = unknown.flatMap((file) => file.problems.slice(0, 1));
  // A workflow of v2 is a file: a broken one would be missing.
  if (format === "v2")
    found.problems.push(
      ...unknown.filter(({ text }) => /^steps:/m.test(text)).flatMap((file) => file.problems),
    );
  const spec = opened && readProject(opened.map, opened.bodies, isLenient);
  if (!spec || found.problems.length > 0) return refused(format, found.problems);
  return {
    format,
    path,
    spec,
    state: project.state?.() ?? stateBeside(folder, path, isOnly),
    report: [
      ...reportLines(found.notes),
      ...brokenCode(spec, (at) => opened.map.placeText(at)),
      ...broken.map(({ file, line, message }) => `${file}, line ${line}: ${message} The file was left out.`),
      ...leftOut(folder.unused),
    ],
    problems: [],
    choices: [],
    lineOf: (at) => opened.map.at(at).line,
    fileOf: (at) => opened.map.at(at).file,
  };
}

type Looked = { files: ReadFile[]; tooMuch: SpecProblem | null };

type Meant = { alone: string | undefined; pasted: string | undefined; wanted: string | undefined };

/**
 * Parses what may be a part of a project, as far as the limits go: a file of data may be beyond them. JSON is looked into
 * where YAML alone is no project: there it is data, mostly, and a state beside a project.yaml.
 */
function lookInto(folder: Folder, { alone, pasted, wanted }: Meant): Looked {
  const shape = new YamlShape();
  const files: ReadFile[] = [];
  const look = (paths: readonly string[]): SpecProblem | null => {
    for (const path of paths) {
      const shown = path === pasted ? null : path;
      const file = readFile({ path, shown, text: folder.peek(path) ?? "" }, shape);
      if (!("passed" in file)) files.push(file);
      else return path === alone || isYaml(path) ? file.passed : null;
    }
    return null;
  };
  if (alone !== undefined) return { files, tooMuch: look([alone]) };
  const picked = pickFiles(folder.paths.map((path) => ({ path, bytes: (folder.peek(path) ?? "").length })));
  const tooMuch = look(picked.map(({ path }) => path).filter(isYaml));
  if (tooMuch) return { files, tooMuch };
  const found = projectsOf(partsOf(folder, files, false));
  const isJsonMeant = folder.paths.some((path) => /(^|\/)openfn\.json$/.test(path)) || isJson(wanted ?? "");
  const inJson =
    found.length === 0 || isJsonMeant || files.some(({ text }) => /^\s+workflow: json$/m.test(text));
  const json = picked.flatMap(({ path }) =>
    isJson(path) && isPartOfProject(folder.peek(path) ?? "") ? [path] : [],
  );
  return { files, tooMuch: inJson ? look(json) : null };
}

function isPartOfProject(json: string): boolean {
  if (!/"(workflows|workflow|workspace|steps|jobs|nodes|flow)"\s*:/.test(json)) return false;
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

const problemOf = (message: string): SpecProblem => ({ path: "folder", message, line: null });

const noSuch = (path: string): SpecProblem => problemOf(`There is no project in ${path}.`);

function several(projects: readonly Choice[]): SpecProblem {
  const names = projects.slice(0, 10).map(({ path, name }) => (name === null ? path : `${path} (${name})`));
  const more = projects.length > 10 ? ` and ${projects.length - 10} more` : "";
  return problemOf(
    `The folder holds ${projects.length} projects: ${names.join(", ")}${more}. Choose one of them.`,
  );
}

/** What a folder is that holds no project, as far as anybody can say. */
function nothingIn(folder: Folder, files: readonly ReadFile[], alone?: string): SpecProblem {
  if (folder.paths.length === 0) return problemOf("The folder is empty.");
  const [only] = files;
  const said = only && files.length === 1 ? otherKind(only.source.document.contents) : null;
  const named = only && only.shown !== null ? { file: only.shown } : {};
  if (said) return { path: "project", message: said, line: 1, ...named };
  if (alone !== undefined) {
    const message = "A project.yaml is a map that begins with the project's name.";
    return { path: "project", message, line: 1, ...named };
  }
  const code = folder.paths.filter(isCode).length;
  if (code > 0)
    return problemOf(
      `This looks like a folder of job code: ${code} files of JavaScript, and none that says which jobs there are. Add the project.yaml that belongs to them (openfn pull writes it).`,
    );
  return problemOf(
    "None of these files is a project. Add its project.yaml, or its openfn.yaml and workflows.",
  );
}
