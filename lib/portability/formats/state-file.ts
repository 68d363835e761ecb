import type { ProjectDocument, StateDocument } from "@/lib/portability/document";
import { isRecord } from "@/lib/portability/reader";
import { stateOf } from "@/lib/portability/state";
import { type Folder, folderOf, pathFrom } from "./folder";

/** More than any file of settings. */
const maxConfigChars = 100_000;

/**
 * The state that OpenFn's command line keeps beside a project.yaml: the file that a config.json names, or one of the
 * usual names. Null where there is none, or where it is not what it should be. `isOnly`: no other project is here.
 */
export function stateBeside(folder: Folder, specPath: string, isOnly: boolean): StateDocument | null {
  const inFolder = folderOf(specPath);
  const usual = isOnly ? ["projectState.json", ".state.json", "state.json"] : [];
  const candidates = [
    ...configured(folder, specPath),
    specPath.replace(/-?spec\.ya?ml$/, (end) => end.replace(/spec\.ya?ml$/, "state.json")),
    ...usual.flatMap((name) => pathFrom(inFolder, name) ?? []),
  ];
  for (const path of candidates) {
    const state = path === specPath ? null : stateIn(folder.peek(path));
    if (!state) continue;
    folder.use(path);
    return state;
  }
  return null;
}

/** The state files of the config files that name this project.yaml. */
function configured(folder: Folder, specPath: string): string[] {
  return folder.paths.filter(isConfig).flatMap((path) => {
    const text = folder.peek(path) ?? "";
    const config = text.length > maxConfigChars ? null : parsed(withoutComments(text));
    if (!isRecord(config)) return [];
    const named = (key: string, usual: string) => (typeof config[key] === "string" ? config[key] : usual);
    if (pathFrom(folderOf(path), named("specPath", "project.yaml")) !== specPath) return [];
    folder.use(path);
    return pathFrom(folderOf(path), named("statePath", ".state.json")) ?? [];
  });
}

/** The names that OpenFn's command line and its GitHub app give them. */
export const isConfig = (path: string): boolean =>
  /(^|\/)(\.config|config|openfn-[^/]*config)\.json$/.test(path);

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** JSON as people write settings, with comments on lines of their own. */
const withoutComments = (text: string): string => text.replace(/^\s*\/\/.*$/gm, "");

/** The state that a text is: a state file, or an answer of OpenFn's API, whose lists become maps. Null for another one. */
export function stateIn(text: string | undefined): StateDocument | null {
  const value = parsed(text);
  const inner = isRecord(value) && isRecord(value.data) ? value.data : value;
  if (!isRecord(inner) || typeof inner.id !== "string") return null;
  const { workflows, project_credentials = {}, ...columns } = inner;
  const isSound =
    areRecords(workflows) && areRecords(project_credentials) && itemsOf(workflows).every(isWorkflow);
  if (!isSound) return null;
  const whole = { ...columns, workflows, project_credentials };
  try {
    return Array.isArray(workflows)
      ? stateOf(whole as unknown as ProjectDocument)
      : (whole as unknown as StateDocument);
  } catch {
    // Two of its names have one key: no state could hold both.
    return null;
  }
}

const itemsOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];

/** Each has an id, by which it can be told from the others. */
const areRecords = (value: unknown): boolean =>
  (Array.isArray(value) || isRecord(value)) &&
  itemsOf(value).every((one) => isRecord(one) && typeof one.id === "string");

const isWorkflow = (value: unknown): boolean =>
  isRecord(value) && (value.delete === true || [value.jobs, value.triggers, value.edges].every(areRecords));
