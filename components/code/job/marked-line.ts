import { type Extension, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";

/** Marks a line, from 1; null marks none. */
export const markLine = StateEffect.define<number | null>();

const mark = Decoration.line({ class: "cm-marked-line" });

/** The line that somebody is sent to, until it is changed. */
export const markedLine: Extension = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, { effects, changes, state }) {
    for (const effect of effects) {
      if (!effect.is(markLine)) continue;
      const line = effect.value;
      if (line === null || line < 1) return Decoration.none;
      return Decoration.set([mark.range(state.doc.line(Math.min(line, state.doc.lines)).from)]);
    }
    return marks.map(changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});
