import type { DraftGraph, Item } from "./graph";

export type Choice = "mine" | "theirs";

/** What both sides changed, each otherwise. */
export type Collision = {
  /** Names it among the choices: `jobs.<id>.body`, `edges.<id>`, `workflow.name`. */
  key: string;
  item: Item["kind"];
  itemId: string | null;
  /** As in `GraphProblem`; null: one side removed the item that the other one changed or uses. */
  field: string | null;
  /** The value on each side, or the values of fields that mean something together; undefined where the item is not there. */
  base: unknown;
  mine: unknown;
  theirs: unknown;
  /** Whose was taken; null while nobody has chosen: then mine stands, and what one side removed is still there. */
  choice: Choice | null;
};

export type Choices = ReadonlyMap<string, Choice>;

/** Notes a collision and says what was chosen. */
export type Ask = (collision: Omit<Collision, "choice">) => Choice | null;

/** The same of what both came from and of both sides. */
export type Sides<T = DraftGraph> = { base: T; mine: T; theirs: T };
