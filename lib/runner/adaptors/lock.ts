import { z } from "zod";

const dependencies = z.record(z.string(), z.string()).optional();
const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      integrity: z.string().optional(),
      link: z.boolean().optional(),
      dependencies,
      optionalDependencies: dependencies,
      peerDependencies: dependencies,
    }),
  ),
});

const packagesOf = (lock: string) => {
  const parsed = lockSchema.safeParse(JSON.parse(lock));
  return parsed.success ? parsed.data.packages : {};
};

/** A package's integrity as a package-lock.json has it, or null. */
export const lockedIntegrity = (lock: string | null, name: string): string | null =>
  (lock && packagesOf(lock)[`node_modules/${name}`]?.integrity) || null;

/** `^1.2.3`, `latest` and `npm:other@1` come from the registry; addresses, paths and repositories do not. */
const isFromRegistry = (wanted: string) => wanted.startsWith("npm:") || !/[:/]/.test(wanted);

/** The first dependency in a package-lock.json that comes from anywhere but the registry. */
export function strangerIn(lock: string): string | null {
  for (const [place, entry] of Object.entries(packagesOf(lock))) {
    if (entry.link) return place;
    const wanted = { ...entry.dependencies, ...entry.optionalDependencies };
    const stranger = Object.keys(wanted).find((name) => !isFromRegistry(wanted[name] ?? ""));
    if (stranger) return stranger;
  }
  return null;
}
