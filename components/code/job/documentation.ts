import { type EditorState, type Extension, StateEffect, StateField } from "@codemirror/state";
import { type EditorView, hoverTooltip, keymap, showTooltip, type Tooltip } from "@codemirror/view";
import { drawWord } from "./draw";
import { nodeAt } from "./tree";
import type { Vocabulary } from "./vocabulary";
import type { Word } from "./word";

/** The word of the vocabulary at a place of the code, and where it stands. */
export function wordAt(
  state: EditorState,
  pos: number,
  side: -1 | 0 | 1,
  { words }: Vocabulary,
): { word: Word; from: number; to: number } | null {
  const node = nodeAt(state, pos, side);
  const whole = node.name === "PropertyName" ? node.parent : node;
  if (!whole || (whole.name !== "VariableName" && whole.name !== "MemberExpression")) return null;
  const word = words.get(state.sliceDoc(whole.from, Math.min(whole.to, whole.from + 200)));
  return word ? { word, from: whole.from, to: whole.to } : null;
}

const show = StateEffect.define<Tooltip | null>();

/** What is asked for by the keyboard, until something is typed or chosen elsewhere. */
const asked = StateField.define<Tooltip | null>({
  create: () => null,
  update(tooltip, transaction) {
    for (const effect of transaction.effects) if (effect.is(show)) return effect.value;
    return transaction.docChanged || transaction.selection ? null : tooltip;
  },
  provide: (field) => showTooltip.from(field),
});

/** Documentation of operations: on hover, and at the cursor by F1. `know` is asked each time. */
export function documentation(know: () => Vocabulary): Extension {
  const tooltip = (state: EditorState, pos: number, side: -1 | 0 | 1): (Tooltip & { end: number }) | null => {
    const found = wordAt(state, pos, side, know());
    return (
      found && { pos: found.from, end: found.to, above: true, create: () => ({ dom: drawn(found.word) }) }
    );
  };
  const ask = (view: EditorView): boolean => {
    const { head } = view.state.selection.main;
    const found = tooltip(view.state, head, -1) ?? tooltip(view.state, head, 1);
    view.dispatch({ effects: show.of(found) });
    return true;
  };
  const close = (view: EditorView): boolean => {
    if (!view.state.field(asked)) return false;
    view.dispatch({ effects: show.of(null) });
    return true;
  };
  return [
    asked,
    hoverTooltip((view, pos, side) => tooltip(view.state, pos, side)),
    keymap.of([
      { key: "F1", run: ask },
      { key: "Escape", run: close },
    ]),
  ];
}

/** Read out when it is asked for. */
function drawn(word: Word): HTMLElement {
  const box = drawWord(word);
  box.setAttribute("role", "status");
  return box;
}
