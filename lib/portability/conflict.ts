import type { LineConflict } from "@/lib/difference/merge";
import { isRecord } from "./reader";
import type { ProjectSpec } from "./spec";

/** A place that both sides changed, each otherwise. Values are those of specs; undefined = not there. */
export type Conflict = {
  /** The keys that lead to it, e.g. `["workflows", "Sync", "jobs", "Fetch", "adaptor"]`. */
  path: string[];
  base: unknown;
  yours: unknown;
  theirs: unknown;
  /** What the result has. `both`: code with a block for each place that both changed. */
  kept: "yours" | "theirs" | "both";
};

const marks = {
  yours: "<<<<<<< yours",
  base: "||||||| last pulled",
  middle: "=======",
  theirs: ">>>>>>> server",
};

/** The lines of a block. */
export const blockOf = ({ base, yours, theirs }: LineConflict): string[] =>
  [[marks.yours], yours, [marks.base], base, [marks.middle], theirs, [marks.theirs]].flat();

/** A conflict for people to read: where it is, and a block with both sides and what they came from. */
export function conflictText(conflict: Conflict): string {
  const { path, base, yours, theirs, kept } = conflict;
  const lines = [base, yours, theirs].map((value) => shown(value).split("\n"));
  const [was = [], mine = [], other = []] = lines;
  const said =
    kept === "both"
      ? "the code has a block for each place that both changed"
      : `${kept === "yours" ? "yours" : "the server's"} was kept`;
  return [`${path.join("/")}: ${said}`, ...blockOf({ base: was, yours: mine, theirs: other })].join("\n");
}

function shown(value: unknown): string {
  if (value === undefined) return "(not there)";
  if (typeof value === "string") return value;
  const fields = isRecord(value) ? Object.entries(value) : [];
  const [only] = fields;
  if (fields.length === 1 && only) return shown(only[1]);
  return JSON.stringify(value, null, 2);
}

/** The jobs, as `<workflow>/<job>`, whose code has a block of a conflict in it still. */
export const conflictedJobs = (spec: ProjectSpec): string[] =>
  Object.entries(spec.workflows).flatMap(([workflowKey, { jobs }]) =>
    Object.entries(jobs)
      .filter(([, { body }]) => isConflicted(body))
      .map(([key]) => `${workflowKey}/${key}`),
  );

const isConflicted = (body: string): boolean => {
  const lines = new Set(body.split(/\r?\n/));
  return lines.has(marks.yours) && lines.has(marks.theirs);
};
