import { parse } from "yaml";
import { z } from "zod";
import type {
  EdgeDocument,
  JobDocument,
  ProjectDocument,
  StateDocument,
  TriggerDocument,
  WorkflowDocument,
  WorkflowState,
} from "@/lib/portability/document";
import { hyphenated } from "@/lib/portability/keys";
import type { ProjectSpec, WorkflowSpec } from "@/lib/portability/spec";
import { slugOf } from "@/lib/portability/v2";

const openfnYaml = z.looseObject({ project: z.looseObject({ uuid: z.string().min(1) }) });
const fetchedProject = z.looseObject({
  openfn: z.looseObject({ uuid: z.string() }),
  workflows: z.array(
    z.looseObject({ openfn: z.looseObject({ uuid: z.string(), lock_version: z.number().nullish() }) }),
  ),
});

/** The id of the project that a folder of OpenFn's newer layout is of, or null. */
export function projectIdIn(files: Readonly<Record<string, string>>): string | null {
  const read = openfnYaml.safeParse(yamlIn(files["openfn.yaml"]));
  return read.success ? read.data.project.uuid : null;
}

/** The versions of the workflows that were fetched last, by their ids, as OpenFn's `project` commands keep them. */
export function fetchedVersions(
  files: Readonly<Record<string, string>>,
  projectId: string,
): Map<string, number> {
  for (const [name, text] of Object.entries(files)) {
    if (!name.startsWith(".projects/")) continue;
    const { data } = fetchedProject.safeParse(yamlIn(text));
    if (data?.openfn.uuid !== projectId) continue;
    return new Map(
      data.workflows.flatMap(({ openfn: { uuid, lock_version: version } }): [string, number][] =>
        typeof version === "number" ? [[uuid, version]] : [],
      ),
    );
  }
  return new Map();
}

function yamlIn(text: string | undefined): unknown {
  try {
    // Aliases are no part of these files, and what they blow up is not read.
    return text === undefined ? null : parse(text, { maxAliasCount: 0 });
  } catch {
    return null;
  }
}

/**
 * The state of a spec whose files hold no ids: what the server has under the same names. What only the server has is not in it,
 * so it stays as it is there. `versions` are those that the files were made of.
 */
export function stateForSpec(
  spec: ProjectSpec,
  document: ProjectDocument,
  versions: ReadonlyMap<string, number>,
): StateDocument {
  const {
    project_credentials,
    collections = [],
    keychain_credentials = [],
    workflows,
    ...columns
  } = document;
  const credential = (one: { owner: string; name: string }) => `${one.owner} ${one.name}`;
  return {
    ...columns,
    project_credentials: matched(spec.credentials, project_credentials, credential, credential),
    collections: matched(spec.collections, collections, nameOf, nameOf),
    keychain_credentials: matched(spec.keychains, keychain_credentials, nameOf, nameOf),
    workflows: Object.fromEntries(
      Object.entries(matched(spec.workflows, workflows, nameOf, nameOf)).map(([key, workflow]) => {
        const said = spec.workflows[key];
        const version = versions.get(workflow.id) ?? null;
        return [
          key,
          { ...(said ? workflowState(said, workflow) : emptyState(workflow)), lock_version: version },
        ];
      }),
    ),
  };
}

const nameOf = ({ name }: { name: string }) => name;
const emptyState = (workflow: WorkflowDocument): WorkflowState => ({
  ...workflow,
  jobs: {},
  triggers: {},
  edges: {},
});

function workflowState(spec: WorkflowSpec, workflow: WorkflowDocument): WorkflowState {
  const jobs: Record<string, JobDocument> = matched(spec.jobs, workflow.jobs, nameOf, nameOf);
  const triggers: Record<string, TriggerDocument> = matched(
    spec.triggers,
    workflow.triggers,
    ({ type }) => type,
    ({ type }) => type,
  );
  const idOf = (key: string | null, items: Record<string, { id: string }>) =>
    key ? items[key]?.id : undefined;
  const edges = Object.fromEntries(
    Object.entries(spec.edges).flatMap(([key, said]): [string, EdgeDocument][] => {
      const source = idOf(said.sourceTrigger, triggers) ?? idOf(said.sourceJob, jobs);
      const target = idOf(said.targetJob, jobs);
      const edge = workflow.edges.find(
        (one) => (one.source_trigger_id ?? one.source_job_id) === source && one.target_job_id === target,
      );
      return edge && source && target ? [[key, edge]] : [];
    }),
  );
  return {
    ...workflow,
    jobs: withOthers(jobs, workflow.jobs, nameOf),
    triggers,
    edges: withOthers(edges, workflow.edges, ({ id }) => id),
  };
}

/** What the server has of this workflow besides is to go: the files say all of a workflow. */
function withOthers<T extends { id: string }>(
  items: Record<string, T>,
  all: readonly T[],
  name: (item: T) => string,
): Record<string, T> {
  const known = new Set(Object.values(items).map(({ id }) => id));
  const others = all
    .filter(({ id }) => !known.has(id))
    .map((item): [string, T] => {
      const key = hyphenated(name(item));
      return [Object.hasOwn(items, key) ? item.id : key, item];
    });
  return { ...items, ...Object.fromEntries(others) };
}

/** Each thing of the spec with the server's of the same name, by the spec's keys; one of the server's is nobody else's. */
function matched<S, D extends { id: string }>(
  said: Record<string, S>,
  there: readonly D[],
  nameOfSaid: (item: S) => string,
  nameOfThere: (item: D) => string,
): Record<string, D> {
  const free = new Set(there);
  return Object.fromEntries(
    Object.entries(said).flatMap(([key, item]): [string, D][] => {
      const name = nameOfSaid(item);
      const found =
        [...free].find((one) => nameOfThere(one) === name) ??
        [...free].find((one) => slugOf(nameOfThere(one)) === slugOf(name));
      if (!found) return [];
      free.delete(found);
      return [[key, found]];
    }),
  );
}
