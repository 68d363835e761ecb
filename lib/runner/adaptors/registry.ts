import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import type { PublishedVersions } from "@/lib/runner/contract";
import { nearestRelease } from "@/lib/versions";
import { AdaptorInstallError } from "./errors";
import { type NpmResult, type NpmSettings, runNpm } from "./npm";

const viewTimeoutMs = 20_000;

const foundSchema = z.object({ version: z.string(), "dist.integrity": z.string() });
const failedSchema = z.object({
  error: z.object({ code: z.string().nullish(), summary: z.string().nullish() }),
});
const versionsSchema = z.union([z.string().transform((version) => [version]), z.array(z.string())]);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** Runs with a folder that exists only meanwhile. */
export async function inThrowAwayFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "waybill-adaptor-"));
  try {
    return await use(folder);
  } finally {
    await fs.rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

export const unreachable = (name: string, output: string) =>
  new AdaptorInstallError(
    "unreachable",
    `The npm registry cannot be reached, so ${name} cannot be looked up. Try again later; adaptors that are already pinned keep working.`,
    output.slice(-4000),
  );

async function view(specifier: string, fields: string[], settings: NpmSettings): Promise<NpmResult> {
  const args = ["view", specifier, ...fields, "--json"];
  return inThrowAwayFolder((folder) => runNpm(args, folder, settings, { timeoutMs: viewTimeoutMs })).catch(
    (error: Error) => {
      throw new AdaptorInstallError(
        "unreachable",
        "npm cannot be started on the runner's machine. Install npm beside Node.",
        error.message,
      );
    },
  );
}

function failure(name: string, wanted: string, result: NpmResult): AdaptorInstallError {
  const failed = failedSchema.safeParse(parseJson(result.stdout));
  const code = failed.success ? failed.data.error.code : null;
  if (code !== "E404" && code !== "ETARGET") return unreachable(name, result.output);
  const isVersion = /No match found/.test(failed.data?.error.summary ?? "");
  return new AdaptorInstallError(
    "missing",
    isVersion
      ? `${name} has no version ${wanted} on the npm registry. Choose another version, or latest.`
      : `${name} is not on the npm registry that this installation uses. Check the name, or choose another adaptor.`,
    result.output.slice(-4000),
  );
}

/** Asks the registry which exact version a version or tag is, and for its integrity. Throws AdaptorInstallError. */
export async function lookUp(name: string, wanted: string, settings: NpmSettings) {
  const result = await view(`${name}@${wanted}`, ["version", "dist.integrity"], settings);
  const found = foundSchema.safeParse(parseJson(result.stdout));
  if (!result.ok || !found.success) {
    // A tag that the package does not have prints nothing.
    if (result.ok && !result.stdout.trim()) {
      throw new AdaptorInstallError(
        "missing",
        `${name} has no version tagged ${wanted}. Choose an exact version, or latest.`,
      );
    }
    throw await withNearest(failure(name, wanted, result), name, wanted, settings);
  }
  return { version: found.data.version, integrity: found.data["dist.integrity"] };
}

/** The same, with the version that is nearest to the one that is not there. */
async function withNearest(
  error: AdaptorInstallError,
  name: string,
  wanted: string,
  settings: NpmSettings,
): Promise<AdaptorInstallError> {
  if (error.problem !== "missing") return error;
  const near = nearestRelease(await listVersions(name, settings).catch(() => []), wanted);
  return near
    ? new AdaptorInstallError("missing", `${error.message} The nearest is ${near}.`, error.output)
    : error;
}

const publishedSchema = z.object({ versions: versionsSchema, "dist-tags.latest": z.string().nullish() });

/** The same with what `latest` stands for. */
export async function lookUpPublished(name: string, settings: NpmSettings): Promise<PublishedVersions> {
  const result = await view(name, ["versions", "dist-tags.latest"], settings);
  const found = publishedSchema.safeParse(parseJson(result.stdout));
  if (result.ok && found.success)
    return { versions: found.data.versions, latest: found.data["dist-tags.latest"] ?? null };
  const error = failure(name, "", result);
  if (error.problem === "missing") return { versions: [], latest: null };
  throw error;
}

/** All versions of a package; empty when the registry has none. Throws AdaptorInstallError when it cannot be asked. */
export async function listVersions(name: string, settings: NpmSettings): Promise<string[]> {
  const result = await view(name, ["versions"], settings);
  const versions = versionsSchema.safeParse(parseJson(result.stdout));
  if (result.ok && versions.success) return versions.data;
  const error = failure(name, "", result);
  if (error.problem === "missing") return [];
  throw error;
}
