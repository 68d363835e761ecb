import { Document } from "yaml";
import { conflict } from "@/lib/refusal";
import type {
  EdgeDocument,
  JobDocument,
  ProjectDocument,
  TriggerDocument,
  WorkflowDocument,
} from "./document";
import { hyphenated } from "./keys";

export type V2Options = {
  /** Where the project lives, e.g. `https://waybill.example.org`. */
  endpoint?: string;
  /** With the record of the whole project, ids included, that OpenFn's `project` commands keep under this name. */
  alias?: string;
};

/**
 * A project in OpenFn's newer layout (reference: toolchain §4.6): openfn.yaml, a folder for each workflow with its steps
 * and a file for each job's code, by path. What is ours stands there in the words of project.yaml; keychains and the
 * environment have no place. Throws `conflict`, with both names, for what cannot be told apart there.
 */
export function toV2Files(
  document: ProjectDocument,
  { endpoint, alias }: V2Options = {},
): Record<string, string> {
  refuseSlugCollisions(document);
  const places = placesOf(document);
  const workflows = document.workflows.map((workflow) => workflowV2(workflow, document, places));
  return Object.fromEntries([
    ["openfn.yaml", yaml(openfnYaml(document, endpoint))],
    ...workflows.flatMap(filesOf),
    ...(alias === undefined
      ? []
      : [[projectPath(alias, endpoint), yaml(projectFile(document, workflows, endpoint))]]),
  ]);
}

/** An id as OpenFn's newer commands make it of a name: letters that are not ASCII vanish. */
export const slugOf = (name: string): string =>
  name.replace(/\W/g, " ").trim().replace(/\s+/g, "-").toLowerCase();

const yaml = (data: object): string => new Document(data).toString({ singleQuote: true });

function openfnYaml(document: ProjectDocument, endpoint: string | undefined) {
  const { id, name, collections, inserted_at, updated_at } = document;
  return {
    project: {
      ...projectIds({ id, endpoint, inserted_at, updated_at }),
      id: slugOf(name),
      name,
      ...(collections && { collections: collections.map((one) => one.name) }),
    },
    workspace: {
      credentials: "credentials.yaml",
      dirs: { projects: ".projects", workflows: "workflows" },
      formats: { openfn: "yaml", project: "yaml", workflow: "yaml" },
    },
  };
}

const projectIds = ({ id, ...rest }: { id: string; [key: string]: unknown }) =>
  withoutNulls({ uuid: id, ...rest });

const withoutNulls = <T extends object>(record: T): Partial<T> =>
  Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== null && value !== undefined),
  ) as Partial<T>;

type StepV2 = {
  id: string;
  expression?: string;
  next?: Record<string, WayV2>;
  openfn: object;
  [field: string]: unknown;
};
type WayV2 = { disabled: boolean; condition?: string | null; label?: string; openfn: object };
type WorkflowV2 = { document: WorkflowDocument; id: string; start?: string; steps: StepV2[] };

function workflowV2(workflow: WorkflowDocument, project: ProjectDocument, places: Places): WorkflowV2 {
  const [first] = workflow.triggers;
  return {
    document: workflow,
    id: slugOf(workflow.name),
    ...(first && { start: first.type }),
    steps: [
      ...workflow.triggers.map((trigger) => triggerV2(trigger, workflow, places)),
      ...workflow.jobs.map((job) => jobV2(job, workflow, project)),
    ],
  };
}

function triggerV2(trigger: TriggerDocument, workflow: WorkflowDocument, places: Places): StepV2 {
  const { id, type, source_job_id, ...fields } = trigger;
  return {
    id: type,
    type,
    ...withoutNulls(fields),
    ...withoutNulls({ source_job: places.get(source_job_id ?? "") }),
    openfn: { uuid: id },
    next: nextOf(workflow, (edge) => edge.source_trigger_id === id),
  };
}

function jobV2(job: JobDocument, workflow: WorkflowDocument, project: ProjectDocument): StepV2 {
  const { id, name, adaptor, body, project_credential_id, keychain_credential_id, ...ours } = job;
  const next = nextOf(workflow, (edge) => edge.source_job_id === id);
  const credential = project.project_credentials.find((one) => one.id === project_credential_id);
  return {
    id: slugOf(name),
    name,
    expression: body,
    adaptor,
    openfn: withoutNulls({ uuid: id, keychain_credential_id }),
    ...withoutNulls(ours),
    ...withoutNulls({ configuration: credential && `${credential.owner}|${credential.name}` }),
    ...(Object.keys(next).length > 0 && { next }),
  };
}

function nextOf(workflow: WorkflowDocument, isFrom: (edge: EdgeDocument) => boolean): Record<string, WayV2> {
  const names = new Map(workflow.jobs.map(({ id, name }) => [id, name]));
  return Object.fromEntries(
    workflow.edges
      .filter(isFrom)
      .map((edge): [string, WayV2] => [slugOf(names.get(edge.target_job_id) ?? ""), wayV2(edge)]),
  );
}

const wayV2 = (edge: EdgeDocument): WayV2 => ({
  disabled: !edge.enabled,
  ...withoutNulls({
    condition: edge.condition_type === "js_expression" ? edge.condition_expression : edge.condition_type,
  }),
  ...(edge.condition_label && { label: edge.condition_label }),
  openfn: { uuid: edge.id },
});

/** The files of a workflow: without ids, and code in files of its own. */
function filesOf({ document, id, start, steps }: WorkflowV2): [path: string, text: string][] {
  const folder = `workflows/${id}`;
  const { concurrency, order_key, enable_job_logs } = document;
  const workflow = {
    id,
    name: document.name,
    ...(start !== undefined && { start }),
    ...withoutNulls({ concurrency, order_key, enable_job_logs }),
    steps: steps.map(({ openfn: _, expression, next, ...step }) => ({
      ...step,
      ...(expression && { expression: `./${step.id}.js` }),
      ...(next && { next: mapped(next, ({ openfn: _, ...way }) => way) }),
    })),
  };
  return [
    [`${folder}/${id}.yaml`, yaml(workflow)],
    ...steps.flatMap(({ id: step, expression }): [string, string][] =>
      expression ? [[`${folder}/${step}.js`, expression]] : [],
    ),
  ];
}

const mapped = <T, U>(items: Record<string, T>, toValue: (item: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(items).map(([key, item]) => [key, toValue(item)]));

/** `main@example.org`, as OpenFn's commands name it. */
const projectPath = (alias: string, endpoint: string | undefined): string =>
  `.projects/${alias}${endpoint === undefined ? "" : `@${new URL(endpoint).hostname}`}.yaml`;

/** The whole project in one file of version 4, which OpenFn's commands compare with. */
function projectFile(document: ProjectDocument, workflows: WorkflowV2[], endpoint: string | undefined) {
  const { id, name, description, workflows: _, project_credentials, collections, ...columns } = document;
  const { channels, inserted_at, updated_at, parent_id: __, keychain_credentials: ___, ...options } = columns;
  return withoutNulls({
    id: slugOf(name),
    name,
    schema_version: "4.0",
    description,
    collections,
    channels,
    credentials: project_credentials.map((one) => ({ uuid: one.id, name: one.name, owner: one.owner })),
    openfn: projectIds({ id, endpoint, inserted_at, updated_at }),
    options: withoutNulls(options),
    workflows: workflows.map(workflowRecord),
  });
}

function workflowRecord({ document, id, start, steps }: WorkflowV2) {
  const { id: uuid, name, version_history = [], jobs: _, triggers: __, edges: ___, ...rest } = document;
  return {
    name,
    steps: [...steps].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)),
    history: version_history,
    openfn: withoutNulls({ uuid, ...rest }),
    id,
    ...(start !== undefined && { start }),
  };
}

/** Each job as other workflows name it in project.yaml, by its id. */
type Places = ReadonlyMap<string, string>;

const placesOf = ({ workflows }: ProjectDocument): Places =>
  new Map(
    workflows.flatMap((workflow) =>
      workflow.jobs.map(({ id, name }): [string, string] => [
        id,
        `${hyphenated(workflow.name)}/${hyphenated(name)}`,
      ]),
    ),
  );

function refuseSlugCollisions({ workflows }: ProjectDocument): void {
  const found = [
    ...collisions("workflows", workflows),
    ...workflows.flatMap((workflow) => [
      ...collisions(`steps of the workflow "${workflow.name}"`, [
        ...workflow.triggers.map(({ type }) => ({ name: type })),
        ...workflow.jobs,
      ]),
      ...parallel(workflow),
    ]),
  ];
  if (found.length === 0) return;
  const more = found.length > maxShown ? ` And ${found.length - maxShown} more.` : "";
  throw conflict(
    `OpenFn's version 2 cannot tell these apart. ${found.slice(0, maxShown).join(" ")}${more} Rename one of each, or use project.yaml.`,
  );
}

const maxShown = 20;

function collisions(things: string, items: readonly { name: string }[]): string[] {
  const names = new Map<string, string>();
  return items.flatMap(({ name }) => {
    const slug = slugOf(name);
    if (slug === "") return [`"${name}" would have no id: those are of letters a to z, digits and _.`];
    const other = names.get(slug);
    if (other === undefined) names.set(slug, name);
    return other === undefined ? [] : [`Two ${things} would be "${slug}": "${other}" and "${name}".`];
  });
}

/** Two edges between the same two. */
function parallel({ name, jobs, edges }: WorkflowDocument): string[] {
  const seen = new Set<string>();
  const names = new Map(jobs.map((job) => [job.id, job.name]));
  return edges.flatMap(({ source_trigger_id, source_job_id, target_job_id }) => {
    const ends = `${source_trigger_id ?? source_job_id} ${target_job_id}`;
    const isAgain = seen.has(ends);
    seen.add(ends);
    const target = names.get(target_job_id) ?? "";
    return isAgain ? [`Two edges of the workflow "${name}" lead from one step to "${target}".`] : [];
  });
}
