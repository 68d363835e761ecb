import type {
  Deletion,
  EdgeDocument,
  ProjectDocument,
  StateDocument,
  WorkflowDocument,
  WorkflowState,
} from "./document";
import { byKey, credentialName, hyphenated, numberedKeys, refuseKeyCollisions } from "./keys";

/**
 * The state that is kept beside project.yaml, of a project as the server answers it. With `previous`, the state that a
 * deploy was made of (`mergeSpec`), its keys are kept: what it does not know is not taken up, as with OpenFn's CLI, for
 * the next deploy would delete it. Throws `conflict` for two names with one key.
 */
export function stateOf(document: ProjectDocument, previous?: StateDocument): StateDocument {
  if (previous) return withKeysOf(previous, document);
  refuseKeyCollisions(document);
  const { project_credentials, collections, keychain_credentials, workflows, ...columns } = document;
  return {
    ...columns,
    project_credentials: byKey(project_credentials, credentialName, same),
    collections: byKey(collections ?? [], nameOf, same),
    channels: byKey(namedItems(columns.channels), nameOf, same),
    ...(keychain_credentials && { keychain_credentials: byKey(keychain_credentials, nameOf, same) }),
    workflows: byKey(workflows, nameOf, workflowState),
  };
}

/**
 * The state of a project that is pulled over files that there are already: what `previous`, if it is of this project,
 * knows keeps its key there, whatever it is called now, and what it does not know gets the key of its name, or `-2` behind
 * it where that is taken.
 * Throws `conflict` for two new names with one key.
 */
export function pulledState(document: ProjectDocument, previous: StateDocument | null): StateDocument {
  const state = stateOf(document);
  if (previous?.id !== document.id) return state;
  return {
    ...state,
    project_credentials: rekeyed(state.project_credentials, previous.project_credentials),
    collections: rekeyed(state.collections, previous.collections),
    channels: rekeyed(keyedItems(state.channels), keyedItems(previous.channels)),
    ...(state.keychain_credentials && {
      keychain_credentials: rekeyed(state.keychain_credentials, previous.keychain_credentials),
    }),
    workflows: Object.fromEntries(
      Object.entries(rekeyed(state.workflows, previous.workflows)).map(([key, workflow]) => {
        const was = Object.values(previous.workflows).find(({ id }) => id === workflow.id);
        const { jobs, triggers, edges } = workflow;
        return [
          key,
          {
            ...workflow,
            jobs: rekeyed(jobs, was?.jobs),
            triggers: rekeyed(triggers, was?.triggers),
            edges: rekeyed(edges, was?.edges),
          },
        ];
      }),
    ),
  };
}

/** The items of a state under the keys that another one has for their ids. */
function rekeyed<T extends Identified>(
  items: Record<string, T> | undefined = {},
  known: Record<string, Identified> = {},
): Record<string, T> {
  const keys = new Map(Object.entries(known).map(([key, { id }]) => [id, key]));
  const there = new Set(Object.values(items).map(({ id }) => id));
  const taken = new Set([...keys].flatMap(([id, key]) => (there.has(id) ? [key] : [])));
  return Object.fromEntries(
    Object.entries(items).map(([name, item]): [string, T] => {
      const key = keys.get(item.id) ?? freeKey(name, taken);
      taken.add(key);
      return [key, item];
    }),
  );
}

function freeKey(name: string, taken: ReadonlySet<string>): string {
  let key = name;
  for (let n = 2; taken.has(key); n++) key = `${name}-${n}`;
  return key;
}

/**
 * The document with its lists in the order that the maps of a state have: keys that are numbers come first. Otherwise
 * OpenFn's CLI, which makes lists of maps, would see a difference for ever.
 */
export function inMapOrder(document: ProjectDocument): ProjectDocument {
  const { project_credentials, collections, keychain_credentials, workflows } = document;
  return {
    ...document,
    project_credentials: inOrder(project_credentials, credentialName),
    ...(collections && { collections: inOrder(collections, nameOf) }),
    ...(keychain_credentials && { keychain_credentials: inOrder(keychain_credentials, nameOf) }),
    workflows: inOrder(workflows, nameOf).map((workflow) => ({
      ...workflow,
      jobs: inOrder(workflow.jobs, nameOf),
    })),
  };
}

function inOrder<T>(items: readonly T[], name: (item: T) => string): T[] {
  const numbers = new Map(items.map((item) => [item, indexOf(hyphenated(name(item)))]));
  const place = (item: T) => numbers.get(item) ?? Number.POSITIVE_INFINITY;
  return [...items].sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
}

/** The number that a key of JavaScript's maps is, null for any other. */
const indexOf = (key: string): number | null =>
  /^(0|[1-9]\d{0,9})$/.test(key) && Number(key) < 2 ** 32 - 1 ? Number(key) : null;

const same = <T>(item: T): T => item;
const nameOf = ({ name }: { name: string }) => name;

function workflowState(workflow: WorkflowDocument): WorkflowState {
  const { jobs, triggers, edges } = workflow;
  const triggerKeys = numberedKeys(triggers, ({ type }) => type);
  const edgeKeys = numberedKeys(edges, edgeName(workflow));
  return {
    ...workflow,
    jobs: byKey(jobs, nameOf, same),
    triggers: Object.fromEntries(triggers.map((trigger) => [triggerKeys.get(trigger) ?? "", trigger])),
    edges: Object.fromEntries(edges.map((edge) => [edgeKeys.get(edge) ?? "", edge])),
  };
}

/** The name of each edge of a workflow: what it leads from, an arrow, and what it leads to. */
function edgeName({ jobs, triggers }: WorkflowDocument): (edge: EdgeDocument) => string {
  const names = new Map([
    ...triggers.map(({ id, type }) => [id, type] as const),
    ...jobs.map(({ id, name }) => [id, name] as const),
  ]);
  const name = (id: string | null | undefined) => hyphenated(names.get(id ?? "") ?? "");
  return ({ source_trigger_id, source_job_id, target_job_id }) =>
    `${name(source_trigger_id ?? source_job_id)}->${name(target_job_id)}`;
}

function withKeysOf(previous: StateDocument, document: ProjectDocument): StateDocument {
  const { project_credentials, collections, keychain_credentials, workflows, ...columns } = document;
  const known = previous.workflows;
  return {
    ...columns,
    project_credentials: keyed(previous.project_credentials, project_credentials),
    collections: keyed(previous.collections, collections),
    channels: keyed(keyedItems(previous.channels), namedItems(columns.channels)),
    ...(keychain_credentials && {
      keychain_credentials: keyed(previous.keychain_credentials, keychain_credentials),
    }),
    workflows: Object.fromEntries(
      pairs(known, workflows).map(([key, workflow, was]) => [
        key,
        {
          ...workflow,
          jobs: keyed(was.jobs, workflow.jobs),
          triggers: keyed(was.triggers, workflow.triggers),
          edges: keyed(was.edges, workflow.edges),
        },
      ]),
    ),
  };
}

type Identified = { id: string };
type Known<T extends Identified> = Record<string, T | Deletion> | undefined;

/** Each item with the key that its id has, and what stood there; the others are left out. */
function pairs<T extends Identified, S extends Identified>(
  known: Record<string, S>,
  items: readonly T[],
): [key: string, item: T, was: S][] {
  const keys = new Map(Object.entries(known).map(([key, was]) => [was.id, { key, was }] as const));
  return items.flatMap((item): [string, T, S][] => {
    const found = keys.get(item.id);
    return found ? [[found.key, item, found.was]] : [];
  });
}

const keyed = <T extends Identified>(known: Known<T>, items: readonly T[] = []): Record<string, T> =>
  Object.fromEntries(pairs(known ?? {}, items).map(([key, item]) => [key, item]));

type Named = { id: string; name: string };

/** OpenFn's channels, which are kept as they are. */
const namedItems = (value: unknown): Named[] => (Array.isArray(value) ? value.filter(isNamed) : []);
const keyedItems = (value: unknown): Record<string, Named> =>
  Object.fromEntries(
    Object.entries(value ?? {}).filter((entry): entry is [string, Named] => isNamed(entry[1])),
  );

const isNamed = (value: unknown): value is Named =>
  typeof value === "object" && value !== null && "id" in value && "name" in value;
