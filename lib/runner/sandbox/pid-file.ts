import fs from "node:fs";
import path from "node:path";
import { log } from "@/lib/log";
import { startTime } from "./proc";

/**
 * The workers of this runner by pid and start time, so that the next life can end those that a killed runner left
 * behind. A pid alone may belong to somebody else by then.
 */
export class PidFile {
  readonly #workers = new Map<number, string>();

  constructor(readonly file: string) {}

  /** Ends what an earlier life left and starts an empty list. Returns how many were ended. */
  reap(): number {
    let ended = 0;
    for (const { pid, started } of this.#read()) {
      if (startTime(pid) !== started) continue;
      try {
        process.kill(pid, "SIGKILL");
        ended += 1;
      } catch {
        // It went in between.
      }
    }
    this.#write();
    return ended;
  }

  add(pid: number): void {
    const started = startTime(pid);
    if (started === null) return;
    this.#workers.set(pid, started);
    this.#write();
  }

  remove(pid: number): void {
    if (this.#workers.delete(pid)) this.#write();
  }

  #read(): { pid: number; started: string }[] {
    try {
      const lines = fs.readFileSync(this.file, "utf8").split("\n").filter(Boolean);
      return lines.map((line) => {
        const [pid, started = ""] = line.split(" ");
        return { pid: Number(pid), started };
      });
    } catch {
      return [];
    }
  }

  /** Workers are no worse for not being on the list: only a killed runner's successor would look for them there. */
  #write(): void {
    try {
      fs.mkdirSync(path.dirname(this.file), { recursive: true });
      fs.writeFileSync(this.file, [...this.#workers].map(([pid, started]) => `${pid} ${started}\n`).join(""));
    } catch (error) {
      log.warn("The list of workers cannot be written", { file: this.file, error });
    }
  }
}
