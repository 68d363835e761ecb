"use client";
import { javascript } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import CodeMirror, { EditorView } from "@uiw/react-codemirror";
import { useTheme } from "next-themes";
import { useMemo } from "react";

const look = EditorView.theme({
  "&": { fontSize: "12.5px", backgroundColor: "var(--card) !important" },
  "&.cm-focused": { outline: "2px solid var(--ring)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--font-geist-mono), monospace", lineHeight: "1.6" },
  ".cm-gutters": {
    backgroundColor: "var(--card) !important",
    color: "var(--muted-foreground) !important",
    borderRight: "1px solid var(--border)",
  },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--muted) !important" },
});

export type CodeEditorProps = {
  value: string;
  onChange?: (value: string) => void;
  language: "javascript" | "json" | "text";
  readOnly?: boolean;
  /** Accessible name. */
  label: string;
  height?: string;
};

/** CodeMirror in the product's colours. Load it through ./editor, which keeps it out of the first bundle. */
export function CodeEditor({
  value,
  onChange,
  language,
  readOnly = false,
  label,
  height = "auto",
}: CodeEditorProps) {
  const { resolvedTheme } = useTheme();
  const extensions = useMemo(() => {
    const named = EditorView.contentAttributes.of({ "aria-label": label });
    const grammar = language === "javascript" ? [javascript()] : language === "json" ? [json()] : [];
    return [look, named, EditorView.lineWrapping, ...grammar];
  }, [language, label]);
  return (
    <CodeMirror
      value={value}
      {...(onChange ? { onChange } : {})}
      extensions={extensions}
      readOnly={readOnly}
      height={height}
      theme={resolvedTheme === "dark" ? "dark" : "light"}
      indentWithTab={false}
      basicSetup={{ highlightActiveLine: !readOnly, highlightActiveLineGutter: !readOnly, foldGutter: false }}
    />
  );
}
