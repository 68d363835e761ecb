import { isExactVersion } from "@/lib/versions";
import { AdaptorInstallError } from "./errors";

const openfnPackage = /^@openfn\/language-[a-z0-9][a-z0-9-]{0,60}$/;
const packageName = /^(?:@[a-z0-9][a-z0-9._-]{0,60}\/)?[a-z0-9][a-z0-9._-]{0,100}$/;
const tagPattern = /^[a-z][a-z0-9-]{0,60}$/;

/** Throws AdaptorInstallError unless this is an `@openfn/language-*` package or one that the operator listed. */
export function checkName(name: string, listed: readonly string[] = []) {
  if (openfnPackage.test(name) || (listed.includes(name) && packageName.test(name))) return;
  throw new AdaptorInstallError(
    "invalid",
    `${JSON.stringify(name.slice(0, 120))} is not an adaptor. Choose a package named @openfn/language-…, or ask the operator to list yours.`,
  );
}

/** Throws AdaptorInstallError unless this is an exact version (7.2.10) or a tag (latest). */
export function checkVersion(version: string) {
  if (version.length <= 100 && (isExactVersion(version) || tagPattern.test(version))) return;
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
