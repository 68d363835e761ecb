import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { limits } from "@/lib/limits";
import { fromTop, isSendable, withoutToken } from "./sendable";

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

/**
 * The texts of an archive that may be part of a project, by their paths. Nothing is inflated that is too much by what the
 * archive says of itself, and nothing beyond that when it says too little.
 */
export function unpack(bytes: Uint8Array): Unpacked {
  const seen = { entries: 0, files: 0, bytes: 0 };
  let problem: string | null = null;
  const refuse = (sentence: string) => {
    problem ??= sentence;
    return false;
  };
  try {
    const found = unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        if (problem) return false;
        seen.entries += 1;
        if (seen.entries > maxEntries)
          return refuse(`The archive holds more than ${words(maxEntries)} files.`);
        if (name.endsWith("/") || !isSendable(name)) return false;
        seen.files += 1;
        seen.bytes += originalSize;
        if (seen.files > limits.importFiles)
          return refuse(
            `The archive holds more than ${words(limits.importFiles)} files that may be part of a project. Pack the project's own folder.`,
          );
        if (seen.bytes > limits.importBytes)
          return refuse(`The archive holds more than ${words(limits.importBytes)} bytes.`);
        if (originalSize > 1_000_000 && originalSize > size * maxRatio)
          return refuse(`${name} comes to more than ${maxRatio} times what it is packed: no project does.`);
        return true;
      },
    });
    if (problem !== null) return { files: null, problem };
    const texts = Object.entries(found).map(([path, content]): [string, string] => [
      path,
      withoutToken(path, strFromU8(content)),
    ]);
    return { files: fromTop(Object.fromEntries(texts)), problem: null };
  } catch {
    return { files: null, problem: "This is no ZIP archive that can be read. Pack the folder again." };
  }
}

const words = (n: number) => n.toLocaleString("en-US");
