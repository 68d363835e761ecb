import { ExactNumber } from "@/lib/exact-json";
import type { Deletion, ProjectDocument, ProjectPayload, StateDocument } from "@/lib/portability/document";
import { openfnDifference } from "@/lib/portability/openfn-difference";

type Raw = Record<string, unknown>;
type Identified = { id: string };

/** What a payload says of a project and of a workflow. The rest is the server's own business, whatever it echoes. */
const projectFields = ["name", "description", "env"];
const workflowFields = ["id", "name", "concurrency", "order_key", "enable_job_logs"];
const projectLists = ["project_credentials", "collections", "keychain_credentials"] as const;
const workflowLists = ["jobs", "triggers", "edges"] as const;

/**
 * What a deploy would change on a server, in the words of OpenFn's command line; empty when it would change nothing. What the
 * payload does not name stays as it is there, so it is no difference, and neither is a value that is not there.
 */
export function changesOf(
  current: ProjectDocument | null,
  payload: ProjectPayload,
  options: { color?: boolean } = {},
): string {
  if (current === null) return openfnDifference(null, payload, options);
  return openfnDifference(
    comparable(current) as ProjectDocument,
    comparable(outcomeOf(current, payload)),
    options,
  );
}

/** What a state says of a project, as its server would answer it. */
export const documentOf = ({
  project_credentials,
  collections,
  keychain_credentials,
  workflows,
  ...columns
}: StateDocument): ProjectDocument => ({
  ...columns,
  project_credentials: there(project_credentials),
  ...(collections ? { collections: there(collections) } : {}),
  ...(keychain_credentials ? { keychain_credentials: there(keychain_credentials) } : {}),
  workflows: Object.values(workflows).map(({ jobs, triggers, edges, ...workflow }) => ({
    ...workflow,
    jobs: there(jobs),
    triggers: there(triggers),
    edges: there(edges),
  })),
});

/** Without what is to go. */
const there = <T extends Identified>(items: Record<string, T | Deletion>): T[] =>
  Object.values(items).filter((item): item is T => !("delete" in item));

/** The project as it would be, with what is to go marked. */
export function outcomeOf(current: ProjectDocument, payload: ProjectPayload): Raw {
  const lists = Object.fromEntries(
    projectLists.map((key) => [key, joined(listIn(current, key), listIn(payload, key))]),
  );
  return {
    ...chosen(payload, projectFields, current),
    ...lists,
    workflows: joined(current.workflows, payload.workflows, (was, said) => ({
      ...chosen(said, workflowFields, was),
      ...Object.fromEntries(workflowLists.map((key) => [key, joined(listIn(was, key), listIn(said, key))])),
    })),
  };
}

/** The fields that `said` has, else those of `was`. */
const chosen = (said: Raw, fields: readonly string[], was: Raw): Raw =>
  Object.fromEntries(fields.map((field) => [field, Object.hasOwn(said, field) ? said[field] : was[field]]));

const listIn = (holder: Raw, key: string): Identified[] => {
  const list = holder[key];
  return Array.isArray(list) ? list : [];
};

/** What is there in its order, as the payload says it where it does, then what is new. */
function joined<T extends Identified>(
  current: readonly T[],
  said: readonly Identified[],
  join: (was: T, said: Raw) => Raw = (was, one) => ({ ...was, ...one }),
): Raw[] {
  const byId = new Map(said.map((one) => [one.id, one as Raw & Identified]));
  const known = new Set(current.map(({ id }) => id));
  return [
    ...current.map((was): Raw => {
      const one = byId.get(was.id);
      if (!one) return was;
      return "delete" in one ? { id: was.id, delete: true } : join(was, one);
    }),
    // To delete what is not there is done already.
    ...said.filter((one) => !known.has(one.id) && !("delete" in one)).map((one): Raw => ({ ...one })),
  ];
}

/** Only what a payload can say, without values that are not there. */
export const comparable = (project: Raw): ProjectPayload =>
  withoutNulls({
    ...chosen(project, projectFields, {}),
    ...Object.fromEntries(projectLists.map((key) => [key, listIn(project, key)])),
    workflows: listIn(project, "workflows").map((workflow) =>
      "delete" in workflow ? workflow : chosen(workflow as Raw, [...workflowFields, ...workflowLists], {}),
    ),
    // The same records with fewer fields.
  }) as ProjectPayload;

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) =>
      one === null || one === undefined ? [] : [[key, withoutNulls(one)]],
    ),
  );
}
