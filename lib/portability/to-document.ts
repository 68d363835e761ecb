import { invalid } from "@/lib/refusal";
import type {
  CollectionDocument,
  CredentialDocument,
  Deletion,
  KeychainDocument,
  ProjectPayload,
  StateDocument,
  WorkflowPayload,
  WorkflowState,
} from "./document";
import { extended, idOf, type Merging, zip } from "./merge-items";
import { mergeJobs, mergeWorkflow } from "./merge-workflow";
import { type PlainSpec, plainSpec } from "./plain-spec";
import type { ProjectSpec } from "./spec";

export type MergeOptions = {
  /** Says what is ours, too. Without, exactly what OpenFn's CLI sends. */
  extensions?: boolean;
  /**
   * What becomes of a workflow that the state has and the spec has not. OpenFn's CLI refuses it, refuses a credential,
   * and deletes a collection; with an answer here credentials and collections are kept.
   */
  missing?: "refuse" | ((key: string) => "keep" | "delete");
};

/** What a deploy sends, and the state into which its answer is read (`stateOf(answer, state)`). */
export type Merged = { payload: ProjectPayload; state: StateDocument };

/**
 * The whole project as a deploy sends it: ids from the state, or from `newId`, fields from the spec, and what the state
 * alone has is to go. Without a state it is a new project. Throws `invalid` in the words of OpenFn's CLI.
 */
export const toDocument = (
  spec: ProjectSpec,
  state: StateDocument | null,
  newId: () => string,
  options: MergeOptions = {},
): ProjectPayload => mergeSpec(plainSpec(spec), state, newId, options).payload;

/** `toDocument` of plain data, with the next state. */
export function mergeSpec(
  spec: PlainSpec,
  state: StateDocument | null,
  newId: () => string,
  { extensions = false, missing = "refuse" }: MergeOptions = {},
): Merged {
  const { keychain_credentials, env, ...old }: Partial<StateDocument> = state ?? { workflows: {} };
  const { workflows, project_credentials, collections: oldCollections, channels, ...columns } = old;
  if (!workflows) throw invalid("Project state must have a workflows property");
  const credentials = mergeCredentials(project_credentials, spec, newId, missing === "refuse");
  const keychains = extensions ? mergeKeychains(keychain_credentials, spec, newId, credentials) : {};
  const collections = mergeCollections(oldCollections, spec, newId, missing !== "refuse");
  const next = mergeWorkflows({ newId, extensions, credentials, keychains }, workflows, spec, missing);
  const project = {
    ...columns,
    id: columns.id || newId(),
    name: spec.name,
    ...description(spec, columns.description, extensions),
    // OpenFn's server has a column of that name, which its CLI sends back as it is.
    ...(extensions ? extended("env", spec.env, { env }) : env !== undefined && { env }),
  };
  return {
    payload: {
      ...project,
      project_credentials: Object.values(credentials),
      workflows: Object.values(next).map((one) => (isWorkflow(one) ? inLists(one) : one)),
      ...listed("collections", collections),
      ...listed("channels", isMap(channels) ? channels : {}),
      ...listed("keychain_credentials", keychains),
    },
    state: {
      ...project,
      project_credentials: credentials,
      collections,
      channels: channels ?? {},
      ...(extensions && { keychain_credentials: keychains }),
      workflows: Object.fromEntries(
        Object.entries(next).flatMap(([key, one]) => (isWorkflow(one) ? [[key, one] as const] : [])),
      ),
    },
  };
}

type Next = WorkflowState | Deletion;

function mergeWorkflows(
  context: Omit<Merging, "jobs">,
  state: StateDocument["workflows"],
  spec: PlainSpec,
  missing: NonNullable<MergeOptions["missing"]>,
): Record<string, Next> {
  const pairs = zip(state, spec.workflows);
  const jobs = new Map(
    pairs.map(([key, was, workflow]) => [
      key,
      workflow ? mergeJobs(context, was?.jobs, workflow.jobs) : (was?.jobs ?? {}),
    ]),
  );
  const next = pairs.flatMap(([key, was, workflow]): [string, Next][] => {
    if (workflow) return [[key, mergeWorkflow({ ...context, jobs }, key, was, workflow)]];
    if (!was) return [];
    if (missing === "refuse")
      throw invalid(`Workflow found in project state but not spec: ${was.name} (${was.id})`);
    return [[key, missing(key) === "keep" ? was : { id: was.id, delete: true }]];
  });
  return Object.fromEntries(next);
}

const isWorkflow = (workflow: Next): workflow is WorkflowState => "jobs" in workflow;

const inLists = (workflow: WorkflowState): WorkflowPayload => ({
  ...workflow,
  jobs: Object.values(workflow.jobs),
  triggers: Object.values(workflow.triggers),
  edges: Object.values(workflow.edges),
});

/** Left out where there are none. */
const listed = <K extends string, T>(key: K, items: Record<string, T>): { [P in K]?: T[] } =>
  (Object.keys(items).length > 0 ? { [key]: Object.values(items) } : {}) as { [P in K]?: T[] };

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function mergeCredentials(
  state: StateDocument["project_credentials"] | undefined,
  spec: PlainSpec,
  newId: () => string,
  refusesMissing: boolean,
): StateDocument["project_credentials"] {
  return Object.fromEntries(
    zip(state, spec.credentials).flatMap(([key, was, said]): [string, CredentialDocument][] => {
      if (said) return [[key, { id: was?.id ?? newId(), name: said.name, owner: said.owner }]];
      if (was && !refusesMissing) return [[key, was]];
      throw invalid(
        `Invalid credential spec or corrupted state for credential: ${was?.name} (${was?.owner})`,
      );
    }),
  );
}

/** Those that the file does not name stay as they are: other workflows may have them. */
const mergeKeychains = (
  state: StateDocument["keychain_credentials"],
  spec: PlainSpec,
  newId: () => string,
  credentials: Record<string, CredentialDocument>,
): Record<string, KeychainDocument> =>
  Object.fromEntries(
    zip(state, spec.keychain_credentials).flatMap(([key, was, said]): [string, KeychainDocument][] => {
      if (!said) return was ? [[key, was]] : [];
      const { name, path, default_credential: wanted } = said;
      const default_credential_id = wanted ? idOf(credentials, wanted, "credential") : null;
      return [[key, { id: was?.id ?? newId(), name, path, default_credential_id }]];
    }),
  );

/** With OpenFn's CLI one that the file lacks is to go, with what is in it. */
const mergeCollections = (
  state: StateDocument["collections"],
  spec: PlainSpec,
  newId: () => string,
  keepsMissing: boolean,
): Record<string, CollectionDocument | Deletion> =>
  Object.fromEntries(
    zip(state, spec.collections).map(([key, was, said]): [string, CollectionDocument | Deletion] => {
      if (said) return [key, { id: was?.id ?? newId(), name: said.name }];
      return [key, was && keepsMissing ? was : { id: was?.id ?? "", delete: true }];
    }),
  );

/** One that is gone from the file stays with OpenFn's CLI. */
function description(spec: PlainSpec, was: string | null | undefined, extensions: boolean) {
  if (spec.description) return { description: spec.description };
  return extensions && was ? { description: null } : {};
}
