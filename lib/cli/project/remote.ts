import { z } from "zod";
import type { Client } from "@/lib/cli/client";
import { CliFailure } from "@/lib/cli/failure";
import type { ProjectDocument, ProjectPayload } from "@/lib/portability/document";
import { extensionsHeader } from "@/lib/portability/extensions-header";

const id = z.string().min(1);
const record = z.looseObject({ id });
const workflow = z.looseObject({
  id,
  name: z.string(),
  jobs: z.array(record).default([]),
  triggers: z.array(record).default([]),
  edges: z.array(record).default([]),
});
/** As much of an answer as has to be right for anything to be done with it. */
const document = z.object({
  data: z.looseObject({
    id,
    name: z.string(),
    description: z.string().nullish(),
    project_credentials: z.array(record).default([]),
    collections: z.array(record).optional(),
    keychain_credentials: z.array(record).optional(),
    workflows: z.array(workflow).default([]),
  }),
});

/** A project on a server. `isWaybill`: what is ours beyond OpenFn's format is understood there. */
export type Remote = { document: ProjectDocument | null; isWaybill: boolean };

/**
 * A project as the server has it, or null when there is none. `snapshots` are ids of versions of workflows: then it is those
 * alone. Throws `CliFailure`.
 */
export async function getProject(
  client: Client,
  projectId: string,
  snapshots: string[] = [],
): Promise<Remote> {
  const query = [...snapshots.map((one) => ["snapshots[]", one] as const), ["extensions", "true"] as const];
  const response = await client.request("GET", `/api/provision/${encodeURIComponent(projectId)}`, { query });
  const isWaybill = response.headers.has(extensionsHeader);
  if (response.status === 404) {
    await response.body?.cancel();
    return { document: null, isWaybill };
  }
  const answer = await client.json(response);
  if (!response.ok)
    throw new CliFailure(`Failed to fetch project ${projectId}: ${saidIn(answer, response)}`, {
      next: "Nothing was changed, neither here nor there. Try again, or look at the server's own log.",
    });
  return { document: documentIn(answer, client), isWaybill };
}

/** The project.yaml that the server writes of a project. Throws `CliFailure`. */
export async function getSpecText(client: Client, projectId: string): Promise<string> {
  const response = await client.request("GET", "/api/provision/yaml", { query: [["id", projectId]] });
  if (response.status === 200) return client.text(response);
  await response.body?.cancel();
  throw new CliFailure("No YAML representation of this project could be retrieved from the server.", {
    next: `${client.origin} answered ${response.status} for the project ${projectId}.`,
  });
}

/** Sends a project. Resolves to what the server then has. Throws `DeployRefused` when nothing was changed there. */
export async function postProject(
  client: Client,
  payload: ProjectPayload,
  isWaybill: boolean,
): Promise<ProjectDocument> {
  const query = isWaybill ? [["extensions", "true"] as const] : [];
  const response = await client.request("POST", "/api/provision/", { query, body: payload });
  const answer = await client.json(response);
  if (response.ok) return documentIn(answer, client);
  if (response.status === 422)
    throw new DeployRefused(
      `Failed to deploy project ${payload.name}:\n${JSON.stringify(answer, null, 2)}`,
      remedyFor(JSON.stringify(answer)),
    );
  const message = `Failed to deploy project ${payload.name}: ${saidIn(answer, response)}`;
  if (response.status < 500) throw new DeployRefused(message, "Nothing was deployed.");
  throw new CliFailure(message, {
    next: "Whether it was deployed is not known. Run `waybill plan`: it says what there is still to do.",
  });
}

/** The server said no, and changed nothing. */
export class DeployRefused extends CliFailure {
  constructor(message: string, next: string) {
    super(message, { next });
  }
}

function remedyFor(errors: string): string {
  if (errors.includes("extraneous parameters"))
    return "The state file and the server do not belong together. Run `waybill pull` to update your local files and keep IDs in sync, incorporate your changes and run `waybill deploy` again. Nothing was deployed.";
  if (errors.includes("since you pulled"))
    return "Run `waybill merge` to join both, look at the result, then `waybill deploy` again. `waybill deploy --force` sets back what was changed there. Nothing was deployed.";
  return "Nothing was deployed. Mend what is named above, then run `waybill deploy` again.";
}

function documentIn(answer: unknown, client: Client): ProjectDocument {
  const read = document.safeParse(answer);
  // Parsed as far as its records can be told apart; what they hold is looked at where it is used.
  if (read.success) return read.data.data as unknown as ProjectDocument;
  throw new CliFailure(`${client.endpoint} answered with something that is not a project.`, {
    next: "Check that the endpoint is the address of Waybill, or of an OpenFn instance.",
    cause: read.error,
  });
}

const refusal = z.object({
  error: z.union([z.string(), z.object({ message: z.string() }).transform(({ message }) => message)]),
});

/** The server's own sentence, else its status in words. */
function saidIn(answer: unknown, { status, statusText }: Response): string {
  const { data } = refusal.safeParse(answer);
  return data ? data.error : `${status} ${statusText}`.trim();
}
