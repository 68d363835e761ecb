import type { DraftTrigger } from "@/lib/editor/graph";

/** Changes settings of the trigger; edits of the same field, one after another, are undone together. */
export type Change = (fields: Partial<DraftTrigger>, field: string) => void;
