import { randomUUID } from "node:crypto";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import type { SaveWorkflowInput } from "@/lib/domain/workflow/schemas";
import { accept, type InboxHost, type InboxRequest } from "@/lib/inbox/accept";
import { contextFor, createTestProject, createTestUser } from "./fixtures";

type Settings = Partial<SaveWorkflowInput["triggers"][number]>;
type Job = { name: string; follows?: string; on?: "on_job_success" | "on_job_failure" | "always" };

/** A project of its own whose one workflow has a webhook trigger with these settings, and these jobs, the first after it. */
export async function createWebhook(settings: Settings = {}, jobs: Job[] = [{ name: "Only" }]) {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  const ctx = contextFor(owner, project);
  const [workflowId, triggerId] = [randomUUID(), randomUUID()];
  const jobIds = Object.fromEntries(jobs.map(({ name }) => [name, randomUUID()]));
  const input = {
    id: workflowId,
    name: "Hook",
    triggers: [{ id: triggerId, type: "webhook" as const, ...settings }],
    jobs: jobs.map(({ name }) => ({
      id: jobIds[name] ?? "",
      name,
      body: "fn(s => s)",
      adaptor: "@openfn/language-common@3.3.4",
    })),
    edges: jobs.map(({ name, follows, on = "on_job_success" }) => ({
      id: randomUUID(),
      ...(follows
        ? { sourceJobId: jobIds[follows] ?? "", conditionType: on }
        : { sourceTriggerId: triggerId, conditionType: "always" as const }),
      targetJobId: jobIds[name] ?? "",
    })),
  };
  const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };
  const { lockVersion } = await saveWorkflow(ctx, input, deps);
  return { ctx, project, workflowId, triggerId, jobIds, input, lockVersion, deps };
}

type Sent = { method?: string; headers?: Record<string, string>; body?: string; signal?: AbortSignal };

/** Sends to an address, `/i/…` left out, as any server hands a request over. */
export function sendTo(
  host: InboxHost,
  address: string,
  { method = "POST", headers = {}, body = "{}", signal }: Sent = {},
) {
  const [path = "", search = ""] = address.split("?");
  const request: InboxRequest = {
    method,
    segments: path.split("/"),
    search,
    headers: { "content-type": "application/json", ...headers },
    body: method === "POST" ? new Blob([body]).stream() : null,
    ...(signal ? { signal } : {}),
  };
  return accept(request, host);
}
