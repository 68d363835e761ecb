import fs from "node:fs/promises";
import path from "node:path";
import { isExactVersion, newestRelease } from "@/lib/versions";
import { AdaptorInstallError } from "./errors";
import { lockedIntegrity, strangerIn } from "./lock";
import { type NpmResult, type NpmSettings, runNpm } from "./npm";
import { listVersions, unreachable } from "./registry";

const installLimits = { timeoutMs: 180_000, maxBytes: 600 * 1024 * 1024 };
const installFlags = [
  "--ignore-scripts",
  "--no-audit",
  "--no-fund",
  "--omit=dev",
  "--install-strategy=hoisted",
  // A lock that names no host is good for whichever registry a later runner is configured for.
  "--omit-lockfile-registry-resolved",
];
/** npm 11 refuses these before it asks for them; `strangerIn` finds what an older one let through. */
const onlyRegistryFlags = ["git", "remote", "file", "directory"].map((source) => `--allow-${source}=none`);
const maxOverrides = 3;

export type InstallInput = {
  name: string;
  /** Exact. */
  version: string;
  /** What the registry (or an earlier installation) said; an installation with another one is refused. */
  integrity: string | null;
  /** package-lock.json of an earlier installation: the same files again, or none. */
  lock: string | null;
  overrides: Record<string, string> | null;
};

export type Installed = { lock: string; integrity: string | null; overrides: Record<string, string> | null };

const tampered = (name: string, version: string, output?: string) =>
  new AdaptorInstallError(
    "broken",
    `${name}@${version} is not what it was when it was pinned: its checksum differs (EINTEGRITY). Nothing was installed. Ask whoever runs the registry, or choose another version.`,
    output?.slice(-4000),
  );

const strange = ({ name, version }: Pick<InstallInput, "name" | "version">, what: string) =>
  new AdaptorInstallError(
    "broken",
    `${name}@${version} depends on ${what}, which does not come from the npm registry. Choose another version of the adaptor.`,
  );

function failure({ name, version }: InstallInput, result: NpmResult): AdaptorInstallError {
  const { output, stopped } = result;
  const what = `${name}@${version}`;
  if (stopped === "time")
    return new AdaptorInstallError(
      "broken",
      `Installing ${what} took longer than ${installLimits.timeoutMs / 1000} seconds and was stopped. Try again later.`,
      output.slice(-4000),
    );
  if (stopped === "size")
    return new AdaptorInstallError(
      "broken",
      `${what} needs more than ${installLimits.maxBytes / 1024 / 1024} MB of packages, which is more than a job may have. Choose another adaptor.`,
    );
  if (/EINTEGRITY/.test(output)) return tampered(name, version, output);
  const refused = output.match(/Refusing to fetch "([^"@]+)/)?.[1];
  if (/EALLOW(?:GIT|REMOTE|FILE|DIRECTORY)|EUNSUPPORTEDPROTOCOL/.test(output))
    return strange({ name, version }, refused ?? "a package");
  const missing = missingDependency(output);
  if (missing) {
    return new AdaptorInstallError(
      "missing",
      `${what} needs ${missing.name}@${missing.version}, which the npm registry does not have. Choose another version of the adaptor.`,
      output.slice(-4000),
    );
  }
  const notFound = output.match(
    /404 Not Found - GET \S+?\/((?:@|%40)[^\s/]+(?:\/|%2f)[^\s/]+|[^\s/]+)(?:\s|$)/i,
  )?.[1];
  if (notFound) {
    return new AdaptorInstallError(
      "missing",
      `${what} cannot be installed: ${decodeURIComponent(notFound)} is not on the npm registry. Choose another version.`,
      output.slice(-4000),
    );
  }
  if (/ENOTFOUND|ECONN|ETIMEDOUT|EAI_AGAIN|network/i.test(output)) return unreachable(name, output);
  return new AdaptorInstallError(
    "broken",
    `${what} could not be installed. Try again, or choose another version.`,
    output.slice(-4000),
  );
}

/** The dependency npm found no version for. */
function missingDependency(output: string) {
  if (!/ETARGET/.test(output)) return null;
  const match = output.match(/No matching version found for ((?:@[\w.-]+\/)?[\w.-]+)@([^\s]+?)\.?(?:\s|$)/);
  return match?.[1] && match[2] ? { name: match[1], version: match[2] } : null;
}

/**
 * OpenFn publishes adaptors that pin a language-common which a mirror may lack: the newest one of the same major
 * version stands in for it, and is recorded.
 */
async function standIn(result: NpmResult, adaptor: string, settings: NpmSettings) {
  const missing = missingDependency(result.output);
  if (!missing?.name.startsWith("@openfn/") || missing.name === adaptor || !isExactVersion(missing.version))
    return null;
  const sameMajor = `${missing.version.split(".")[0]}.x`;
  const near = newestRelease(await listVersions(missing.name, settings), sameMajor);
  return near && near !== missing.version ? { [missing.name]: near } : null;
}

async function attempt(folder: string, input: InstallInput, settings: NpmSettings) {
  const { name, version, lock, overrides } = input;
  const manifest = {
    name: "adaptor",
    private: true,
    dependencies: { [name]: version },
    ...(overrides && { overrides }),
  };
  await fs.writeFile(path.join(folder, "package.json"), JSON.stringify(manifest));
  if (lock) await fs.writeFile(path.join(folder, "package-lock.json"), lock);
  return runNpm(
    [lock ? "ci" : "install", ...installFlags, ...onlyRegistryFlags],
    folder,
    settings,
    installLimits,
  );
}

/** Installs one adaptor into `folder`, running no scripts. Throws AdaptorInstallError. */
export async function installAdaptor(
  folder: string,
  input: InstallInput,
  settings: NpmSettings,
): Promise<Installed> {
  let overrides = input.overrides;
  let result = await attempt(folder, input, settings);
  for (let tries = 0; !result.ok && !input.lock && tries < maxOverrides; tries++) {
    const more = await standIn(result, input.name, settings);
    if (!more) break;
    overrides = { ...overrides, ...more };
    result = await attempt(folder, { ...input, overrides }, settings);
  }
  if (!result.ok) throw failure(input, result);
  const lock = await fs.readFile(path.join(folder, "package-lock.json"), "utf8");
  const stranger = strangerIn(lock);
  if (stranger) throw strange(input, stranger);
  const integrity = lockedIntegrity(lock, input.name);
  if (input.integrity && integrity !== input.integrity) throw tampered(input.name, input.version);
  return { lock, integrity, overrides };
}
