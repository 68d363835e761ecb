import { type OpenedFiles, type OpenOptions, openFiles } from "./formats/open";
import type { SpecFiles } from "./sent-files";

type Sound = Extract<OpenedFiles, { problems: [] }>;

/** An opened folder as it passes between threads: `places` has where each item of the spec was read. */
export type OpenedPlain =
  | (Omit<Sound, "lineOf" | "fileOf"> & {
      places: [path: string, line: number | null, file: string | null][];
    })
  | Exclude<OpenedFiles, Sound>;

/** What is read. */
export type OpenTask = { files: SpecFiles; options: OpenOptions };

/** Why a folder was not read to its end. */
export type Stopped = { stopped: "time" | "memory" | "busy" | "hungUp" };

/** Reads a folder somewhere else. Never rejects for what is in it. */
export type OpenApart = (
  job: OpenTask & {
    /** Who asks: people take turns. */
    tenant: string;
    signal?: AbortSignal | undefined;
  },
) => Promise<OpenedPlain | Stopped>;

/** On `globalThis`, because the server's bundle, which has threads, and Next's are two module worlds in one process. */
const shared = globalThis as { waybillOpenApart?: OpenApart };

/** Says where folders are read. For the process that has a place for it. */
export function provideOpenApart(open: OpenApart): void {
  shared.waybillOpenApart = open;
}

/** `openFiles` away from the event loop that serves everybody; here, where the process has no other place. */
export async function openFilesApart(job: Parameters<OpenApart>[0]): Promise<OpenedFiles | Stopped> {
  if (!shared.waybillOpenApart) return openFiles(job.files, job.options);
  const answer = await shared.waybillOpenApart(job);
  if ("stopped" in answer || answer.spec === null) return answer;
  const { places, ...opened } = answer;
  const known = new Map(places.map(([path, line, file]) => [path, { line, file }]));
  const placeOf = (path: readonly string[]) => placeIn(known, path);
  return {
    ...opened,
    lineOf: (path) => placeOf(path)?.line ?? null,
    fileOf: (path) => placeOf(path)?.file ?? null,
  };
}

const pathKey = (path: readonly string[]) => JSON.stringify(path);

/** What is known of the deepest key of `path` that is there. */
function placeIn<T>(places: ReadonlyMap<string, T>, path: readonly string[]): T | null {
  for (let length = path.length; length > 0; length--) {
    const place = places.get(pathKey(path.slice(0, length)));
    if (place !== undefined) return place;
  }
  return null;
}

/** More workflows than a project may have: their places are not looked for. */
const maxWorkflows = 2_000;

/** `openFiles`' answer without its functions. */
export function plain(opened: OpenedFiles): OpenedPlain {
  if (opened.spec === null) return opened;
  const { lineOf, fileOf, ...rest } = opened;
  const workflows = Object.entries(opened.spec.workflows);
  if (workflows.length > maxWorkflows) return { ...rest, places: [] };
  const collections = Object.keys(opened.spec.collections).map((key) => ["collections", key]);
  const ofWorkflows = workflows.flatMap(([key, workflow]) => [
    ["workflows", key],
    ...(["jobs", "triggers", "edges"] as const).flatMap((list) => [
      ["workflows", key, list],
      ...Object.keys(workflow[list]).map((item) => ["workflows", key, list, item]),
    ]),
  ]);
  const paths = [...collections, ...ofWorkflows];
  return {
    ...rest,
    places: paths.map((path): [string, number | null, string | null] => [
      pathKey(path),
      lineOf(path),
      fileOf(path),
    ]),
  };
}
