type Item = Record<string, unknown>;
type Lists = { triggers: Item[]; edges: Item[] };

/**
 * What OpenFn's API has against how a workflow begins and goes on, in its words; null when nothing. `nameOf` says what the
 * client calls a job.
 */
export function flowProblem({ triggers, edges }: Lists, nameOf: (id: string) => string): string | null {
  const triggerIds = new Set(triggers.map(({ id }) => id));
  const starts = edges.filter(({ sourceTriggerId }) => triggerIds.has(sourceTriggerId));
  const [start, ...others] = starts.length > 1 ? starts.filter(({ enabled }) => enabled !== false) : starts;
  if (!start) return "Missing edge with source_trigger_id.";
  if (others.length > 0) return "There should be only one enabled edge with source_trigger_id.";
  const targets = targetsOf(edges);
  if ((targets.get(String(start.sourceTriggerId)) ?? []).length > 1 && starts.length === 1)
    return "source_trigger_id must have a single target.";
  const repeated = closing(String(start.targetJobId), targets);
  return repeated === null ? null : `Cycle detected on job ${nameOf(repeated)}.`;
}

function targetsOf(edges: readonly Item[]): Map<string, string[]> {
  const targets = new Map<string, string[]>();
  for (const { sourceTriggerId, sourceJobId, targetJobId } of edges) {
    const source = String(sourceTriggerId ?? sourceJobId);
    targets.set(source, [...(targets.get(source) ?? []), String(targetJobId)]);
  }
  return targets;
}

/** The job that is come to again on the way from a first one; null when there is none. */
function closing(first: string, targets: ReadonlyMap<string, string[]>): string | null {
  const done = new Set<string>();
  const open = new Set<string>([first]);
  const way: { job: string; next: string[] }[] = [{ job: first, next: [...(targets.get(first) ?? [])] }];
  for (let at = way.at(-1); at; at = way.at(-1)) {
    const job = at.next.shift();
    if (job === undefined) {
      open.delete(at.job);
      done.add(at.job);
      way.pop();
    } else if (open.has(job)) return job;
    else if (!done.has(job)) {
      open.add(job);
      way.push({ job, next: [...(targets.get(job) ?? [])] });
    }
  }
  return null;
}
