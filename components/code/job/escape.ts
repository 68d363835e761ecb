import { EditorView, runScopeHandlers } from "@codemirror/view";

/**
 * Keys pressed in code that is in a dialog. Escape belongs to the code, and the dialog has told the browser that it is dealt
 * with, which CodeMirror obeys. So it is handed on: it closes what is open in the editor, else Tab leaves the code until
 * something else is pressed. Returns whether the key was the code's.
 */
export function keyInCode(event: KeyboardEvent): boolean {
  const editor = event.target instanceof Element ? event.target.closest<HTMLElement>(".cm-editor") : null;
  const view = editor && EditorView.findFromDOM(editor);
  if (!view || event.key === "Tab") return true;
  if (event.key !== "Escape") {
    view.setTabFocusMode(false);
    return true;
  }
  const scope = view.contentDOM.contains(document.activeElement) ? "editor" : "search-panel";
  if (runScopeHandlers(view, event, scope)) return true;
  view.setTabFocusMode(true);
  return false;
}
