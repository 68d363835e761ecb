import type { Deletion, ProjectDocument, StateDocument } from "@/lib/portability/document";
import { stateOf } from "@/lib/portability/state";

/**
 * The state of a project as the server answers it, in which each record that was known before keeps its key, and so its place
 * in a person's project.yaml, whatever it is called now. New ones have the keys of their names. Throws `conflict` for two
 * names with one key.
 */
export function stateWithKeysOf(previous: StateDocument | null, document: ProjectDocument): StateDocument {
  const fresh = stateOf(document);
  if (!previous || previous.id !== document.id) return fresh;
  const known = new Map(Object.entries(previous.workflows).map(([, workflow]) => [workflow.id, workflow]));
  return {
    ...fresh,
    project_credentials: kept(previous.project_credentials, fresh.project_credentials),
    ...(fresh.collections ? { collections: kept(previous.collections, fresh.collections) } : {}),
    ...(fresh.keychain_credentials
      ? { keychain_credentials: kept(previous.keychain_credentials, fresh.keychain_credentials) }
      : {}),
    workflows: mapped(kept(previous.workflows, fresh.workflows), (workflow) => {
      const was = known.get(workflow.id);
      if (!was) return workflow;
      return {
        ...workflow,
        jobs: kept(was.jobs, workflow.jobs),
        triggers: kept(was.triggers, workflow.triggers),
        edges: kept(was.edges, workflow.edges),
      };
    }),
  };
}

type Identified = { id: string };

/** The same records, under the keys that they had. A new one whose key somebody has already gets a number. */
function kept<T extends Identified | Deletion>(
  previous: Record<string, Identified> | undefined,
  fresh: Record<string, T>,
): Record<string, T> {
  const keys = new Map(Object.entries(previous ?? {}).map(([key, { id }]) => [id, key]));
  const taken = new Set(Object.values(fresh).flatMap(({ id }) => keys.get(id) ?? []));
  return Object.fromEntries(
    Object.entries(fresh).map(([key, item]) => {
      const known = keys.get(item.id);
      if (known !== undefined) return [known, item];
      let free = key;
      for (let n = 2; taken.has(free); n++) free = `${key}-${n}`;
      taken.add(free);
      return [free, item];
    }),
  );
}

const mapped = <T>(items: Record<string, T>, toValue: (item: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(items).map(([key, item]) => [key, toValue(item)]));
