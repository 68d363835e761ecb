import type { StateDocument, WorkflowState } from "./document";
import { hyphenated } from "./keys";
import type { EdgeSpec, ProjectSpec, WorkflowSpec } from "./spec";

/**
 * The spec under the keys that a project's state has, so that what is meant to be the same is taken for it: what the
 * file's own state (`known`) calls by the same id, has the same key, or the same name, in this order. References follow.
 */
export function alignKeys(
  spec: ProjectSpec,
  current: StateDocument,
  known: StateDocument | null = null,
): ProjectSpec {
  const own = known?.id === current.id ? known : null;
  const credentials = keysFor(
    named(spec.credentials, ({ name }) => name),
    named(current.project_credentials, ({ name }) => name),
    own?.project_credentials,
  );
  const keychains = keysFor(
    named(spec.keychains, ({ name }) => name),
    named(current.keychain_credentials ?? {}, ({ name }) => name),
    own?.keychain_credentials,
  );
  const collections = keysFor(
    named(spec.collections, ({ name }) => name),
    named(living(current.collections), ({ name }) => name),
    living(own?.collections),
  );
  const workflows = keysFor(
    named(spec.workflows, ({ name }) => name),
    named(current.workflows, ({ name }) => name),
    own?.workflows,
  );
  const jobs = new Map(
    Object.entries(spec.workflows).map(([key, workflow]) => [
      key,
      keysFor(
        named(workflow.jobs, ({ name }) => name),
        named(living(current.workflows[get(workflows, key)]?.jobs), ({ name }) => name),
        living(own?.workflows[key]?.jobs),
      ),
    ]),
  );
  return {
    ...spec,
    credentials: renamed(spec.credentials, credentials),
    keychains: renamed(spec.keychains, keychains, (one) => ({
      ...one,
      defaultCredential: one.defaultCredential && get(credentials, one.defaultCredential),
    })),
    collections: renamed(spec.collections, collections),
    workflows: renamed(spec.workflows, workflows, (workflow, key) =>
      alignWorkflow(workflow, {
        current: current.workflows[get(workflows, key)],
        own: own?.workflows[key],
        jobs: jobs.get(key) ?? new Map(),
        credentials,
        keychains,
        place: ({ workflow: other, job }) => ({
          workflow: get(workflows, other),
          job: get(jobs.get(other) ?? new Map(), job),
        }),
      }),
    ),
  };
}

type Keys = ReadonlyMap<string, string>;
type Place = { workflow: string; job: string };

type Around = {
  current: WorkflowState | undefined;
  own: WorkflowState | undefined;
  jobs: Keys;
  credentials: Keys;
  keychains: Keys;
  place: (place: Place) => Place;
};

function alignWorkflow(workflow: WorkflowSpec, around: Around): WorkflowSpec {
  const { current, own, jobs } = around;
  const triggers = keysFor(
    named(workflow.triggers, ({ type }) => type),
    named(living(current?.triggers), ({ type }) => type),
    living(own?.triggers),
  );
  const toEdge = (edge: EdgeSpec): EdgeSpec => ({
    ...edge,
    sourceTrigger: edge.sourceTrigger && get(triggers, edge.sourceTrigger),
    sourceJob: edge.sourceJob && get(jobs, edge.sourceJob),
    targetJob: get(jobs, edge.targetJob),
  });
  const edges = keysFor(
    named(workflow.edges, (edge) => edgeName(toEdge(edge))),
    named(living(current?.edges), edgeNames(current)),
    living(own?.edges),
  );
  return {
    ...workflow,
    jobs: renamed(workflow.jobs, jobs, (job) => ({
      ...job,
      credential: job.credential && get(around.credentials, job.credential),
      keychain: job.keychain && get(around.keychains, job.keychain),
    })),
    triggers: renamed(workflow.triggers, triggers, (trigger) => ({
      ...trigger,
      cronCursorJob: trigger.cronCursorJob && get(jobs, trigger.cronCursorJob),
      sourceJob: trigger.sourceJob && around.place(trigger.sourceJob),
    })),
    edges: renamed(workflow.edges, edges, toEdge),
  };
}

const edgeName = ({ sourceTrigger, sourceJob, targetJob }: EdgeSpec) =>
  `${sourceTrigger ?? sourceJob}->${targetJob}`;

function edgeNames(workflow: WorkflowState | undefined) {
  const keys = new Map(
    [...Object.entries(workflow?.jobs ?? {}), ...Object.entries(workflow?.triggers ?? {})].map(
      ([key, { id }]) => [id, key],
    ),
  );
  type Ends = { source_trigger_id?: string | null; source_job_id?: string | null; target_job_id: string };
  return ({ source_trigger_id, source_job_id, target_job_id }: Ends) =>
    `${keys.get(source_trigger_id ?? source_job_id ?? "")}->${keys.get(target_job_id)}`;
}

type Named = Map<string, { name: string; id?: string }>;

const named = <T>(items: Record<string, T>, nameOf: (item: T) => string): Named =>
  new Map(
    Object.entries(items).map(([key, item]) => {
      const { id } = item as { id?: string };
      return [key, { name: hyphenated(nameOf(item)), ...(id === undefined ? {} : { id }) }];
    }),
  );

/** Gives each key of the file the one that it has in the project, or one that nothing there has. */
function keysFor(file: Named, project: Named, own: Record<string, { id: string }> = {}): Keys {
  const keys = new Map<string, string>();
  const taken = new Set<string>();
  const take = (key: string, found: string | undefined) => {
    if (keys.has(key) || found === undefined || taken.has(found)) return;
    keys.set(key, found);
    taken.add(found);
  };
  const byId = new Map([...project].map(([key, { id }]) => [id, key]));
  for (const key of file.keys()) take(key, byId.get(Object.hasOwn(own, key) ? own[key]?.id : "none"));
  for (const key of file.keys()) take(key, project.has(key) ? key : undefined);
  const byName = new Map<string, string[]>();
  for (const [key, { name }] of project) byName.set(name, [...(byName.get(name) ?? []), key]);
  for (const [key, { name }] of file)
    take(
      key,
      byName.get(name)?.find((other) => !taken.has(other)),
    );
  for (const key of file.keys())
    for (let n = 1; !keys.has(key); n++) {
      const free = n === 1 ? key : `${key}-${n}`;
      if (!project.has(free)) take(key, free);
    }
  return keys;
}

const get = (keys: Keys, key: string): string => keys.get(key) ?? key;

function renamed<T>(
  items: Record<string, T>,
  keys: Keys,
  toItem: (item: T, key: string) => T = (item) => item,
): Record<string, T> {
  return Object.fromEntries(Object.entries(items).map(([key, item]) => [get(keys, key), toItem(item, key)]));
}

/** Without what is to go. */
const living = <T extends { id: string }>(
  items: Record<string, T | { id: string; delete: true }> | undefined,
): Record<string, T> =>
  Object.fromEntries(
    Object.entries(items ?? {}).filter((entry): entry is [string, T] => !("delete" in entry[1])),
  );
