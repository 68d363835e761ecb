import type { Edit } from "./edits";
import type { DraftGraph } from "./graph";

const mostSteps = 200;

/** A draft with what was before and what was undone. */
export type History = {
  now: DraftGraph;
  past: readonly DraftGraph[];
  future: readonly DraftGraph[];
  /** Edits with the same key, one after another, are one step: typing in a field. */
  lastKey: string | null;
};

export const begin = (now: DraftGraph): History => ({ now, past: [], future: [], lastKey: null });

export function apply(history: History, edit: Edit, key: string | null = null): History {
  const now = edit(history.now);
  if (now === history.now) return history;
  const isSame = key !== null && key === history.lastKey;
  const past = isSame ? history.past : [...history.past, history.now].slice(-mostSteps);
  return { now, past, future: [], lastKey: key };
}

export function undo({ now, past, future }: History): History | null {
  const before = past.at(-1);
  return before ? { now: before, past: past.slice(0, -1), future: [now, ...future], lastKey: null } : null;
}

export function redo({ now, past, future }: History): History | null {
  const [next, ...rest] = future;
  return next ? { now: next, past: [...past, now], future: rest, lastKey: null } : null;
}
