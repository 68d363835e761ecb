import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { limits } from "@/lib/limits";
import { pickFiles } from "./formats/pick";
import { fromTop, withoutToken } from "./sendable";

/** Deflate comes to 1032 times as much at most, and code to a tenth of that. */
const maxRatio = 200;
/** Names of an archive that are looked at, of files that are not sent, too. */
const maxEntries = 20_000;

/** Texts as a ZIP archive: of the same texts it has the same bytes, whenever and wherever it is made. */
export function zipOf(files: Record<string, string>): Uint8Array<ArrayBuffer> {
  const inOrder = Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1));
  // Local, as the format's times are: everywhere the same one is written.
  const mtime = new Date(1980, 0, 1);
  return zipSync(Object.fromEntries(inOrder.map(([path, text]) => [path, strToU8(text)])), { mtime });
}

export type Unpacked = { files: Record<string, string>; problem: null } | { files: null; problem: string };

const notRead = "This is no ZIP archive that can be read. Pack the folder again.";

/**
 * The texts of an archive that may be part of a project, by their paths. Nothing is inflated that is too much by what the
 * archive says of itself, and nothing beyond that when it says too little.
 */
export function unpack(bytes: Uint8Array): Unpacked {
  try {
    const entries = entriesOf(bytes);
    if (entries.length > maxEntries)
      return refused(`The archive holds more than ${words(maxEntries)} files.`);
    const picked = pickFiles(entries);
    const problem = tooMuchOf(picked);
    if (problem) return refused(problem);
    const paths = new Set(picked.map(({ path }) => path));
    const found = unzipSync(bytes, { filter: ({ name }) => paths.has(name) });
    const texts = Object.entries(found).map(([path, content]): [string, string] => [
      path,
      withoutToken(path, strFromU8(content)),
    ]);
    return { files: fromTop(Object.fromEntries(texts)), problem: null };
  } catch {
    return refused(notRead);
  }
}

const refused = (problem: string): Unpacked => ({ files: null, problem });

type Entry = { path: string; bytes: number; packed: number };

/** What the archive says that it holds, without its folders. */
function entriesOf(bytes: Uint8Array): Entry[] {
  const entries: Entry[] = [];
  unzipSync(bytes, {
    filter: ({ name, size, originalSize }) => {
      if (!name.endsWith("/") && entries.length <= maxEntries)
        entries.push({ path: name, bytes: originalSize, packed: size });
      return false;
    },
  });
  return entries;
}

function tooMuchOf(entries: readonly Entry[]): string | null {
  if (entries.length > limits.importFiles)
    return `The archive holds more than ${words(limits.importFiles)} files that may be part of a project. Pack the project's own folder.`;
  if (entries.reduce((sum, { bytes }) => sum + bytes, 0) > limits.importBytes)
    return `The archive holds more than ${words(limits.importBytes)} bytes.`;
  const bomb = entries.find(({ bytes, packed }) => bytes > 1_000_000 && bytes > packed * maxRatio);
  return bomb
    ? `${bomb.path} comes to more than ${maxRatio} times what it is packed: no project does.`
    : null;
}

const words = (n: number) => n.toLocaleString("en-US");
