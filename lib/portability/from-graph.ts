import type { Edge, JobNode, WorkflowGraph } from "@/lib/workflow/types";
import type { JobPlace, JobSpec, ProjectSpec, WorkflowSpec } from "./spec";

export type ProjectToExport = {
  name: string;
  description: string | null;
  /** Credentials that the project's jobs use, by the id that graphs refer to. */
  credentials: { id: string; name: string; owner: string }[];
  /** Null = `main`. */
  env?: string | null;
  /** Its keychains; the default is the id of a credential above. */
  keychains?: { id: string; name: string; path: string; defaultProjectCredentialId: string | null }[];
  /** Entries of its library that jobs are of. */
  library?: { id: string; name: string }[];
  collections?: { name: string }[];
  workflows: WorkflowGraph[];
};

/**
 * Returns the spec of a project. Keys are names as OpenFn makes them: spaces become hyphens, a trigger is called by its
 * type, an edge `source->target`, and a second one of a key gets `-2`.
 */
export function toSpec({
  name,
  description,
  env = null,
  credentials,
  keychains = [],
  library = [],
  collections = [],
  workflows,
}: ProjectToExport): ProjectSpec {
  const credentialKeys = keysOf(credentials, ({ name, owner }) => `${owner} ${name}`);
  const workflowKeys = keysOf(workflows, (workflow) => workflow.name);
  const places = new Map(
    workflows.flatMap((workflow) => {
      const jobKeys = keysOf(workflow.jobs, (job) => job.name);
      return workflow.jobs.map((job): [string, JobPlace] => [
        job.id,
        { workflow: workflowKeys.get(workflow) ?? "", job: jobKeys.get(job) ?? "" },
      ]);
    }),
  );
  const keyOfCredential = new Map(
    credentials.map((credential) => [credential.id, credentialKeys.get(credential) ?? ""]),
  );
  const keychainKeys = keysOf(keychains, ({ name }) => name);
  const keyOfKeychain = new Map(keychains.map((one) => [one.id, keychainKeys.get(one) ?? ""]));
  const entryNames = new Map(library.map((entry) => [entry.id, entry.name]));
  return {
    name,
    description,
    env,
    credentials: entries(credentials, credentialKeys, ({ name, owner }) => ({ name, owner })),
    keychains: entries(keychains, keychainKeys, ({ name, path, defaultProjectCredentialId }) => ({
      name,
      path,
      defaultCredential: keyOfCredential.get(defaultProjectCredentialId ?? "") ?? null,
    })),
    collections: entries(
      collections,
      keysOf(collections, ({ name }) => name),
      ({ name }) => ({ name }),
    ),
    workflows: entries(workflows, workflowKeys, (workflow) =>
      workflowSpec(workflow, {
        credentialKeys: keyOfCredential,
        keychainKeys: keyOfKeychain,
        places,
        entryNames,
      }),
    ),
  };
}

type Surroundings = {
  credentialKeys: ReadonlyMap<string, string>;
  keychainKeys: ReadonlyMap<string, string>;
  places: ReadonlyMap<string, JobPlace>;
  entryNames: ReadonlyMap<string, string>;
};

function workflowSpec(graph: WorkflowGraph, surroundings: Surroundings): WorkflowSpec {
  const { places } = surroundings;
  const jobKeys = keysOf(graph.jobs, (job) => job.name);
  const triggerKeys = keysOf(graph.triggers, (trigger) => trigger.type);
  const job = (id: string) => jobKeys.get(graph.jobs.find((one) => one.id === id)) ?? "";
  const trigger = (id: string) => triggerKeys.get(graph.triggers.find((one) => one.id === id)) ?? "";
  const source = (edge: Edge) =>
    edge.sourceTriggerId === null ? job(edge.sourceJobId ?? "") : trigger(edge.sourceTriggerId);
  const edgeKeys = keysOf(graph.edges, (edge) => `${source(edge)}->${job(edge.targetJobId)}`);
  return {
    name: graph.name,
    concurrency: graph.concurrency,
    orderKey: graph.orderKey,
    jobLogs: graph.jobLogs,
    jobs: entries(graph.jobs, jobKeys, (job) => jobSpec(job, surroundings)),
    triggers: entries(graph.triggers, triggerKeys, (trigger) => ({
      type: trigger.type,
      enabled: trigger.enabled,
      inclusion: trigger.inclusion,
      exclusion: trigger.exclusion,
      webhookReply: trigger.webhookReply,
      webhookResponseConfig: trigger.webhookResponseConfig,
      customPath: trigger.customPath,
      takesGet: trigger.takesGet,
      openRosa: trigger.openRosa,
      deliveryId: trigger.deliveryId,
      ratePerMinute: trigger.ratePerMinute,
      cronExpression: trigger.cronExpression,
      cronCursorJob: trigger.cronCursorJobId === null ? null : job(trigger.cronCursorJobId),
      timeZone: trigger.timeZone,
      whenRunning: trigger.whenRunning,
      sourceJob: places.get(trigger.sourceJobId ?? "") ?? null,
    })),
    edges: entries(graph.edges, edgeKeys, (edge) => ({
      sourceTrigger: edge.sourceTriggerId === null ? null : trigger(edge.sourceTriggerId),
      sourceJob: edge.sourceJobId === null ? null : job(edge.sourceJobId),
      targetJob: job(edge.targetJobId),
      conditionType: edge.conditionType,
      conditionLabel: edge.conditionLabel,
      conditionExpression: edge.conditionExpression,
      enabled: edge.enabled,
    })),
  };
}

function jobSpec(
  {
    name,
    adaptor,
    projectCredentialId,
    keychainCredentialId,
    body,
    retry,
    libraryJobId,
    libraryVersion,
  }: JobNode,
  { credentialKeys, keychainKeys, entryNames }: Surroundings,
): JobSpec {
  // Of an entry that is not there any more it is a job like any other.
  const libraryEntry = entryNames.get(libraryJobId ?? "") ?? null;
  return {
    name,
    adaptor,
    credential: credentialKeys.get(projectCredentialId ?? "") ?? null,
    keychain: keychainKeys.get(keychainCredentialId ?? "") ?? null,
    body,
    retry,
    libraryEntry,
    libraryVersion: libraryEntry === null ? null : libraryVersion,
  };
}

/** Gives each item a key of its own, in order. */
export function keysOf<T>(items: readonly T[], nameOf: (item: T) => string): Map<T | undefined, string> {
  const keys = new Map<T | undefined, string>();
  const taken = new Set<string>();
  for (const item of items) {
    const name = nameOf(item).trim().replace(/\s+/g, "-");
    let key = name;
    for (let n = 2; taken.has(key); n++) key = `${name}-${n}`;
    taken.add(key);
    keys.set(item, key);
  }
  return keys;
}

const entries = <T, U>(
  items: readonly T[],
  keys: ReadonlyMap<T | undefined, string>,
  toValue: (item: T) => U,
) => Object.fromEntries(items.map((item): [string, U] => [keys.get(item) ?? "", toValue(item)]));
