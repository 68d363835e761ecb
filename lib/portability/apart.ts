import { type ParsedSpec, parseSpec, type SpecFiles } from "./parse";
import type { SpecProblem } from "./yaml";

/** A parsed spec as it passes between threads: `lines` has the line of each of its items, by the keys that lead to it. */
export type ParsedPlain =
  | {
      spec: Extract<ParsedSpec, { problems: [] }>["spec"];
      report: string[];
      lines: [path: string, line: number][];
    }
  | { spec: null; problems: SpecProblem[] };

/** Why a file was not read to its end. */
export type Stopped = { stopped: "time" | "memory" | "busy" | "hungUp" };

/** Reads a project.yaml somewhere else. Never rejects for what is in the file. */
export type ParseApart = (job: {
  /** Who asks: people take turns. */
  tenant: string;
  yaml: string;
  files: SpecFiles;
  signal?: AbortSignal | undefined;
}) => Promise<ParsedPlain | Stopped>;

/** On `globalThis`, because the server's bundle, which has threads, and Next's are two module worlds in one process. */
const shared = globalThis as { waybillParseApart?: ParseApart };

/** Says where files are read. For the process that has a place for it. */
export function provideParseApart(parse: ParseApart): void {
  shared.waybillParseApart = parse;
}

/** `parseSpec` away from the event loop that serves everybody; here, where the process has no other place. */
export async function parseSpecApart(job: Parameters<ParseApart>[0]): Promise<ParsedSpec | Stopped> {
  if (!shared.waybillParseApart) return parseSpec(job.yaml, job.files);
  const answer = await shared.waybillParseApart(job);
  if ("stopped" in answer || answer.spec === null) return answer;
  const lines = new Map(answer.lines);
  const { spec, report } = answer;
  return { spec, problems: [], report, lineOf: (path) => lineIn(lines, path) };
}

const pathKey = (path: readonly string[]) => JSON.stringify(path);

/** The line of the deepest key of `path` that is there. */
function lineIn(lines: ReadonlyMap<string, number>, path: readonly string[]): number | null {
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(pathKey(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return null;
}

/** More workflows than a project may have: their lines are not looked for. */
const maxWorkflows = 2_000;

/** `parseSpec`'s answer without its function. */
export function plain(parsed: ParsedSpec): ParsedPlain {
  if (parsed.spec === null) return parsed;
  const { spec, report, lineOf } = parsed;
  const workflows = Object.entries(spec.workflows);
  if (workflows.length > maxWorkflows) return { spec, report, lines: [] };
  const paths = workflows.flatMap(([key, workflow]) => [
    ["workflows", key],
    ...(["jobs", "triggers", "edges"] as const).flatMap((list) => [
      ["workflows", key, list],
      ...Object.keys(workflow[list]).map((item) => ["workflows", key, list, item]),
    ]),
  ]);
  const lines = paths.flatMap((path): [string, number][] => {
    const line = lineOf(path);
    return line === null ? [] : [[pathKey(path), line]];
  });
  return { spec, report, lines };
}
