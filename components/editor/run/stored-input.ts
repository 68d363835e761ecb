import { api, apiPath, getText } from "@/components/api";
import { stateOfMessage } from "@/components/receipt/message-content";
import type { MessageDetail } from "@/lib/domain/message/types";
import { stringifyExact } from "@/lib/exact-json";
import type { TestInput } from "./input";

export type StoredInput = Exclude<TestInput, { kind: "json" | "none" }>;

/** What is stored of an input: JSON text of the state, null of a message that is too long to be shown. */
export type ReadInput = { text: string | null; message: MessageDetail | null };

/** Reads a stored input once: none of them changes. */
export const inputQuery = (projectId: string, input: StoredInput) => ({
  queryKey: ["test-input", projectId, input.kind, input.id],
  queryFn: ({ signal }: { signal: AbortSignal }) => read(projectId, input, signal),
  staleTime: Number.POSITIVE_INFINITY,
  retry: false,
});

export const messageQuery = (projectId: string, id: string) => inputQuery(projectId, { kind: "message", id });

async function read(projectId: string, input: StoredInput, signal: AbortSignal): Promise<ReadInput> {
  const params = { project: projectId, id: input.id };
  if (input.kind === "message") {
    const message = await api("GET /api/projects/[project]/messages/[id]", { params, signal });
    const state = stateOfMessage(message);
    return { text: state === undefined ? null : stringifyExact(state), message };
  }
  const path =
    input.kind === "step"
      ? apiPath("/api/projects/[project]/steps/[id]/input", params)
      : apiPath("/api/projects/[project]/dataclips/[id]/body", params);
  return { text: await getText(path, signal), message: null };
}
