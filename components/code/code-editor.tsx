"use client";
import { javascript } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";
import CodeMirror, { EditorView } from "@uiw/react-codemirror";
import { useTheme } from "next-themes";
import { useMemo, useState } from "react";
import { useNonce } from "@/components/nonce";
import { useUnsaved } from "@/components/unsaved/place";
import { yamlLanguage } from "./yaml-language";

const look = {
  "&": {
    fontSize: "12.5px",
    color: "var(--foreground)",
    backgroundColor: "var(--card)",
  },
  "&.cm-focused": { outline: "2px solid var(--ring)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--font-geist-mono), monospace", lineHeight: "1.6" },
  ".cm-gutters": {
    backgroundColor: "var(--card)",
    color: "var(--muted-foreground)",
    borderRight: "1px solid var(--border)",
  },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--muted)" },
  ".cm-cursor": { borderLeftColor: "var(--foreground)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--accent-soft)",
  },
};
const lookIn = { light: EditorView.theme(look), dark: EditorView.theme(look, { dark: true }) };

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

export type CodeEditorProps = {
  value: string;
  onChange?: (value: string) => void;
  language: "javascript" | "json" | "yaml" | "text";
  readOnly?: boolean;
  /** Accessible name. */
  label: string;
  height?: string;
};

function grammarOf(language: CodeEditorProps["language"]) {
  if (language === "javascript") return [javascript()];
  if (language === "json") return [json()];
  return language === "yaml" ? [yamlLanguage] : [];
}

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
  const tone = resolvedTheme === "dark" ? "dark" : "light";
  const nonce = useNonce();
  const [first] = useState(value);
  useUnsaved(onChange !== undefined && value !== first);
  const extensions = useMemo(() => {
    const styles = nonce ? [EditorView.cspNonce.of(nonce)] : [];
    const named = EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" });
    const grammar = grammarOf(language);
    // Code keeps its lines; payloads, whose lines may be endless, are wrapped.
    const wrapping = language === "javascript" || language === "yaml" ? [] : [EditorView.lineWrapping];
    return [...styles, lookIn[tone], syntaxHighlighting(colours), named, ...wrapping, ...grammar];
  }, [language, label, tone, nonce]);
  return (
    <CodeMirror
      value={value}
      {...(onChange ? { onChange } : {})}
      extensions={extensions}
      readOnly={readOnly}
      height={height}
      theme="none"
      indentWithTab={false}
      basicSetup={{ highlightActiveLine: !readOnly, highlightActiveLineGutter: !readOnly, foldGutter: false }}
    />
  );
}
