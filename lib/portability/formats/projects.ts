import type { StateDocument } from "@/lib/portability/document";
import { isRecord, MapReader } from "@/lib/portability/reader";
import type { BodyFiles } from "@/lib/portability/sent-files";
import { validateRead } from "@/lib/portability/validate";
import { type ReadFile, readerOf } from "./documents";
import { Draft, type Found } from "./draft";
import { draftFlat } from "./flat";
import { baseOf, FilesBeside, type Folder, folderOf } from "./folder";
import { type Kind, kindOf, nameIn } from "./kinds";
import { draftN8n } from "./n8n";
import { isYaml } from "./pick";
import { draftPlatform } from "./platform";
import { draftState } from "./state";
import { stateIn } from "./state-file";
import { draftCollections, draftV2, type V2Project, type V2Workflow } from "./v2";
import { stateOfFetched } from "./v2-state";
import { v2Words } from "./words";
import { draftWorkflowAlone } from "./workflow";

/** In what form a project was found. */
export type Format = "spec" | "v2" | "platform" | "state" | "workflow" | "flat" | "n8n";

/** A project that a folder holds, before it is read. */
export type Project = {
  /** The file that it begins in. */
  path: string;
  format: Format;
  name: string | null;
  /** Returns a reader of it as a document of the v1 grammar and where its code is, or null; `found` has why. */
  read(found: Found): { map: MapReader; bodies: BodyFiles } | null;
  /** What it is on a server, where it says so itself. */
  state?: () => StateDocument | null;
};

/** The files of a folder that are projects or parts of them. */
export type Parts = { folder: Folder; of(kind: Kind): ReadFile[]; unknown: ReadFile[] };

/** Returns every project of a folder. Workflows alone are one where there is no other. */
export function projectsOf(parts: Parts): Project[] {
  const whole = [
    ...workspaces(parts),
    ...parts.of("spec").map((file) => specProject(parts, file)),
    ...parts.of("flat").map((file) => flatProject(parts, file)),
    ...drafted(parts, "platform", ({ reader, path, draft }) => draftPlatform(reader, path, draft)),
  ];
  const states = () =>
    drafted(parts, "state", ({ reader, draft }) => draftState(under(reader, "data") ?? reader, draft)).map(
      (project) => ({ ...project, state: () => stateIn(parts.folder.peek(project.path)) }),
    );
  const workflows = () => [
    ...loose(parts),
    ...flows(parts),
    ...drafted(parts, "workflow", ({ reader, path, draft }) => draftWorkflowAlone(reader, path, draft)),
  ];
  for (const found of [() => whole, states, workflows]) {
    const projects = found();
    if (projects.length > 0) return projects.sort((a, b) => (a.path < b.path ? -1 : 1));
  }
  return [];
}

/** Every workflow of n8n in a folder: together they are a project. */
function flows({ folder, of }: Parts): Project[] {
  const files = of("n8n");
  const [first] = files;
  if (!first) return [];
  const read = (found: Found) => {
    for (const { path } of files) folder.use(path);
    const readers = files.flatMap((file) => {
      const reader = readerOf(file, found);
      return reader ? [{ reader, path: file.path }] : [];
    });
    const draft = new Draft();
    draftN8n(readers, draft);
    return { map: draft.reader(found), bodies: new FilesBeside(folder, "") };
  };
  return [{ path: first.path, format: "n8n", name: nameIn(first), read }];
}

type Drafting = { reader: MapReader; path: string; draft: Draft };

/** Projects that each are one file of a kind, written as documents of the v1 grammar. */
function drafted({ folder, of }: Parts, kind: Kind & Format, write: (drafting: Drafting) => void): Project[] {
  return of(kind).map((file) => ({
    path: file.path,
    format: kind,
    name: nameIn(file),
    read(found) {
      folder.use(file.path);
      const reader = readerOf(file, found);
      if (!reader) return null;
      const draft = new Draft();
      write({ reader, path: file.path, draft });
      return { map: draft.reader(found), bodies: new FilesBeside(folder, "") };
    },
  }));
}

function specProject({ folder }: Parts, file: ReadFile): Project {
  return {
    path: file.path,
    format: "spec",
    name: nameIn(file),
    read(found) {
      folder.use(file.path);
      const { problems, doc, source } = validateRead(file);
      const named = file.shown === null ? {} : { file: file.shown };
      found.problems.push(...problems.map((problem) => ({ ...problem, ...named })));
      if (!doc || problems.length > 0) return null;
      const map = new MapReader({ ...source, file: () => file.shown }, found, [], doc);
      return { map, bodies: new FilesBeside(folder, file.path) };
    },
  };
}

function flatProject({ folder }: Parts, file: ReadFile): Project {
  return {
    path: file.path,
    format: "flat",
    name: /^name:\s*(.+)$/m.exec(file.text)?.[1] ?? null,
    read(found) {
      folder.use(file.path);
      const draft = new Draft();
      draftFlat(file, draft, found);
      return { map: draft.reader(found), bodies: new FilesBeside(folder, "") };
    },
  };
}

/** Each openfn.yaml is a project with the workflows below it; what it was fetched from is in `.projects`. */
function workspaces(parts: Parts): Project[] {
  const opened = parts.of("workspace");
  const fetched = parts.of("v2Project");
  const taken = new Set<string>();
  const projects = opened.map((file): Project => {
    const folder = folderOf(file.path);
    const mine = fetched.filter(({ path }) => isBelow(path, folder));
    const workflows = parts.of("v2Workflow").filter(({ path }) => isBelow(path, folder));
    if (workflows.length > 0 || mine.length === 1) for (const { path } of mine) taken.add(path);
    const describing = sameProject(file, mine);
    return {
      path: file.path,
      format: "v2",
      name: nameIn(file) ?? (describing && nameIn(describing)),
      read: (found) => readWorkspace(parts, { file, describing, workflows }, found),
      state: () => describing && stateOfFetched(describing.source.document.toJS()),
    };
  });
  const isChecked = parts.of("v2Workflow").length > 0;
  const alone = fetched.filter(({ path }) => !taken.has(path));
  const [only] = alone;
  // The folder of a project whose openfn.yaml was not committed.
  if (
    opened.length === 0 &&
    isChecked &&
    only &&
    alone.length === 1 &&
    folderOf(only.path).endsWith(".projects")
  )
    return [
      {
        path: only.path,
        format: "v2",
        name: nameIn(only),
        read: (found) =>
          readWorkspace(parts, { file: null, describing: only, workflows: parts.of("v2Workflow") }, found),
        state: () => stateOfFetched(only.source.document.toJS()),
      },
    ];
  return [...projects, ...alone.map((file) => v2Project(parts, file))];
}

const isBelow = (path: string, folder: string): boolean => folder === "" || path.startsWith(`${folder}/`);

/** Of the fetched projects the one that an openfn.yaml is about. */
function sameProject(workspace: ReadFile, fetched: readonly ReadFile[]): ReadFile | null {
  const uuid = workspace.top?.under("project")?.text("uuid") ?? null;
  const same = fetched.filter(({ top }) => uuid !== null && top?.under("openfn")?.text("uuid") === uuid);
  return same.length === 1 ? (same[0] ?? null) : fetched.length === 1 ? (fetched[0] ?? null) : null;
}

type Workspace = { file: ReadFile | null; describing: ReadFile | null; workflows: ReadFile[] };

function readWorkspace({ folder }: Parts, { file, describing, workflows }: Workspace, found: Found) {
  for (const one of [file, describing, ...workflows]) if (one) folder.use(one.path);
  const opened = file && readerOf(file, found);
  const fetched = describing && readerOf(describing, found);
  if ((file && !opened) || (describing && !fetched)) return null;
  const project = opened && under(opened, "project");
  const at = project ?? opened ?? fetched;
  if (!at) return null;
  const draft = new Draft();
  const read = workflows.flatMap((one) => workflowOf(one, found));
  project?.keys(v2Words.project);
  if (workflows.length === 0 && fetched) return draftFetched(folder, fetched, describing?.path ?? "", found);
  const name = project?.text("name") ?? opened?.text("name") ?? fetched?.text("name") ?? project?.text("id");
  draftV2({ name: name ?? folderName(at), at, credentials: credentialsOf(fetched), workflows: read }, draft);
  const description = project?.text("description") ?? fetched?.text("description");
  draft.put(["description"], description, at);
  if (project?.has("collections")) draftCollections(project, draft);
  else if (fetched) draftCollections(fetched, draft);
  return { map: draft.reader(found), bodies: new FilesBeside(folder, "") };
}

const folderName = (at: MapReader): string =>
  folderOf(at.placeOf().file ?? "")
    .split("/")
    .at(-1) || "project";

const under = (reader: MapReader, field: string): MapReader | null => {
  const value = reader.raw(field);
  return isRecord(value) ? reader.within(field, value) : null;
};

/** A workflow stands at the top of its file, or under `workflow`. */
function workflowOf(file: ReadFile, found: Found): V2Workflow[] {
  const reader = readerOf(file, found);
  if (!reader) return [];
  const inner = under(reader, "workflow");
  return [{ reader: inner ?? reader, file: file.path }];
}

function credentialsOf(fetched: MapReader | null): V2Project["credentials"] {
  return (fetched?.items("credentials") ?? []).flatMap((at) => {
    const name = at.text("name");
    if (name === null) at.problem("A credential needs a name.");
    return name === null ? [] : [{ uuid: at.text("uuid"), name, owner: at.text("owner") ?? "", at }];
  });
}

/** A whole project in one file. */
function v2Project({ folder }: Parts, file: ReadFile): Project {
  return {
    path: file.path,
    format: "v2",
    name: nameIn(file),
    read(found) {
      folder.use(file.path);
      const reader = readerOf(file, found);
      return reader && draftFetched(folder, reader, file.path, found);
    },
    state: () => stateOfFetched(file.source.document.toJS()),
  };
}

function draftFetched(folder: Folder, reader: MapReader, path: string, found: Found) {
  const draft = new Draft();
  reader.keys(v2Words.project);
  const workflows = reader.items("workflows").map((workflow) => ({ reader: workflow, file: path }));
  const name = reader.text("name") ?? reader.text("id") ?? baseOf(path);
  draftV2({ name, at: reader, credentials: credentialsOf(reader), workflows }, draft);
  draft.put(["description"], reader.text("description"), reader, "description");
  draft.put(["env"], reader.text("env"), reader, "env");
  draftCollections(reader, draft);
  return { map: draft.reader(found), bodies: new FilesBeside(folder, "") };
}

/** Workflows that no project names: those of a folder in YAML are one together, a plan in JSON is one of its own. */
function loose(parts: Parts): Project[] {
  const workflows = parts.of("v2Workflow");
  const yaml = workflows.filter(({ path }) => isYaml(path));
  const plans = workflows.filter(({ path }) => !isYaml(path));
  return [...(yaml.length > 0 ? [yaml] : []), ...plans.map((plan) => [plan])].flatMap((files) =>
    looseProject(parts, files),
  );
}

function looseProject({ folder }: Parts, files: readonly ReadFile[]): Project[] {
  const [first] = files;
  if (!first) return [];
  const read = (found: Found) => {
    for (const { path } of files) folder.use(path);
    const workflows = files.flatMap((file) => workflowOf(file, found));
    const [one] = workflows;
    if (!one) return null;
    const name = one.reader.text("name") ?? one.reader.text("id") ?? baseOf(one.file);
    const said = `No file names the project: it is called "${name}" as its first workflow is.`;
    one.reader.note(v2Words.project, "name", said);
    const draft = new Draft();
    draftV2({ name, at: one.reader, credentials: [], workflows }, draft);
    return { map: draft.reader(found), bodies: new FilesBeside(folder, "") };
  };
  return [{ path: first.path, format: "v2", name: nameIn(first), read }];
}

/** Sorts the files of a folder by what they are. `isAlone`: one file is meant, and must be something. */
export function partsOf(folder: Folder, files: readonly ReadFile[], isAlone: boolean): Parts {
  const kinds = new Map<Kind | null, ReadFile[]>();
  for (const file of files) {
    const kind = kindOf(file, isAlone);
    kinds.set(kind, [...(kinds.get(kind) ?? []), file]);
  }
  return { folder, of: (kind) => kinds.get(kind) ?? [], unknown: kinds.get(null) ?? [] };
}
