import { ensureSyntaxTree, syntaxTree } from "@codemirror/language";
import type { EditorState } from "@codemirror/state";

/** Code is parsed in the background; what is asked about at once is waited for as long. */
const patienceMs = 500;

export type SyntaxNode = ReturnType<typeof syntaxTree>["topNode"];

/** The node at a place of the code: the one that ends there (-1), or begins there (1). */
export const nodeAt = (state: EditorState, pos: number, side: -1 | 0 | 1): SyntaxNode =>
  (ensureSyntaxTree(state, pos, patienceMs) ?? syntaxTree(state)).resolveInner(pos, side);
