import type { Conflict } from "./conflict";
import { own } from "./merge-items";
import type { ProjectSpec, WorkflowSpec } from "./spec";

type Sides = { base: ProjectSpec | null; yours: ProjectSpec; theirs: ProjectSpec };
type Path = [string, ...string[]];

/** Brings back what one side took away and the other names: a job that an edge leads to, a credential of a job. */
export function restoreReferences(spec: ProjectSpec, sides: Sides, conflicts: Conflict[]): void {
  // What comes back may name more.
  for (let missing = missingIn(spec); missing.length > 0; missing = missingIn(spec)) {
    let isRestored = false;
    for (const path of missing) isRestored = restore(spec, path, sides, conflicts) || isRestored;
    if (!isRestored) return;
  }
}

function restore(
  spec: ProjectSpec,
  path: Path,
  { base, yours, theirs }: Sides,
  conflicts: Conflict[],
): boolean {
  if (at(spec, path) !== undefined) return false;
  const [was, mine, other] = [base && at(base, path), at(yours, path), at(theirs, path)];
  const item = mine ?? other ?? was;
  if (item === undefined || item === null) return false;
  const holder = at(spec, path.slice(0, -1));
  if (typeof holder !== "object" || holder === null) return false;
  Object.defineProperty(holder, path.at(-1) ?? "", {
    value: structuredClone(item),
    enumerable: true,
    writable: true,
    configurable: true,
  });
  const kept = mine === undefined ? "theirs" : "yours";
  conflicts.push({ path, base: was ?? undefined, yours: mine, theirs: other, kept });
  return true;
}

const at = (spec: ProjectSpec, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? own(value as Record<string, unknown>, key) : undefined,
    spec,
  );

/** Where what is named would stand, and does not. */
function missingIn(spec: ProjectSpec): Path[] {
  const named = [
    ...Object.values(spec.keychains).map((one): Path => ["credentials", one.defaultCredential ?? ""]),
    ...Object.entries(spec.workflows).flatMap(([key, workflow]) => namedIn(key, workflow)),
  ];
  return named.filter((path) => path.at(-1) !== "" && at(spec, path) === undefined);
}

function namedIn(key: string, { jobs, triggers, edges }: WorkflowSpec): Path[] {
  const job = (name: string | null, workflow = key): Path => ["workflows", workflow, "jobs", name ?? ""];
  return [
    ...Object.values(jobs).flatMap((one): Path[] => [
      ["credentials", one.credential ?? ""],
      ["keychains", one.keychain ?? ""],
    ]),
    ...Object.values(triggers).flatMap(({ cronCursorJob, sourceJob }): Path[] => [
      job(cronCursorJob),
      ...(sourceJob
        ? [["workflows", sourceJob.workflow] as Path, job(sourceJob.job, sourceJob.workflow)]
        : []),
    ]),
    ...Object.values(edges).flatMap((edge): Path[] => [
      ["workflows", key, "triggers", edge.sourceTrigger ?? ""],
      job(edge.sourceJob),
      job(edge.targetJob),
    ]),
  ];
}
