import type { ProjectDocument, StateDocument } from "@/lib/portability/document";
import { isRecord } from "@/lib/portability/reader";
import { stateIn } from "./state-file";

type Data = Record<string, unknown>;

/**
 * The state that a project of `.projects` remembers: its ids on the server, under `openfn.uuid`. Null where one of them
 * is missing, for then nobody could tell what is new.
 */
export function stateOfFetched(project: unknown): StateDocument | null {
  if (!isRecord(project)) return null;
  const credentials = records(project.credentials).map(({ uuid, name, owner }) => ({
    id: uuid,
    name,
    owner,
  }));
  const idOf = (called: unknown) =>
    credentials.find(({ id, name, owner }) => called === id || called === `${owner}|${name}`)?.id ?? null;
  const document = {
    id: uuidOf(project),
    name: project.name,
    description: project.description ?? null,
    project_credentials: credentials,
    workflows: records(project.workflows)
      .filter((workflow) => !isRecord(workflow.openfn) || !workflow.openfn.deleted_at)
      .map((workflow) => workflowOf(workflow, idOf)),
  };
  const isWhole = allIds(document);
  // As text it is looked at as a state that was sent is.
  return isWhole ? stateIn(JSON.stringify(document as unknown as ProjectDocument)) : null;
}

const records = (value: unknown): Data[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const uuidOf = ({ openfn }: Data): unknown => (isRecord(openfn) ? openfn.uuid : undefined);

function workflowOf(workflow: Data, credentialOf: (called: unknown) => unknown) {
  const steps = records(workflow.steps);
  const own = isRecord(workflow.openfn) ? workflow.openfn : {};
  const ids = new Map(steps.map((step) => [step.id, uuidOf(step)]));
  const isTrigger = (step: Data) => typeof step.type === "string";
  return {
    id: own.uuid,
    name: workflow.name,
    lock_version: own.lock_version ?? null,
    version_history: workflow.history ?? [],
    jobs: steps
      .filter((step) => !isTrigger(step))
      .map((step) => ({
        id: uuidOf(step),
        name: step.name,
        adaptor: step.adaptor,
        body: step.expression ?? "",
        project_credential_id: credentialOf(step.configuration),
      })),
    triggers: steps.filter(isTrigger).map(({ id: _, name: __, next: ___, openfn, ...fields }) => {
      const { uuid, ...more } = isRecord(openfn) ? openfn : {};
      return { ...fields, ...more, id: uuid };
    }),
    edges: steps.flatMap((step) =>
      Object.entries(isRecord(step.next) ? step.next : {}).map(([target, way]) => ({
        id: isRecord(way) ? uuidOf(way) : undefined,
        target_job_id: ids.get(target),
        [isTrigger(step) ? "source_trigger_id" : "source_job_id"]: uuidOf(step),
        enabled: !isRecord(way) || way.disabled !== true,
      })),
    ),
  };
}

/** Every record has an id. */
const allIds = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.every((one) => typeof one === "string" || allIds(one))
    : !isRecord(value) ||
      ("id" in value &&
        typeof value.id === "string" &&
        Object.entries(value).every(([key, one]) => !lists.includes(key) || allIds(one)));
const lists = ["project_credentials", "workflows", "jobs", "triggers", "edges"];
