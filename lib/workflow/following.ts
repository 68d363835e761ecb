/** A trigger that starts its workflow when a job of another one has ended: from that job to those that it leads to. */
export type Following = { workflow: string; sourceJobId: string; reaches: ReadonlySet<string> };

/** How many workflows may start one another in a row. */
export const maxChain = 50;

/**
 * Returns why these cannot be together, or null: a circle would never end, and a chain may have so many workflows. They
 * are those that are enabled, of one project.
 */
export function chainProblem(followings: readonly Following[]): string | null {
  const next = new Map(
    followings.map((one) => [one, followings.filter((other) => one.reaches.has(other.sourceJobId))]),
  );
  /** Workflows in a row from here on; undefined while it is being looked at. */
  const lengths = new Map<Following, number | undefined>();
  const path: Following[] = [];
  const visit = (one: Following): string | null => {
    lengths.set(one, undefined);
    path.push(one);
    let length = 0;
    for (const other of next.get(one) ?? []) {
      if (lengths.has(other) && lengths.get(other) === undefined)
        return circle([...path.slice(path.indexOf(other)), other]);
      const problem = lengths.has(other) ? null : visit(other);
      if (problem) return problem;
      length = Math.max(length, lengths.get(other) ?? 0);
    }
    path.pop();
    lengths.set(one, length + 1);
    return length >= maxChain
      ? `More than ${maxChain} workflows would start one another, from ${one.workflow} on. Make the chain shorter.`
      : null;
  };
  for (const one of followings) {
    const problem = lengths.has(one) ? null : visit(one);
    if (problem) return problem;
  }
  return null;
}

const circle = (around: Following[]): string =>
  `Circular dependency: ${around.map(({ workflow }) => workflow).join(" -> ")}. These workflows would start one another for ever.`;
