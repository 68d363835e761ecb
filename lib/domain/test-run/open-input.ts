import { sql } from "drizzle-orm";
import { queryOf, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { getMessageState, openShownStepInput } from "@/lib/domain/run/payloads";
import { openStartState } from "@/lib/queue/start-state";
import { GoneError, type StoredState, stateOf } from "@/lib/state/kept";
import { wipedColumns } from "@/lib/state/wiped";
import type { TestInput } from "@/lib/words";
import type { WorkflowGraph } from "@/lib/workflow/types";
import type { ShownState } from "./walk-test";

export type TestInputOf = {
  inputOf: TestInput;
  workflowId: string;
  triggerId: string | null;
  messageId: string | null;
  dataclipId: string | null;
  stepId: string | null;
  input: string | null;
};

const plain = (text: string): ShownState => ({ text, hidden: [], shown: text });

/** What a test begins with, for its jobs: nothing that a person can call may return `text`. Throws `GoneError`. */
export async function openTestInput(
  ctx: Context,
  of: TestInputOf,
  graph: WorkflowGraph,
): Promise<ShownState> {
  switch (of.inputOf) {
    case "message": {
      const text = await getMessageState(ctx, of.messageId);
      if (text === null) throw new GoneError("The message was deleted, or what it said was wiped.");
      return plain(text);
    }
    case "dataclip":
      return clip(ctx, of.dataclipId);
    case "step": {
      const state = of.stepId === null ? null : await openShownStepInput(ctx, of.stepId);
      if (state === null) throw new GoneError("What the step began with is not kept any more.");
      return state;
    }
    case "clock": {
      const trigger = graph.triggers.find(({ id }) => id === of.triggerId);
      return openStartState(
        { query: queryOf(ctx.db) },
        {
          ...{ projectId: ctx.project.id, workflowId: of.workflowId, triggerId: of.triggerId ?? "" },
          cursorJobId: trigger?.cronCursorJobId ?? null,
        },
      );
    }
    case "json":
      return plain(of.input ?? "{}");
    case "none":
      return plain("{}");
  }
}

async function clip({ db, project }: Context, id: string | null): Promise<ShownState> {
  const [row] = await rows<StoredState>(
    db,
    sql`select d.body, d.sealed, d.size, ${sql.raw(wipedColumns)} from dataclips d
        where d.id = ${id}::uuid and d.project_id = ${project.id}::uuid`,
  );
  return { ...stateOf(project.id, row ?? null), shown: row?.body ?? "{}" };
}
