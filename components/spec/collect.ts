import { limits, tooMuch } from "@/lib/limits";
import { type Listed, pickFiles } from "@/lib/portability/formats/pick";
import { fromTop, withoutToken } from "@/lib/portability/sendable";

/** Texts by their paths, or why they are not taken. */
export type Collected = { files: Record<string, string>; problem: null } | { files: null; problem: string };

/** What is walked of a folder before it is given up. */
const maxEntries = 20_000;
const maxDepth = 20;

type Chosen = Listed & { file: Pick<File, "text"> };

/** Files that somebody dropped: folders with all that is in them, a ZIP archive, single files. */
export async function collectDrop(transfer: DataTransfer): Promise<Collected> {
  // The list is empty as soon as the event is over.
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const files = [...transfer.files];
  const [only] = files;
  if (only && files.length === 1 && isZip(only)) return collectZip(only);
  try {
    const found = entries.length > 0 ? await walk(entries) : files.map((file) => listed(file.name, file));
    return await readAll(found, entries.length === 0 || entries.every(({ isFile }) => isFile));
  } catch {
    return refused("The folder could not be read to its end. Choose it with the button instead.");
  }
}

/** Files of an input: a folder's have paths. */
export async function collectFiles(files: readonly File[]): Promise<Collected> {
  const [only] = files;
  if (only && files.length === 1 && isZip(only)) return collectZip(only);
  const isChosenOne = files.every((file) => !file.webkitRelativePath);
  return readAll(
    files.map((file) => listed(file.webkitRelativePath || file.name, file)),
    isChosenOne,
  );
}

const listed = (path: string, file: File): Chosen => ({ path, bytes: file.size, file });
const refused = (problem: string): Collected => ({ files: null, problem });

const isZip = ({ name, type }: File) => /\.zip$/i.test(name) || type === "application/zip";

async function collectZip(file: File): Promise<Collected> {
  if (file.size > limits.importBytes) return refused(tooMuch("importBytes", file.size, "The archive"));
  const { unpack } = await import("@/lib/portability/archive");
  const unpacked = unpack(new Uint8Array(await file.arrayBuffer()));
  if (unpacked.files && Object.keys(unpacked.files).length === 0) return refused(nothing);
  return unpacked;
}

const nothing =
  "There is nothing in it that could be a part of a project: no YAML, no JSON of OpenFn's tools, no code.";

/** `areChosen`: somebody has picked each of them, so none is left out. */
async function readAll(found: readonly Chosen[], areChosen: boolean): Promise<Collected> {
  const picked = areChosen ? found : pickFiles(found);
  if (picked.length === 0) return refused(nothing);
  if (picked.length > limits.importFiles) return refused(tooMuch("importFiles", picked.length, "The folder"));
  const bytes = picked.reduce((sum, one) => sum + one.bytes, 0);
  if (bytes > limits.importBytes) return refused(tooMuch("importBytes", bytes, "The folder"));
  const texts = await Promise.all(
    picked.map(
      async ({ path, file }): Promise<[string, string]> => [path, withoutToken(path, await file.text())],
    ),
  );
  return { files: fromTop(Object.fromEntries(texts)), problem: null };
}

/** Where tools keep what is theirs: it is not even looked into. */
const isSkipped = (name: string) => name === "node_modules" || (name.startsWith(".") && name !== ".projects");

async function walk(entries: readonly FileSystemEntry[]): Promise<Chosen[]> {
  const found: Chosen[] = [];
  let open: { entry: FileSystemEntry; path: string; depth: number }[] = entries.map((entry) => ({
    entry,
    path: entry.name,
    depth: 0,
  }));
  let seen = 0;
  while (open.length > 0) {
    const next: typeof open = [];
    for (const { entry, path, depth } of open) {
      seen += 1;
      if (seen > maxEntries) throw new Error("There are too many files.");
      if (isFileEntry(entry)) found.push(listed(path, await fileOf(entry)));
      else if (isFolderEntry(entry) && depth < maxDepth && (depth === 0 || !isSkipped(entry.name)))
        for (const inside of await entriesIn(entry))
          next.push({ entry: inside, path: `${path}/${inside.name}`, depth: depth + 1 });
    }
    open = next;
  }
  return found;
}

const isFileEntry = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolderEntry = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

/** A browser gives a hundred at a time. */
async function entriesIn(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const read = () => new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
  const all: FileSystemEntry[] = [];
  for (let some = await read(); some.length > 0 && all.length <= maxEntries; some = await read())
    all.push(...some);
  return all;
}
