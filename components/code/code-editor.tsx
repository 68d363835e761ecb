"use client";
import { javascript } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import CodeMirror, { EditorView } from "@uiw/react-codemirror";
import { useTheme } from "next-themes";
import { useMemo, useState } from "react";
import { useNonce } from "@/components/nonce";
import { useUnsaved } from "@/components/unsaved/place";
import { lookIn } from "./look";
import { yamlLanguage } from "./yaml-language";

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
    return [...styles, lookIn(tone), named, ...wrapping, ...grammar];
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
