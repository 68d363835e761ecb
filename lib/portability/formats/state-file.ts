import type { StateDocument } from "@/lib/portability/document";
import { isRecord } from "@/lib/portability/reader";
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
    const state = path === specPath ? null : asState(parsed(folder.peek(path)));
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

/** A state as far as its records can be told apart: each has an id. */
export function asState(value: unknown): StateDocument | null {
  if (!isRecord(value) || typeof value.id !== "string" || !isRecord(value.workflows)) return null;
  const workflows = Object.values(value.workflows);
  const isSound = workflows.every(
    (workflow) =>
      isRecord(workflow) &&
      typeof workflow.id === "string" &&
      [workflow.jobs, workflow.triggers, workflow.edges].every(areRecords),
  );
  if (!isSound || !areRecords(value.project_credentials)) return null;
  return { project_credentials: {}, ...value } as StateDocument;
}

const areRecords = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (isRecord(value) && Object.values(value).every((one) => isRecord(one) && typeof one.id === "string"));
