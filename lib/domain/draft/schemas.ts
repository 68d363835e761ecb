import { z } from "zod";
import { moment } from "@/lib/domain/fields";
import { draftGraph } from "@/lib/domain/workflow/graph-schema";
import { clientUuid, versionNote, workflowInput } from "@/lib/domain/workflow/schemas";

const number = z.int().min(1).max(2_147_483_647);

/** Names a draft: everybody has at most one of a workflow. */
export const draftPlace = z.strictObject({ workflowId: clientUuid });

export const revision = number.meta({
  description: "How often the draft was saved, as whoever saves it has seen it.",
});

export const saveDraftInput = z.strictObject({
  revision: revision.nullable().meta({
    description: "The one that this change started from; null: there was no draft.",
  }),
  baseVersion: number.meta({ description: "The version of the workflow that the draft changes." }),
  graph: workflowInput,
  note: versionNote.nullable().optional().meta({ description: "Left out: as it was." }),
});

export const savedDraft = z
  .strictObject({ id: z.uuid(), baseVersion: z.int(), revision: z.int(), updatedAt: moment })
  .meta({ id: "SavedDraft" });
export type SavedDraft = z.infer<typeof savedDraft>;

export const draft = z
  .strictObject({
    ...savedDraft.shape,
    graph: draftGraph,
    base: draftGraph.meta({ description: "The version that it changes." }),
    note: z.string().nullable(),
    createdAt: moment,
  })
  .meta({ id: "Draft" });
export type Draft = z.infer<typeof draft>;

/** What somebody who has the editor open has to know. */
export const draftHead = z
  .strictObject({
    draft: savedDraft.nullable().meta({ description: "One's own." }),
    workflow: z.strictObject({
      lockVersion: z.int(),
      savedBy: z.string().nullable(),
      savedAt: moment,
      note: z.string().nullable(),
    }),
    others: z
      .array(z.strictObject({ name: z.string(), updatedAt: moment }))
      .meta({ description: "Members who have a draft of the workflow, too." }),
  })
  .meta({ id: "DraftHead" });
export type DraftHead = z.infer<typeof draftHead>;

/** The same with the graphs, for whoever opens it. */
export const draftState = z
  .strictObject({ ...draftHead.shape, draft: draft.nullable().meta({ description: "One's own." }) })
  .meta({ id: "DraftState" });
export type DraftState = z.infer<typeof draftState>;
