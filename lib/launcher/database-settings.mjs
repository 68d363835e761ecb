// @ts-check
import fs from "node:fs";
import os from "node:os";

/** @typedef {{ memoryBytes: number, freeDiskBytes: number }} Machine what PostgreSQL may use of the machine it runs on */

const mb = 1024 * 1024;

/**
 * What this machine has: memory as far as a container's limit allows, and room where the database keeps its files.
 * @param {string} dir
 * @returns {Machine}
 */
export function machineOf(dir) {
  const limit = process.constrainedMemory();
  // Without a limit Node says 0, or more than any machine has.
  const memoryBytes = limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem();
  return { memoryBytes, freeDiskBytes: roomIn(dir) };
}

/** @param {string} dir */
function roomIn(dir) {
  try {
    const { bavail, bsize } = fs.statfsSync(dir);
    return bavail * bsize;
  } catch {
    return 0;
  }
}

/** @param {number} bytes @param {number} least @param {number} most */
const megabytes = (bytes, least, most) => `${Math.min(most, Math.max(least, Math.floor(bytes / mb)))}MB`;

/**
 * The settings of the embedded server. Durable: `fsync` and `synchronous_commit` stay on. Memory is shared with the rest of
 * Waybill and with jobs, so that it takes a sixteenth for itself, 256 MB at most, and leaves the system's cache to do the rest: a page
 * that is read from there costs some microseconds, and what describes each page is in memory whether there is one or not, 19 MB for
 * each gigabyte. The log is
 * allowed a tenth of the room on the disk: each page is written whole once between two checkpoints, so that fewer of them
 * write less; what a crash leaves to be done again is bounded by the same size. What waits to be written to it is a tenth of a second's
 * at the highest rate: by itself PostgreSQL would take a whole file's for that, and touch all of it in turn.
 * @param {Machine} machine
 * @returns {string[]} `name=value` each
 */
export const databaseSettings = ({ memoryBytes, freeDiskBytes }) => [
  `shared_buffers=${megabytes(memoryBytes / 16, 64, 256)}`,
  `effective_cache_size=${megabytes(memoryBytes / 2, 256, 65_536)}`,
  `maintenance_work_mem=${megabytes(memoryBytes / 64, 32, 512)}`,
  "work_mem=4MB",
  "wal_buffers=1MB",
  `max_wal_size=${megabytes(freeDiskBytes / 10, 256, 2048)}`,
  "checkpoint_timeout=30min",
  "wal_compression=on",
  "wal_level=minimal",
  "max_wal_senders=0",
  "max_connections=60",
  "superuser_reserved_connections=2",
  "max_worker_processes=4",
  "max_parallel_workers_per_gather=1",
  "max_logical_replication_workers=0",
  "autovacuum_max_workers=2",
  "io_method=sync",
  // Each of which is described, for each connection that there may be, although none waits.
  "io_max_concurrency=4",
  "jit=off",
  "random_page_cost=1.1",
  "log_min_messages=warning",
];
