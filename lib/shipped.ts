import manifest from "@/package.json" with { type: "json" };

/** What comes with the installation, in the versions that package.json pins. For servers: a page would carry it whole. */
const { dependencies, optionalDependencies } = manifest;

type PinnedAdaptor = Extract<keyof typeof dependencies, `@openfn/language-${string}`>;

const pinned = (name: PinnedAdaptor) => ({ name, version: dependencies[name] });

/** Adaptors that work without any network. */
export const shippedAdaptors = {
  common: pinned("@openfn/language-common"),
  http: pinned("@openfn/language-http"),
  collections: pinned("@openfn/language-collections"),
};

/** The same as jobs name them: `@openfn/language-common@1.2.3`. */
export const shippedSpecifiers = {
  common: specifierOf(shippedAdaptors.common),
  http: specifierOf(shippedAdaptors.http),
};

function specifierOf({ name, version }: { name: string; version: string }): string {
  return `${name}@${version}`;
}

/** The runtime of the job workers. */
export const denoVersion = optionalDependencies["@deno/linux-x64-glibc"];
