import { randomUUID } from "node:crypto";
import { type APIRequestContext, expect } from "@playwright/test";
import type { IssueRow } from "@/lib/domain/issue/types";
import type { MessageDetail, MessageRow } from "@/lib/domain/message/types";
import type { Page } from "@/lib/domain/page";
import type { PersonDetail } from "@/lib/domain/person/schemas";
import type { ImportedProject } from "@/lib/domain/project/import";
import type { RefusedRow } from "@/lib/domain/refused/types";
import type { WorkflowDetail } from "@/lib/domain/workflow/get";
import type { PersonState } from "@/lib/words";

export const newProjectName = (): string => `e2e-${randomUUID().slice(0, 8)}`;

/** What the API answers, which must be a success. */
export async function getJson<T>(request: APIRequestContext, path: string): Promise<T> {
  const response = await request.get(path);
  expect(response.ok(), `GET ${path}: ${response.status()}`).toBe(true);
  return response.json();
}

/** The same for what changes something. */
export async function postJson<T>(request: APIRequestContext, path: string, data: unknown): Promise<T> {
  const response = await request.post(path, { data });
  expect(response.ok(), `POST ${path}: ${await response.text()}`).toBe(true);
  return response.json();
}

/** Makes a project of the signed-in person. */
export const createProject = (
  request: APIRequestContext,
  from: "empty" | "sample" = "empty",
): Promise<ImportedProject> => postJson(request, "/api/projects", { from, name: newProjectName() });

/** Makes a project from a project.yaml. */
export const importProject = (
  request: APIRequestContext,
  yaml: string,
  files: Record<string, string> = {},
): Promise<ImportedProject> =>
  postJson(request, "/api/projects/import", { yaml, files, name: newProjectName() });

/** A workflow of a project, by its name. */
export async function workflowNamed(
  request: APIRequestContext,
  { project, workflows }: { project: { id: string }; workflows: ImportedProject["workflows"] },
  name: string,
): Promise<WorkflowDetail> {
  const id = workflows.find((workflow) => workflow.name === name)?.id;
  return getJson(request, `/api/projects/${project.id}/workflows/${id}`);
}

/** Sends a message to a project's inbox URL, or to the trigger given. Returns its id. */
export async function send(
  request: APIRequestContext,
  projectId: string,
  body: unknown,
  triggerId?: string,
): Promise<string> {
  const { inboxId } = await getJson<{ inboxId: string }>(request, `/api/projects/${projectId}`);
  const response = await request.post(`/i/${triggerId ?? inboxId}`, { data: body });
  const messageId = response.headers()["x-meta-message-id"];
  if (!messageId) throw new Error(`The inbox answered ${response.status()}: ${await response.text()}`);
  return messageId;
}

/** Sends a request that the inbox refuses and keeps. Returns its id. */
export async function refuse(request: APIRequestContext, projectId: string): Promise<string> {
  const { inboxId } = await getJson<{ inboxId: string }>(request, `/api/projects/${projectId}`);
  const headers = { "content-encoding": "unheard-of" };
  const response = await request.post(`/i/${inboxId}`, { headers, data: { form: "home-visit" } });
  expect(response.status()).toBe(415);
  return lastRefused(request, projectId);
}

/** The id of the newest request that a project's inbox refused: it is kept after it was answered, so this waits for it. */
export async function lastRefused(request: APIRequestContext, projectId: string): Promise<string> {
  let id = "";
  const keeps = async () => {
    const refused = await getJson<Page<RefusedRow>>(request, `/api/projects/${projectId}/refused`);
    id = refused.items[0]?.id ?? "";
    return id;
  };
  await expect.poll(keeps, { timeout: 30_000 }).not.toBe("");
  return id;
}

/** Has a job of the sample fail, by a form without the patient's id. Returns the issue of it, once there is one. */
export async function makeIssue(request: APIRequestContext, projectId: string): Promise<IssueRow> {
  await send(request, projectId, { form: "home-visit", patient: { name: "Amina" } });
  const [issue] = await issuesOf(request, projectId, 1);
  if (!issue) throw new Error("The issue was not made.");
  return issue;
}

/** The project's issues, once there are so many. */
export async function issuesOf(
  request: APIRequestContext,
  projectId: string,
  count: number,
): Promise<IssueRow[]> {
  let issues: IssueRow[] = [];
  const found = async () => {
    issues = (await getJson<Page<IssueRow>>(request, `/api/projects/${projectId}/issues`)).items;
    return issues.length;
  };
  await expect.poll(found, { timeout: 90_000 }).toBe(count);
  return issues;
}

/** Starts a search for a person, and waits for its end. Returns its id. */
export async function findPerson(
  request: APIRequestContext,
  projectId: string,
  text: string,
): Promise<string> {
  const persons = `/api/projects/${projectId}/persons`;
  const { id } = await postJson<{ id: string }>(request, persons, { keys: [{ text }] });
  await personStands(request, projectId, id, "found");
  return id;
}

/** Waits until a search for a person, or its wipe, has come so far. */
const personStands = (request: APIRequestContext, projectId: string, id: string, state: PersonState) =>
  expect.poll(async () => (await personOf(request, projectId, id)).state, { timeout: 90_000 }).toBe(state);

/** A search for a person. */
export const personOf = (request: APIRequestContext, projectId: string, id: string): Promise<PersonDetail> =>
  getJson(request, `/api/projects/${projectId}/persons/${id}`);

/** A search for Amina that is at its end, and the certificate of what was wiped of somebody else. */
export async function makeCertificate(
  request: APIRequestContext,
  projectId: string,
): Promise<{ personId: string; certificateId: string }> {
  const patient = { id: "P-7", name: "Zanele Nkosi" };
  const messageId = await send(request, projectId, { form: "home-visit", patient });
  await settled(request, projectId, messageId);
  const wiped = await findPerson(request, projectId, "Zanele Nkosi");
  await postJson(request, `/api/projects/${projectId}/persons/${wiped}/wipe`, {
    reason: "They asked for it",
  });
  await personStands(request, projectId, wiped, "wiped");
  const { certificateId } = await personOf(request, projectId, wiped);
  return { personId: await findPerson(request, projectId, "Amina"), certificateId: certificateId ?? "" };
}

/** Everything about a message. */
export const receiptOf = (
  request: APIRequestContext,
  projectId: string,
  messageId: string,
): Promise<MessageDetail> => getJson(request, `/api/projects/${projectId}/messages/${messageId}`);

/** The first page of a project's inbox. */
export const inboxOf = (request: APIRequestContext, projectId: string): Promise<Page<MessageRow>> =>
  getJson(request, `/api/projects/${projectId}/messages`);

/** Waits until every run of a message is over; returns its receipt. */
export async function settled(
  request: APIRequestContext,
  projectId: string,
  messageId: string,
): Promise<MessageDetail> {
  await expect
    .poll(
      async () => {
        const { workOrders } = await receiptOf(request, projectId, messageId);
        const runs = workOrders.flatMap((order) => order.runs);
        return runs.length > 0 && runs.every((run) => run.finishedAt !== null);
      },
      { timeout: 30_000 },
    )
    .toBe(true);
  return receiptOf(request, projectId, messageId);
}

/** The state of each job for a message: `{ Payment: "success" }`. */
export const statesOf = ({ jobStates }: Pick<MessageRow, "jobStates">): Record<string, string> =>
  Object.fromEntries(jobStates.map((state) => [state.jobName, state.result]));
