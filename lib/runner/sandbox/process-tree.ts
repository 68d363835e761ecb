import type { ChildProcess } from "node:child_process";
import { leafPid } from "./proc";

const wrapperGraceMs = 500;

/** What was spawned, and the worker below it: `unshare` and `bwrap` stay in front as parents. */
export class ProcessTree {
  readonly #child: ChildProcess;
  #leafPid: number | null = null;
  #isSettled = false;

  constructor(child: ChildProcess) {
    this.#child = child;
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  /** From now on the worker is there and keeps its process id. */
  settle(): void {
    this.#isSettled = true;
  }

  leafPid(): number | null {
    if (this.#leafPid !== null || this.pid === null) return this.#leafPid;
    const pid = leafPid(this.pid);
    if (this.#isSettled) this.#leafPid = pid;
    return pid;
  }

  /** Ends the worker first: a wrapper that is still there collects it, and ends by itself. */
  terminate(): void {
    const leaf = this.leafPid();
    if (leaf === null || leaf === this.pid) {
      this.#child.kill("SIGKILL");
      return;
    }
    killQuietly(leaf);
    setTimeout(() => this.#child.kill("SIGKILL"), wrapperGraceMs).unref();
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has gone already.
  }
}
