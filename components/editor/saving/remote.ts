import { ApiError, api, apiPath, getText } from "@/components/api";
import type { EditorPlace } from "@/components/editor/store";
import { type DraftGraph, toDraft } from "@/lib/editor/graph";
import { parseExact } from "@/lib/exact-json";
import type { WorkflowGraph } from "@/lib/workflow/types";
import type { Around, Remote } from "./draft-saver";

type Place = Pick<EditorPlace, "projectId" | "workflowId">;
/** As the routes declare them; filters are exact decimals, which the usual way of reading loses. */
type DraftState = {
  draft: {
    revision: number;
    baseVersion: number;
    graph: DraftGraph;
    note: string | null;
    base: DraftGraph;
  } | null;
};
type Saved = { lockVersion: number; graph: WorkflowGraph };

const draftRoute = "/api/projects/[project]/workflows/[id]/draft";

/** The server's side of a draft. */
export function remoteOf({ projectId, workflowId }: Place): Pick<Around, "put" | "get" | "remove"> {
  const params = { project: projectId, id: workflowId };
  const read = async <T>(path: string) => parseExact(await getText(path)) as unknown as T;
  return {
    put: (body) => api(`PUT ${draftRoute}`, { params, body }),
    get: async (): Promise<Remote> => {
      const { draft } = await read<DraftState>(apiPath(draftRoute, params));
      if (draft)
        return {
          draft: { revision: draft.revision, graph: draft.graph, note: draft.note },
          base: { version: draft.baseVersion, graph: draft.base },
        };
      const saved = await read<Saved>(apiPath("/api/projects/[project]/workflows/[id]", params));
      return { draft: null, base: { version: saved.lockVersion, graph: toDraft(saved.graph) } };
    },
    remove: async () => {
      await api(`DELETE ${draftRoute}`, { params }).catch((error: unknown) => {
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
      });
    },
  };
}
