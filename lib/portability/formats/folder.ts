import { limits, tooMuch, utf8Bytes } from "@/lib/limits";
import { type BodyFiles, notSent } from "@/lib/portability/sent-files";
import type { SpecProblem } from "@/lib/portability/yaml";
import { isCode } from "./pick";

/** Texts of the files of a folder, by their paths inside it. */
export type FolderFiles = Readonly<Record<string, string>>;

/** Longer than any system takes. */
const maxPathChars = 1_000;

/** Files by their paths, and which of them were read as part of a project. */
export class Folder {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #used = new Set<string>();

  constructor(texts: ReadonlyMap<string, string>) {
    this.#texts = texts;
  }

  get paths(): string[] {
    return [...this.#texts.keys()];
  }

  /** Returns the text of a file and remembers that it was of use. */
  use(path: string): string | undefined {
    this.#used.add(path);
    return this.#texts.get(path);
  }

  peek(path: string): string | undefined {
    return this.#texts.get(path);
  }

  /** Files that were of no use, code first. */
  get unused(): string[] {
    const left = this.paths.filter((path) => !this.#used.has(path));
    return [...left.filter(isCode), ...left.filter((path) => !isCode(path))];
  }
}

/** The folder that a file is in: "" is the one that was sent. */
export const folderOf = (path: string): string => path.split("/").slice(0, -1).join("/");

/** The last part of a path, without its endings. */
export const baseOf = (path: string): string =>
  (path.split("/").at(-1) ?? "").replace(/\.(ya?ml|json)$/i, "");

/** Where a path leads from a folder, or null when that is out of everything that was sent. */
export function pathFrom(folder: string, path: string): string | null {
  const written = path.replaceAll("\\", "/");
  if (written.startsWith("/") || /^[a-z]:/i.test(written)) return null;
  const parts: string[] = folder === "" ? [] : folder.split("/");
  for (const part of written.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join("/");
}

/**
 * Opens files as a folder. Counts and sizes are bounded before anything is read, and each path must stay inside. A text
 * that was `pasted` is counted for itself.
 */
export function openFolder(files: FolderFiles, pasted?: string): { folder: Folder; problems: SpecProblem[] } {
  const given = Object.entries(files);
  const problems: SpecProblem[] = [];
  const add = (file: string | null, message: string) =>
    problems.push({ path: "folder", message, line: null, ...(file === null ? {} : { file }) });
  const count = given.length - (pasted === undefined ? 0 : 1);
  if (count > limits.importFiles) add(null, tooMuch("importFiles", count, "The folder"));
  const bytes = given.reduce((sum, [, text]) => sum + utf8Bytes(text), 0);
  if (bytes > limits.importBytes) add(null, tooMuch("importBytes", bytes, "The folder"));
  if (problems.length > 0) return { folder: new Folder(new Map()), problems };
  const texts = new Map<string, string>();
  for (const [written, text] of given) {
    const path = written.length > maxPathChars ? null : pathFrom("", written);
    const shown = written.length > 100 ? `${written.slice(0, 100)}…` : written;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
    if (path === null || path === "" || /[\u0000-\u001f]/.test(path))
      add(null, `"${shown}" is no path inside the folder. Send each file by its path from the folder's top.`);
    else if (texts.has(path)) add(path, "Two files have this path. Send one of them.");
    // The mark that some editors of Windows put before a text.
    else texts.set(path, text.replace(/^\ufeff/, ""));
  }
  return { folder: new Folder(texts), problems };
}

/** Code that is beside a file: its paths are relative to it. */
export class FilesBeside implements BodyFiles {
  constructor(
    readonly folder: Folder,
    readonly file: string,
  ) {}

  read(path: string): { text: string } | { problem: string } {
    const at = pathFrom(folderOf(this.file), path);
    if (at === null)
      return {
        problem: `${path} leads out of the folder. Put the file into it, and write where it is from ${this.file}.`,
      };
    const text = this.folder.use(at);
    if (text !== undefined) {
      const bytes = utf8Bytes(text);
      return bytes > limits.jobCode ? { problem: tooMuch("jobCode", bytes, at) } : { text };
    }
    const alike = this.folder.paths.find((other) => other.toLowerCase() === at.toLowerCase());
    const hint = alike === undefined ? "" : ` There is ${alike}: capitals count.`;
    return { problem: `${notSent(path, this.file === "" ? "the others" : this.file)}${hint}` };
  }
}
