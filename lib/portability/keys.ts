import { conflict } from "@/lib/refusal";
import type { ProjectDocument } from "./document";

/** The key that OpenFn makes of a name. */
export const hyphenated = (name: string): string => name.replace(/\s+/g, "-");

/**
 * Gives each item a key of its own, in order: its name's, and a second one of a key gets `-2`, as in OpenFn's export of
 * edges. For what is named by the file (names of people are refused instead: `refuseKeyCollisions`).
 */
export function numberedKeys<T>(items: readonly T[], nameOf: (item: T) => string): Map<T, string> {
  const keys = new Map<T, string>();
  const taken = new Set<string>();
  const counted = new Map<string, number>();
  for (const item of items) {
    const name = hyphenated(nameOf(item));
    let key = name;
    for (let n = counted.get(name) ?? 2; taken.has(key); n++) {
      key = `${name}-${n}`;
      counted.set(name, n + 1);
    }
    taken.add(key);
    keys.set(item, key);
  }
  return keys;
}

/** Items by the keys of their names; the last one of a key counts, as with OpenFn's CLI. */
export const byKey = <T, U>(items: readonly T[], nameOf: (item: T) => string, toValue: (item: T) => U) =>
  Object.fromEntries(items.map((item): [string, U] => [hyphenated(nameOf(item)), toValue(item)]));

/** The name of a credential's key, before it is hyphenated. */
export const credentialName = ({ owner, name }: { owner: string; name: string }) => `${owner} ${name}`;

/**
 * Throws `conflict` when two workflows, two jobs of a workflow, or two credentials, keychains or collections have names
 * whose keys in project.yaml are the same, with both names: one of them would be lost.
 */
export function refuseKeyCollisions(document: ProjectDocument): void {
  const { workflows, project_credentials, collections = [], keychain_credentials = [] } = document;
  const found = [
    ...collisions("workflows", workflows),
    ...workflows.flatMap(({ name, jobs }) => collisions(`jobs of the workflow "${name}"`, jobs)),
    ...collisions(
      "credentials",
      project_credentials.map((one) => ({ name: credentialName(one) })),
    ),
    ...collisions("keychains", keychain_credentials),
    ...collisions("collections", collections),
  ];
  if (found.length === 0) return;
  const shown = found.slice(0, maxShown);
  const more = found.length > maxShown ? ` And ${found.length - maxShown} more.` : "";
  throw conflict(`${shown.join(" ")}${more} Rename one of each.`);
}

const maxShown = 20;

function collisions(things: string, items: readonly { name: string }[]): string[] {
  const names = new Map<string, string>();
  return items.flatMap(({ name }) => {
    const key = hyphenated(name);
    const other = names.get(key);
    if (other === undefined) names.set(key, name);
    return other === undefined
      ? []
      : [`Two ${things} would be "${key}" in project.yaml: "${other}" and "${name}".`];
  });
}
