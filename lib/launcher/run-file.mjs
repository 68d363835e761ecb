// @ts-check
import fs from "node:fs";
import path from "node:path";
import { keptFile } from "./bookkeeping.mjs";
import { Failure } from "./failure.mjs";
import { tryLock } from "./lock.mjs";
import { end, isRunning, self } from "./processes.mjs";

/** @typedef {import("./processes.mjs").Identity} Identity */
/**
 * What a launcher wrote down of itself: address, database, its own and its children's processes.
 * @typedef {object} Run
 * @property {Identity} launcher
 * @property {string} startedAt
 * @property {Record<string, Identity>} processes
 * @property {number} [port]
 * @property {string} [url]
 * @property {string} [readyAt]
 * @property {string} [databaseUrl]
 * @property {string} [buildDir]
 */
/** @typedef {ReturnType<typeof runFile>} Notes */

/** @param {string} dataDir */
const fileIn = (dataDir) => path.join(dataDir, "run.json");

/**
 * What the launcher that uses this directory wrote down, or null.
 * @param {string} dataDir
 * @returns {Run | null}
 */
export function readRun(dataDir) {
  try {
    return JSON.parse(fs.readFileSync(fileIn(dataDir), "utf8"));
  } catch {
    return null;
  }
}

/**
 * The notes of a launcher that still runs, else null.
 * @param {string} dataDir
 * @returns {Run | null}
 */
export function liveRun(dataDir) {
  const run = readRun(dataDir);
  return isRunning(run?.launcher) ? run : null;
}

/**
 * Keeps `run.json` current while the launcher runs, as far as the disk lets it. It holds the database's password, so only
 * this user reads it.
 * @param {string} dataDir
 */
export function runFile(dataDir) {
  const file = fileIn(dataDir);
  /** @type {Run} */
  const content = { launcher: self(), startedAt: new Date().toISOString(), processes: {} };
  const kept = keptFile(file);
  const write = () => kept.keep(`${JSON.stringify(content, null, 2)}\n`);
  return {
    /** @param {Partial<Run>} fields */
    note(fields) {
      Object.assign(content, fields);
      write();
    },
    /**
     * @param {string} name
     * @param {Identity | null} identity null while there is none
     */
    process(name, identity) {
      if (identity) content.processes[name] = identity;
      else delete content.processes[name];
      write();
    },
    remove: () => kept.remove(),
  };
}

/**
 * Takes the data directory for this launcher. Throws one sentence when another one uses it.
 * @param {string} dataDir
 * @returns {() => void} gives it back
 */
export function claimDataDir(dataDir) {
  const lock = tryLock(path.join(dataDir, "launcher.lock"));
  if (lock.held) return lock.release;
  const url = readRun(dataDir)?.url;
  throw new Failure(
    `Waybill already runs on ${dataDir} (pid ${lock.holder.pid}${url ? `, ${url}` : ""}): stop that one first, or start this one beside it with PORT=3001 DATA_DIR=.data-2 npm start.`,
  );
}

/**
 * Ends what a killed launcher left running. PostgreSQL is left to `startPostgres`, which stops it properly.
 * @param {string} dataDir
 */
export async function reapLeftOvers(dataDir) {
  const run = readRun(dataDir);
  if (!run || isRunning(run.launcher)) return;
  const left = Object.entries(run.processes ?? {}).filter(
    ([name, identity]) => name !== "database" && isRunning(identity),
  );
  await Promise.all(left.map(([, identity]) => end(identity)));
}
