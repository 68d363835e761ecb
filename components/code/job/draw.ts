import { codeParts } from "@/components/code/code-parts";
import { signatureOf, type Word } from "./word";

function element(tag: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** A text in which what stands between backticks is code. */
function saying(tag: string, className: string, text: string): HTMLElement {
  const made = element(tag, className);
  made.append(
    ...codeParts(text).map((part, index) => (index % 2 === 1 ? element("code", "font-mono", part) : part)),
  );
  return made;
}

/** What an adaptor says of an operation, as plain text: its documentation is somebody else's. */
export function drawWord(word: Word): HTMLElement {
  const box = element("div", "grid max-w-md gap-2 p-1.5 font-sans text-[13px] leading-relaxed");
  box.append(
    element("code", "font-mono text-[12.5px] font-semibold [overflow-wrap:anywhere]", signatureOf(word)),
  );
  const said = word.description.trim() || "The adaptor says nothing about it.";
  box.append(saying("p", "whitespace-pre-line", said));
  const told = word.params.filter(({ description }) => description);
  if (told.length > 0) {
    const list = element("dl", "grid gap-1");
    for (const { name, description } of told) {
      list.append(
        element("dt", "font-mono text-xs", name),
        saying("dd", "text-muted-foreground text-xs", description),
      );
    }
    box.append(list);
  }
  for (const { caption, code } of word.examples ?? []) {
    if (caption) box.append(element("p", "text-muted-foreground text-xs", caption));
    box.append(
      element("pre", "whitespace-pre-wrap rounded border bg-muted px-2 py-1.5 font-mono text-xs", code),
    );
  }
  box.append(element("p", "text-muted-foreground text-xs", word.from));
  return box;
}
