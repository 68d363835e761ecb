import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { obeyedGraph } from "@/lib/domain/workflow/load-graph";
import type { Retention, WorkflowGraph } from "@/lib/workflow/types";

export type CurrentProject = {
  id: string;
  name: string;
  description: string | null;
  createdAt: Date | string;
  updatedAt: Date | string;
  deletesAt: Date | string | null;
  requireSecondFactor: boolean;
  persistence: string;
  retention: Retention | null;
  concurrency: number | null;
  env: string | null;
};

/** A workflow as it stands, or as one of its versions was. */
export type CurrentWorkflow = {
  id: string;
  lockVersion: number;
  createdAt: Date | string;
  updatedAt: Date | string;
  /** Null where it is an older version that is shown. */
  versionHistory: string[] | null;
  /** With the credentials and keychains that its jobs have now. */
  graph: WorkflowGraph;
};

export type SharedCredential = {
  id: string;
  credentialId: string;
  ownerId: string;
  name: string;
  owner: string;
};
export type CurrentKeychain = {
  id: string;
  name: string;
  path: string;
  defaultProjectCredentialId: string | null;
};

/** Everything that a project's document is made of, and that a new one is compared with. */
export type Current = {
  project: CurrentProject;
  /** In the order in which they were made. */
  workflows: CurrentWorkflow[];
  credentials: SharedCredential[];
  keychains: CurrentKeychain[];
  collections: { id: string; name: string }[];
  /** The names of library entries by their ids. */
  library: Map<string, string>;
};

/** Reads what a project is now; with `snapshots`, only those versions of its workflows. For verbs that asked for permission. */
export async function loadCurrent(
  db: Db,
  projectId: string,
  snapshots?: readonly string[],
): Promise<Current> {
  // One after another: in a transaction there is one connection.
  const project = await loadProject(db, projectId);
  const workflows = snapshots
    ? await loadVersions(db, projectId, snapshots)
    : await loadWorkflows(db, projectId);
  return {
    project,
    workflows: await withLiveChoices(db, projectId, workflows),
    credentials: await loadCredentials(db, projectId),
    keychains: await loadKeychains(db, projectId),
    collections: await loadCollections(db, projectId),
    library: await loadLibrary(db, projectId),
  };
}

/** A project that is not there yet. */
export const nothingOf = (id: string): Current => ({
  project: {
    id,
    name: "",
    description: null,
    createdAt: new Date(0),
    updatedAt: new Date(0),
    deletesAt: null,
    requireSecondFactor: false,
    persistence: "retain_all",
    retention: null,
    concurrency: null,
    env: null,
  },
  workflows: [],
  credentials: [],
  keychains: [],
  collections: [],
  library: new Map(),
});

async function loadProject(db: Db, projectId: string): Promise<CurrentProject> {
  const [project] = await rows<CurrentProject>(
    db,
    sql`select id, name, description, created_at as "createdAt", updated_at as "updatedAt", deletes_at as "deletesAt",
          require_second_factor as "requireSecondFactor", persistence, retention, concurrency, env
        from projects where id = ${projectId}`,
  );
  if (!project) throw new Error("The project is gone.");
  return project;
}

type WorkflowRow = Omit<CurrentWorkflow, "graph"> & { graph: string };

async function loadWorkflows(db: Db, projectId: string): Promise<CurrentWorkflow[]> {
  const found = await rows<WorkflowRow>(
    db,
    sql`select w.id, w.lock_version as "lockVersion", w.created_at as "createdAt", w.updated_at as "updatedAt",
          w.version_history as "versionHistory", s.graph::text as graph
        from workflows w join snapshots s on s.id = w.snapshot_id and s.project_id = w.project_id
        where w.project_id = ${projectId} and w.deleted_at is null order by w.created_at, w.id`,
  );
  return found.map(readRow);
}

async function loadVersions(
  db: Db,
  projectId: string,
  snapshots: readonly string[],
): Promise<CurrentWorkflow[]> {
  const found = await rows<WorkflowRow>(
    db,
    sql`select w.id, s.lock_version as "lockVersion", w.created_at as "createdAt", s.created_at as "updatedAt",
          null as "versionHistory", s.graph::text as graph
        from snapshots s join workflows w on w.id = s.workflow_id and w.project_id = s.project_id
        where s.project_id = ${projectId} and s.id = any(${sql.param(snapshots)}::uuid[]) order by w.created_at, w.id, s.lock_version`,
  );
  return found.map(readRow);
}

const readRow = ({ graph, ...row }: WorkflowRow): CurrentWorkflow => ({
  ...row,
  graph: obeyedGraph(graph),
});

type Choice = { projectCredentialId: string | null; keychainCredentialId: string | null };
const noChoice: Choice = { projectCredentialId: null, keychainCredentialId: null };

/** What is not shared with the project any more is no job's. */
async function withLiveChoices(
  db: Db,
  projectId: string,
  workflows: CurrentWorkflow[],
): Promise<CurrentWorkflow[]> {
  const isChosen = ({ projectCredentialId, keychainCredentialId }: Choice) =>
    projectCredentialId !== null || keychainCredentialId !== null;
  if (!workflows.some(({ graph }) => graph.jobs.some(isChosen))) return workflows;
  const found = await rows<Choice & { id: string }>(
    db,
    sql`select id, project_credential_id as "projectCredentialId", keychain_credential_id as "keychainCredentialId"
        from jobs where project_id = ${projectId} and (project_credential_id is not null or keychain_credential_id is not null)`,
  );
  const live = new Map(found.map(({ id, ...choice }) => [id, choice]));
  return workflows.map((workflow) => ({
    ...workflow,
    graph: {
      ...workflow.graph,
      jobs: workflow.graph.jobs.map((job) =>
        isChosen(job) ? { ...job, ...(live.get(job.id) ?? noChoice) } : job,
      ),
    },
  }));
}

const loadCredentials = (db: Db, projectId: string): Promise<SharedCredential[]> =>
  rows<SharedCredential>(
    db,
    sql`select l.id, c.id as "credentialId", c.owner_id as "ownerId", c.name, u.email as owner
        from project_credentials l join credentials c on c.id = l.credential_id join users u on u.id = c.owner_id
        where l.project_id = ${projectId} order by l.created_at, l.id`,
  );

const loadKeychains = (db: Db, projectId: string): Promise<CurrentKeychain[]> =>
  rows<CurrentKeychain>(
    db,
    sql`select id, name, path, default_project_credential_id as "defaultProjectCredentialId"
        from keychain_credentials where project_id = ${projectId} order by created_at, id`,
  );

const loadCollections = (db: Db, projectId: string): Promise<Current["collections"]> =>
  rows(db, sql`select id, name from collections where project_id = ${projectId} order by created_at, id`);

async function loadLibrary(db: Db, projectId: string): Promise<Map<string, string>> {
  const found = await rows<{ id: string; name: string }>(
    db,
    sql`select id, name from library_jobs where project_id = ${projectId}`,
  );
  return new Map(found.map(({ id, name }) => [id, name]));
}
