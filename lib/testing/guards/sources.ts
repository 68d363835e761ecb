import fs from "node:fs";
import path from "node:path";

export type Source = { file: string; text: string };

/** The product's own sources: no tests, fixtures, or what only tests use. Paths are relative to the repository. */
export function sources(folders: string[], kinds = /\.(ts|tsx)$/): Source[] {
  return folders
    .flatMap((folder) =>
      fs
        .readdirSync(folder, { recursive: true, encoding: "utf8" })
        .map((name) => path.posix.join(folder, name.replaceAll(path.sep, "/"))),
    )
    .filter((file) => kinds.test(file) && !/\.test\.ts$|\/fixtures\/|(^|\/)testing(\/|\.ts$)/.test(file))
    .filter((file) => fs.statSync(file).isFile())
    .sort()
    .map((file) => ({ file, text: fs.readFileSync(file, "utf8") }));
}

/** The template literals of a source, outermost ones only, with the text of what is embedded in them. */
export function templates(text: string): { at: number; text: string }[] {
  const found: { at: number; text: string }[] = [];
  for (let i = 0; i < text.length; i++) {
    const skipped = skipQuoted(text, i);
    if (skipped > i) i = skipped - 1;
    else if (text[i] === "`") {
      const end = endOfTemplate(text, i);
      found.push({ at: text.slice(0, i).split("\n").length, text: text.slice(i + 1, end) });
      i = end;
    }
  }
  return found;
}

/** The arguments, as text, of the call whose type arguments or parenthesis begin at `at`. */
export function argumentsAt(text: string, at: number): string[] {
  let start = text[at] === "<" ? endOfTypes(text, at) : at;
  if (text[start] !== "(") return [];
  const found: string[] = [];
  let depth = 0;
  for (let i = ++start; i < text.length; i++) {
    const skipped = skipQuoted(text, i);
    if (skipped > i) i = skipped - 1;
    else if (text[i] === "`") i = endOfTemplate(text, i);
    else if (/[([{]/.test(text[i] ?? "")) depth++;
    else if (text[i] === "," && depth === 0) {
      found.push(text.slice(start, i));
      start = i + 1;
    } else if (/[)\]}]/.test(text[i] ?? "") && depth-- === 0) {
      return [...found, text.slice(start, i)].map((one) => one.trim());
    }
  }
  return found;
}

function endOfTypes(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    if (text[i] === "<") depth++;
    else if (text[i] === ">" && text[i - 1] !== "=" && --depth === 0) return i + 1;
  }
  return text.length;
}

/** The index after a comment or a string that begins at `i`; `i` when none does. */
function skipQuoted(text: string, i: number): number {
  if (text.startsWith("//", i)) return indexAfter(text, "\n", i);
  if (text.startsWith("/*", i)) return indexAfter(text, "*/", i + 2);
  const quote = text[i];
  if (quote !== '"' && quote !== "'") return i;
  let at = i + 1;
  while (at < text.length && text[at] !== quote && text[at] !== "\n") at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

const indexAfter = (text: string, what: string, from: number) => {
  const at = text.indexOf(what, from);
  return at < 0 ? text.length : at + what.length;
};

/** The index of the closing backtick of the template that begins at `start`. */
function endOfTemplate(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== "`") {
    if (text[i] === "\\") i += 2;
    else if (text.startsWith("${", i)) i = endOfHole(text, i + 2) + 1;
    else i++;
  }
  return i;
}

function endOfHole(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const skipped = skipQuoted(text, i);
    if (skipped > i) i = skipped - 1;
    else if (text[i] === "`") i = endOfTemplate(text, i);
    else if (text[i] === "{") depth++;
    else if (text[i] === "}" && depth-- === 0) return i;
  }
  return text.length;
}
