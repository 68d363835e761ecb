import type { SQL } from "drizzle-orm";
import { z } from "zod";
import { numberedInput, openfnMoment } from "./page";

const idList = z.string().max(4_000).optional();

/** OpenFn's filters of runs and work orders. */
export const historyInput = numberedInput.extend({
  inserted_after: openfnMoment,
  inserted_before: openfnMoment,
  updated_after: openfnMoment,
  updated_before: openfnMoment,
  project_id: z.uuid().optional(),
  workflow_id: z.uuid().optional(),
  state: z.string().max(400).optional().meta({ description: "States, with commas between." }),
  id: idList.meta({ description: "Ids, with commas between." }),
  "id[]": z.array(z.string().max(100)).max(100).optional().meta({ description: "The same, one each." }),
});
export type HistoryAsked = z.output<typeof historyInput>;

export type History = {
  table: "runs" | "work_orders";
  /** When something last happened to a row `t`. */
  updatedAt: SQL;
  /** The column's word for one of the filter's; undefined for what is none. */
  stateOf: (word: string) => string | undefined;
  /** A condition on rows `t` with an index of its own: few rows fit it. */
  only?: SQL | undefined;
};
