import crypto from "node:crypto";

/** Somebody who could take a step. */
type Candidate = { address: string; capacity: number; load: number; isShunned: boolean };

/**
 * How full, in quarters: who differs by less counts as equal, so that a project stays with the workers that it has
 * warmed while that costs nobody a wait.
 */
const level = ({ capacity, load }: Candidate): number => Math.floor((4 * load) / Math.max(1, capacity));

/** The same order of addresses for a project in every process; a new address takes only its share of projects. */
const weight = (projectId: string, address: string): string =>
  crypto.createHash("sha1").update(projectId).update("\0").update(address).digest("hex");

/** The least loaded, and among equals the one that the project keeps to. Undefined when there is none. */
export function choose<C extends Candidate>(candidates: readonly C[], projectId: string): C | undefined {
  const [first, ...others] = candidates;
  if (!first || others.length === 0) return first;
  return candidates
    .map((one) => ({ one, rank: level(one), weight: weight(projectId, one.address) }))
    .sort(
      (a, b) =>
        Number(a.one.isShunned) - Number(b.one.isShunned) ||
        a.rank - b.rank ||
        (a.weight < b.weight ? -1 : a.weight > b.weight ? 1 : 0),
    )[0]?.one;
}
