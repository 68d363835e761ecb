import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const look = {
  "&": {
    fontSize: "12.5px",
    color: "var(--foreground)",
    backgroundColor: "var(--card)",
  },
  "&.cm-focused": { outline: "2px solid var(--ring)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--code-font)", lineHeight: "1.6" },
  ".cm-gutters": {
    backgroundColor: "var(--card)",
    color: "var(--muted-foreground)",
    borderRight: "1px solid var(--border)",
  },
  // What is selected is drawn below the line.
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--muted) 50%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--muted)" },
  ".cm-cursor": { borderLeftColor: "var(--foreground)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--accent-soft)",
  },
};

/** The theme's own colours: CodeMirror's defaults fall short of the contrast that small text needs. */
const colours = HighlightStyle.define([
  { tag: [tags.comment], color: "var(--code-comment)" },
  { tag: [tags.keyword, tags.bool, tags.null, tags.self, tags.modifier], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--code-string)" },
  { tag: [tags.number, tags.escape], color: "var(--code-number)" },
  {
    tag: [
      tags.propertyName,
      tags.function(tags.variableName),
      tags.function(tags.propertyName),
      tags.className,
    ],
    color: "var(--code-name)",
  },
  { tag: [tags.invalid], color: "var(--destructive)", textDecoration: "underline" },
]);

const themes = { light: EditorView.theme(look), dark: EditorView.theme(look, { dark: true }) };

/** The product's colours for code, in light or dark. */
export const lookIn = (tone: "light" | "dark"): Extension => [themes[tone], syntaxHighlighting(colours)];
