import { randomBytes } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import { CliFailure, codeOf, wordsOf } from "./failure";

type WriteOptions = {
  /** Readable by this user only. */
  isPrivate?: boolean;
};

/**
 * Puts texts into their files: all are written beside their places first, then renamed one after the other, so what cannot
 * be written leaves every file as it was, and no file is ever half of something. A symbolic link is followed, and a file
 * keeps its mode. Throws `CliFailure`.
 */
export async function writeFiles(
  files: readonly (readonly [file: string, text: string])[],
  options: WriteOptions = {},
): Promise<void> {
  const drafts: { draft: string; place: string }[] = [];
  try {
    for (const [file, text] of files) drafts.push(await writeDraft(file, text, options));
    for (const { draft, place } of drafts) await fs.rename(draft, place);
  } catch (error) {
    await Promise.all(drafts.map(({ draft }) => fs.rm(draft, { force: true }).catch(() => {})));
    const file = error instanceof Error && "path" in error ? String(error.path) : "A file";
    throw new CliFailure(
      `${file.replace(/\.[0-9a-f]{12}\.new$/, "")} could not be written: ${wordsOf(error)}`,
      {
        next: "Nothing is lost on the server. Make room or give yourself the right to write there, then run the same command again.",
        cause: error,
      },
    );
  }
}

/** One file. See `writeFiles`. */
export const writeFile = (file: string, text: string, options?: WriteOptions): Promise<void> =>
  writeFiles([[file, text]], options);

async function writeDraft(file: string, text: string, { isPrivate }: WriteOptions) {
  await fs.mkdir(path.dirname(file), { recursive: true, ...(isPrivate ? { mode: 0o700 } : {}) });
  const place = await fs.realpath(file).catch(() => file);
  const mode = await fs.stat(place).then(
    (stat) => stat.mode & 0o777,
    () => 0o666,
  );
  const draft = `${place}.${randomBytes(6).toString("hex")}.new`;
  const handle = await fs.open(draft, "wx", isPrivate ? 0o600 : mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { draft, place };
}

/** Fifty megabytes: more is no file of a project. */
const longestFile = 50 * 1024 * 1024;

/** A file's text, or null when there is none. Throws `CliFailure` for what cannot be read, or is too large. */
export async function readText(file: string): Promise<string | null> {
  try {
    const { size } = await fs.stat(file);
    if (size > longestFile) throw new CliFailure(`${file} is larger than 50 MB, so it was not read.`);
    return await fs.readFile(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return null;
    if (error instanceof CliFailure) throw error;
    throw new CliFailure(`${file} could not be read: ${wordsOf(error)}`, { cause: error });
  }
}
