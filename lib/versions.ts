import semver from "semver";

/** Stricter than semver, which also takes `v1.2.3` and build metadata: what npm is given must mean one version. */
const exact = /^\d{1,6}\.\d{1,6}\.\d{1,6}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** Says whether this is one version, such as 7.2.10 or 1.0.0-beta.2, and neither a range nor a tag. */
export const isExactVersion = (text: string): boolean => exact.test(text) && semver.valid(text) !== null;

/** Orders versions as semver does, oldest first. What is no version comes before all that are. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [semver.parse(a), semver.parse(b)];
  if (x && y) return x.compare(y);
  if (x || y) return x ? 1 : -1;
  return a < b ? -1 : Number(a > b);
}

/** The newest release of those versions that `range` admits; no pre-release. */
export const newestRelease = (versions: readonly string[], range = "*"): string | undefined =>
  semver.maxSatisfying(versions.filter(isExactVersion), range) ?? undefined;

/** The release that stands for one that is not there: the newest of its minor version, else of its major, else of all. */
export function nearestRelease(versions: readonly string[], wanted: string): string | undefined {
  const { major, minor } = semver.coerce(wanted) ?? {};
  const ranges = major === undefined ? [] : [`~${major}.${minor}`, `^${major}`];
  for (const range of [...ranges, "*"]) {
    const near = newestRelease(versions, range);
    if (near) return near;
  }
  return undefined;
}

/** The newest release, or pre-release when there is no release. */
export const newestVersion = (versions: readonly string[]): string | undefined =>
  newestRelease(versions) ?? versions.filter(isExactVersion).sort(compareVersions).at(-1);
