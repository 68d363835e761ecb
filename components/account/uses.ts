import type { JobUses } from "@/lib/domain/credential/uses";

const maxShown = 3;

/** Which jobs use something, in a few words that follow its name. */
export function usedBy({ jobs, usedBy: named }: JobUses): string {
  if (jobs === 0) return "used by no job";
  const shown = named.slice(0, maxShown).map(({ workflow, job }) => `${workflow.name}: ${job.name}`);
  const more = jobs - shown.length;
  const all = [...shown, ...(more > 0 ? [`${more} more`] : [])];
  return `used by ${countOf(jobs, "job")} (${all.join(", ")})`;
}

export const countOf = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? "" : "s"}`;

/** What is missed by whoever loses it: a whole sentence. */
export function missedBy(parts: { jobs: number; keychains: number }, none: string): string {
  const { jobs, keychains } = parts;
  const those = [
    ...(jobs > 0 ? [countOf(jobs, "job")] : []),
    ...(keychains > 0 ? [countOf(keychains, "keychain")] : []),
  ];
  if (those.length === 0) return none;
  const rest = jobs > 0 ? "Steps of these jobs fail until they get another one." : "";
  const choice = keychains > 0 ? "Keychains that have it as their default have none." : "";
  return [`${those.join(" and ")} ${jobs + keychains === 1 ? "has" : "have"} it.`, rest, choice]
    .filter(Boolean)
    .join(" ");
}
