import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";

const othersRead = 0o004;
const othersEnter = 0o001;
const othersWrite = 0o022;

/** Whether a user who is neither owner nor in the group can read the file, every folder above it included. */
function isReadableByOthers(file: string): boolean {
  if (!(fs.statSync(file).mode & othersRead)) return false;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    if (!(fs.statSync(folder).mode & othersEnter)) return false;
    if (folder === path.dirname(folder)) return true;
  }
}

/** A folder of ours that others may read and not change. Throws when somebody else holds its name. */
function sharedFolder(): string {
  const uid = process.getuid?.() ?? 0;
  const folder = path.join(os.tmpdir(), `waybill-runtime-${uid}`);
  fs.mkdirSync(folder, { recursive: true, mode: 0o755 });
  const stat = fs.lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== uid || stat.mode & othersWrite) {
    throw new Error(`${folder} belongs to somebody else. Remove it, or set TMPDIR to a folder of your own.`);
  }
  return folder;
}

/**
 * The file itself, or a copy of it that the workers' users can reach when the installation is private, e.g. below
 * /root. Only a runner that changes users needs this.
 */
export function reachableByAll(file: string): string {
  if (process.getuid?.() !== 0 || isReadableByOthers(file)) return file;
  const { size, mtimeMs } = fs.statSync(file);
  const copy = path.join(sharedFolder(), `${Math.trunc(mtimeMs)}-${size}-${path.basename(file)}`);
  if (fs.existsSync(copy)) return copy;
  const draft = `${copy}.${process.pid}`;
  fs.copyFileSync(file, draft, fs.constants.COPYFILE_FICLONE);
  fs.chmodSync(draft, 0o755);
  fs.renameSync(draft, copy);
  return copy;
}
