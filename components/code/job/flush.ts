const editors = new Set<() => void>();

/** Includes an editor whose text may be ahead of what its owner was told, until the returned function is called. */
export function includeEditor(flush: () => void): () => void {
  editors.add(flush);
  return () => void editors.delete(flush);
}

/** Has every editor on the page hand on what was typed last: before it is saved, run, undone or left. */
export function flushCode(): void {
  for (const flush of editors) flush();
}
