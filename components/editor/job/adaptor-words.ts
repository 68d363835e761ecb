import type { JobAdaptor } from "./use-job-adaptor";

/** What the job is or will be pinned to, in a sentence. */
export function versionWords(spec: string, newest: string | null, found: JobAdaptor): string {
  const { saved, version, problem, isLooking } = found;
  if (isLooking) return "Looking it up, and building it where it is new here…";
  if (problem) return "It cannot be had.";
  if (saved !== null) {
    const isOld = newest !== null && newest !== saved;
    return `Pinned to ${saved} since it was saved${isOld ? `; ${newest} is the newest` : ""}.`;
  }
  if (version === null)
    return spec === "latest" ? "Pinned when it is saved." : `Pinned to ${spec} when it is saved.`;
  return `Pinned to ${version} when it is saved.`;
}
