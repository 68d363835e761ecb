// @ts-check
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { statOf } from "./processes.mjs";

/**
 * What the operating system says of a process: `state` in its own letter (R runs or would like to, S sleeps, D waits
 * for a device, T was stopped by a signal, t by a debugger), and the processor's time that it has used, in milliseconds.
 * @typedef {{ state: string, cpuMs: number }} Vitals
 */

/** Of a clock tick, as /proc counts: 100 a second on every Linux that Node runs on. */
const tickMs = 10;

/** @param {string} time of `ps`: [[days-]hours:]minutes:seconds */
const msOf = (time) => {
  const [days, clock] = time.includes("-") ? time.split("-") : ["0", time];
  const seconds = (clock ?? "").split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1000;
};

/**
 * How a process is, or null when it is gone or cannot be looked at.
 * @param {number} pid
 * @returns {Vitals | null}
 */
export function vitalsOf(pid) {
  if (process.platform === "linux") {
    const fields = statOf(pid);
    return fields && { state: fields[0] ?? "", cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs };
  }
  const shown = spawnSync("ps", ["-o", "state=,time=", "-p", String(pid)], {
    encoding: "utf8",
    timeout: 2000,
  });
  const [state, time] = shown.stdout?.trim().split(/\s+/) ?? [];
  return state && time ? { state: state.slice(0, 1), cpuMs: msOf(time) } : null;
}

/**
 * The children of a process that a signal has stopped. Empty where the system does not tell.
 * @param {number} pid
 * @returns {number[]}
 */
export function stoppedChildren(pid) {
  try {
    return fs
      .readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
      .split(" ")
      .filter((child) => child && vitalsOf(Number(child))?.state === "T")
      .map(Number);
  } catch {
    return [];
  }
}
