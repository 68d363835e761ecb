// @ts-check
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { codeOf, Failure } from "./failure.mjs";
import { isRunning, self, until } from "./processes.mjs";

/** Longer than any installation or build. */
const patienceMs = 30 * 60_000;

/** @typedef {import("./processes.mjs").Identity & { nonce: string }} Holder */
/** @typedef {{ held: true, release(): void } | { held: false, holder: Holder }} Lock */

/**
 * @param {string} file
 * @returns {Holder | null}
 */
const read = (file) => {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return null;
  }
};

/**
 * Takes the lock file when nobody alive holds it.
 * @param {string} file
 * @returns {Lock}
 */
export function tryLock(file) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const mine = { ...self(), nonce: randomBytes(8).toString("hex") };
  const draft = `${file}.${mine.nonce}`;
  fs.writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    for (;;) {
      try {
        // A link appears with its content at once, so nobody reads a half-written lock.
        fs.linkSync(draft, file);
        return {
          held: true,
          release: () => {
            if (read(file)?.nonce === mine.nonce) fs.rmSync(file, { force: true });
          },
        };
      } catch (error) {
        if (codeOf(error) !== "EEXIST") throw error;
      }
      const holder = read(file);
      if (holder && isRunning(holder)) return { held: false, holder };
      takeAside(file, holder);
    }
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/**
 * Removes a dead holder's lock, unless another launcher was quicker and the file is already somebody else's.
 * @param {string} file
 * @param {Holder | null} dead
 */
function takeAside(file, dead) {
  const aside = `${file}.${randomBytes(8).toString("hex")}`;
  try {
    fs.renameSync(file, aside);
  } catch {
    return;
  }
  const taken = read(aside);
  if (taken && taken.nonce !== dead?.nonce && isRunning(taken)) {
    try {
      fs.linkSync(aside, file);
    } catch {}
  }
  fs.rmSync(aside, { force: true });
}

/**
 * Runs `work` while holding the lock, waiting for another launcher that has it. Throws a `Failure` when that takes longer
 * than any installation or build.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {(holder: Holder) => void} [onWait] hears whom we wait for
 * @returns {Promise<T>}
 */
export async function withLock(file, work, onWait = () => {}) {
  let lock = tryLock(file);
  if (!lock.held) onWait(lock.holder);
  await until(
    () => {
      if (!lock.held) lock = tryLock(file);
      return lock.held;
    },
    patienceMs,
    250,
  );
  if (!lock.held)
    throw new Failure(
      `Another Waybill (pid ${lock.holder.pid}) has been at work on ${path.dirname(file)} for too long: see what it does, or end it, and start again.`,
    );
  try {
    return await work();
  } finally {
    if (lock.held) lock.release();
  }
}
