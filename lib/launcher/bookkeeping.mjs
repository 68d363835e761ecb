// @ts-check
import fs from "node:fs";
import path from "node:path";
import { codeOf } from "./failure.mjs";

const retryMs = 2_000;

/**
 * A file that says what is going on. Nothing depends on its being current, so writing never throws: what cannot be
 * written is said once, tried again until it can, and the launcher goes on.
 * @param {string} file only this user reads it
 * @param {{ write?: (file: string, text: string) => void, say?: (words: string) => void, retryMs?: number }} [options]
 */
export function keptFile(
  file,
  { write = replaceFile, say = console.error, retryMs: pauseMs = retryMs } = {},
) {
  /** @type {string | undefined} */
  let due;
  let isFailing = false;
  /** @type {NodeJS.Timeout | undefined} */
  let retry;
  const attempt = () => {
    if (due === undefined) return;
    clearTimeout(retry);
    try {
      write(file, due);
      due = undefined;
      if (isFailing) say(`${file} is up to date again.`);
      isFailing = false;
    } catch (error) {
      if (!isFailing) say(`${file} cannot be written (${codeOf(error) ?? error}); going on without.`);
      isFailing = true;
      retry = setTimeout(attempt, pauseMs);
      retry.unref();
    }
  };
  return {
    /** @param {string} text what the file is to hold, whenever it can be written */
    keep(text) {
      due = text;
      attempt();
    },
    /** Removes it, and writes it no more. */
    remove() {
      due = undefined;
      clearTimeout(retry);
      try {
        fs.rmSync(file, { force: true });
      } catch {
        // The next start sees that who wrote it is gone.
      }
    },
  };
}

/**
 * Puts a text in a file's place whole, in its folder, which may have gone meanwhile.
 * @param {string} file
 * @param {string} text
 */
function replaceFile(file, text) {
  const draft = `${file}.new`;
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  try {
    fs.writeFileSync(draft, text, { mode: 0o600 });
    fs.renameSync(draft, file);
  } catch (error) {
    // Half a draft would take the room that somebody else needs.
    try {
      fs.rmSync(draft, { force: true });
    } catch {}
    throw error;
  }
}
