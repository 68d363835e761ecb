// @ts-check
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** The repository. */
export const root = path.resolve(import.meta.dirname, "../..");
/** @param {string[]} parts */
export const inRoot = (...parts) => path.join(root, ...parts);

// sun_path holds 108 bytes on Linux and 104 on macOS, the final zero included.
export const socketPathBytes = process.platform === "darwin" ? 103 : 107;

/**
 * Where a process of ours listens for the others: in the data directory, or in a short private directory when that
 * path is too long.
 * @param {string} dataDir
 * @param {"runner" | "web" | "engine"} name
 * @param {string} [tmp]
 * @returns {string}
 */
export function socketPath(dataDir, name, tmp = os.tmpdir()) {
  const near = path.join(dataDir, `${name}.sock`);
  if (Buffer.byteLength(near) <= socketPathBytes) return near;
  const digest = createHash("sha256").update(dataDir).digest("hex").slice(0, 12);
  return path.join(tmp, `waybill-${process.getuid?.() ?? "user"}-${digest}`, `${name}.sock`);
}

/**
 * Makes the socket's directory, readable by this user only. Throws when somebody else owns it.
 * @param {string} socket
 */
export function prepareSocketDir(socket) {
  const dir = path.dirname(socket);
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  const { uid } = fs.statSync(dir);
  if (process.getuid && uid !== process.getuid() && process.getuid() !== 0)
    throw new Error(`${dir} belongs to another user. Remove it or choose a shorter DATA_DIR.`);
}
