import { EditorView } from "@codemirror/view";

/** What a job's editor has besides the colours of all code. */
export const jobLook = EditorView.theme({
  "&": { minHeight: "12rem", maxHeight: "70vh" },
  ".cm-scroller": { overflow: "auto", minHeight: "12rem" },
  ".cm-marked-line": {
    backgroundColor: "var(--status-soft, var(--muted))",
    boxShadow: "inset 3px 0 var(--destructive)",
  },
  ".cm-tooltip": {
    border: "1px solid var(--border)",
    borderRadius: "8px",
    backgroundColor: "var(--popover)",
    color: "var(--foreground)",
    boxShadow: "0 8px 24px rgb(0 0 0 / 0.16)",
    maxWidth: "min(28rem, 92vw)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--code-font)",
    fontSize: "12.5px",
    maxWidth: "92vw",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 8px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--accent)",
    color: "var(--accent-foreground, var(--card))",
  },
  ".cm-completionDetail": { fontStyle: "normal", opacity: "0.75", marginLeft: "0.75em" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-tooltip.cm-completionInfo": { padding: "4px" },
  ".cm-diagnostic": { padding: "6px 10px", fontFamily: "inherit" },
  ".cm-diagnosticText": { whiteSpace: "pre-wrap" },
  ".cm-panels": { backgroundColor: "var(--muted)", color: "var(--foreground)", borderColor: "var(--border)" },
  ".cm-panel.cm-search": { padding: "8px 32px 8px 8px", fontFamily: "inherit", fontSize: "13px" },
  ".cm-panel.cm-search label": { fontSize: "13px", whiteSpace: "nowrap" },
  ".cm-panel.cm-gotoLine": { padding: "8px" },
  ".cm-textfield": {
    border: "1px solid var(--input)",
    borderRadius: "6px",
    backgroundColor: "var(--card)",
    color: "var(--foreground)",
    padding: "3px 8px",
    fontSize: "13px",
  },
  ".cm-button": {
    border: "1px solid var(--input)",
    borderRadius: "6px",
    backgroundImage: "none",
    backgroundColor: "var(--card)",
    color: "var(--foreground)",
    padding: "3px 8px",
    fontSize: "13px",
  },
  ".cm-searchMatch": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent)" },
  ".cm-searchMatch.cm-searchMatch-selected": { outline: "2px solid var(--accent)" },
  "&.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--accent-soft)",
    outline: "1px solid var(--accent)",
  },
});
