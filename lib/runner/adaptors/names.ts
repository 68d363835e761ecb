import { AdaptorInstallError } from "./errors";

const OPENFN = /^@openfn\/language-[a-z0-9][a-z0-9-]{0,60}$/;
const PACKAGE = /^(?:@[a-z0-9][a-z0-9._-]{0,60}\/)?[a-z0-9][a-z0-9._-]{0,100}$/;
const EXACT = /^\d{1,6}\.\d{1,6}\.\d{1,6}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const TAG = /^[a-z][a-z0-9-]{0,60}$/;

/** Throws AdaptorInstallError unless this is an `@openfn/language-*` package or one that the operator listed. */
export function checkName(name: string, listed: readonly string[] = []) {
  if (OPENFN.test(name) || (listed.includes(name) && PACKAGE.test(name))) return;
  throw new AdaptorInstallError(
    "invalid",
    `${JSON.stringify(name.slice(0, 120))} is not an adaptor. Choose a package named @openfn/language-…, or ask the operator to list yours.`,
  );
}

export const isExactVersion = (version: string) => EXACT.test(version);

/** Throws AdaptorInstallError unless this is an exact version (7.2.10) or a tag (latest). */
export function checkVersion(version: string) {
  if (version.length <= 100 && (EXACT.test(version) || TAG.test(version))) return;
  throw new AdaptorInstallError(
    "invalid",
    `${JSON.stringify(version.slice(0, 120))} is not a version. Use an exact version such as 7.2.10, or latest.`,
  );
}

/** Splits `@openfn/language-http@7.2.10`; without a version it is `latest`. Throws AdaptorInstallError. */
export function parseSpecifier(specifier: string, listed: readonly string[] = []) {
  const at = specifier.indexOf("@", 1);
  const name = at < 0 ? specifier : specifier.slice(0, at);
  const version = at < 0 ? "latest" : specifier.slice(at + 1);
  checkName(name, listed);
  checkVersion(version);
  return { name, version };
}

const parts = (version: string) => {
  const dash = version.indexOf("-");
  const core = dash < 0 ? version : version.slice(0, dash);
  const pre = dash < 0 ? [] : version.slice(dash + 1).split(".");
  return { core: core.split(".").map(Number), pre };
};

function comparePre(a: string[], b: string[]): number {
  if (!a.length || !b.length) return b.length - a.length;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]];
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    if (x === y) continue;
    const [xIsNumber, yIsNumber] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (xIsNumber && yIsNumber) return Number(x) - Number(y);
    if (xIsNumber !== yIsNumber) return xIsNumber ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return 0;
}

/** Orders exact versions as semver does, oldest first. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [parts(a), parts(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (x.core[i] ?? 0) - (y.core[i] ?? 0);
    if (difference) return difference;
  }
  return comparePre(x.pre, y.pre);
}

/** The newest version, releases before pre-releases. */
export function newestVersion(versions: readonly string[]): string | undefined {
  const sorted = versions.filter(isExactVersion).sort(compareVersions);
  return sorted.filter((version) => !version.includes("-")).at(-1) ?? sorted.at(-1);
}
