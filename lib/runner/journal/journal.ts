import fs from "node:fs";
import { log } from "@/lib/log";
import type { Reached } from "@/lib/runner/contract";
import { isTimeOrdered } from "@/lib/runner/step/step-memory";
import { JournalFolder } from "./folder";
import { headingLine, keyOf, lineOf, type Trace } from "./lines";

type Kept = Trace & {
  /** When it ended, milliseconds of this process; null while it runs. */
  endedAt: number | null;
  /** Bytes that the file knows of, by host. */
  written: Map<Reached, number>;
};

/** What one running step tells the journal. */
export type StepTrace = {
  readonly hosts: readonly Reached[];
  /**
   * To be asked before the first byte for a host leaves; what leaves is added to the answer's `bytesSent`. Null when it
   * must not leave: another life has taken this one's place, or nobody could be told of it.
   */
  reach(host: string, port: number): Reached | null;
  end(): void;
};

const flushEveryMs = 2_000;
const retryBrokenMs = 5_000;
const keepEndedMs = 10 * 60_000;
const maxEnded = 5_000;
/** More of one step are not told apart: the list says "at least". */
const maxHosts = 100;
const minCompactBytes = 2 * 1024 * 1024;

/**
 * What the steps of this life have sent to whom, on disk, so that whoever comes after a killed runner can say of a step
 * that it surely did nothing, or where to look. The line stands before the first byte leaves; it is not synchronised:
 * it survives the process, not the machine. In memory alone without a folder.
 *
 * When the file cannot be written, it is removed, so that the next life knows that it knows nothing, and made anew from
 * memory as soon as that works again.
 */
export class Journal {
  readonly #folder: JournalFolder | null;
  readonly #traces = new Map<string, Kept>();
  readonly #flush: NodeJS.Timeout;
  #floor = "";
  #fd: number | null = null;
  #size = 0;
  #compactAt = minCompactBytes;
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly life: string,
    dir: string | null,
    readonly onReplaced: () => void = () => undefined,
  ) {
    this.#folder = dir === null ? null : new JournalFolder(dir, life);
    this.#write();
    this.#flush = setInterval(() => this.#tidy(), flushEveryMs);
    this.#flush.unref();
  }

  /** Takes the place of the lives before this one: from now on none of them lets a first byte out, should it still run. */
  succeed(): void {
    this.#folder?.succeed();
  }

  /** What an attempt of a step has sent to whom, in this life or in one before it; null when nobody knows. */
  reached(of: { stepId: string; attempt: number }, life: string | null): Reached[] | null {
    if (life !== null && life !== this.life) return this.#folder?.reached(of, life) ?? null;
    return this.#traces.get(keyOf(of))?.hosts ?? null;
  }

  begin({ stepId, attempt }: { stepId: string; attempt: number }): StepTrace {
    const kept: Kept = { stepId, attempt, hosts: [], endedAt: null, written: new Map() };
    const key = keyOf(kept);
    this.#traces.delete(key);
    this.#traces.set(key, kept);
    return {
      hosts: kept.hosts,
      reach: (host, port) => this.#reach(kept, host, port),
      end: () => {
        kept.endedAt = performance.now();
        this.#writeBytes(kept);
      },
    };
  }

  close(): void {
    clearInterval(this.#flush);
    if (this.#fd !== null) fs.closeSync(this.#fd);
    this.#fd = null;
  }

  #reach(kept: Kept, host: string, port: number): Reached | null {
    const known = kept.hosts.find((one) => one.host === host && one.port === port);
    if (known) return known;
    const reached = { host, port, bytesSent: 0 };
    if (kept.hosts.length >= maxHosts) return reached;
    kept.hosts.push(reached);
    kept.written.set(reached, 0);
    const isTold = this.#append(lineOf(kept, reached));
    if (!isTold || this.#isReplaced()) {
      kept.hosts.pop();
      return null;
    }
    return reached;
  }

  /** Looked for after the line was written: either its successor reads the line, or this life sees its successor. */
  #isReplaced(): boolean {
    if (!this.#folder?.isReplaced()) return false;
    this.onReplaced();
    return true;
  }

  /** False when the line is not in the file and the file could not be removed either. */
  #append(line: string): boolean {
    if (!this.#folder) return true;
    if (this.#fd === null) return this.#write();
    try {
      const bytes = Buffer.from(line);
      if (fs.writeSync(this.#fd, bytes) < bytes.length) throw new Error("The disk is full.");
      this.#size += bytes.length;
      return true;
    } catch (error) {
      return this.#giveUp(error);
    }
  }

  /** The file is worth nothing any more: without it the next life knows that it knows nothing. */
  #giveUp(error: unknown): boolean {
    log.warn("What steps send to whom cannot be noted", { error });
    if (this.#fd !== null) fs.closeSync(this.#fd);
    this.#fd = null;
    this.#triedAt = performance.now();
    return this.#folder?.remove() ?? true;
  }

  /** Writes the file anew from memory, which knows everything. False when neither that nor its removal worked. */
  #write(): boolean {
    const folder = this.#folder;
    if (!folder) return true;
    if (performance.now() - this.#triedAt < retryBrokenMs) return folder.isAbsent();
    try {
      const lines = [...this.#traces.values()].flatMap((kept) => [
        lineOf(kept),
        ...kept.hosts.map((reached) => lineOf(kept, reached)),
      ]);
      const text = headingLine({ life: this.life, boot: folder.boot, floor: this.#floor }) + lines.join("");
      if (this.#fd !== null) fs.closeSync(this.#fd);
      this.#fd = null;
      this.#fd = folder.replace(text);
      this.#size = Buffer.byteLength(text);
      this.#compactAt = Math.max(minCompactBytes, 2 * this.#size);
      for (const kept of this.#traces.values())
        for (const reached of kept.hosts) kept.written.set(reached, reached.bytesSent);
      return true;
    } catch (error) {
      return this.#giveUp(error);
    }
  }

  #writeBytes(kept: Kept): void {
    for (const reached of kept.hosts) {
      if (kept.written.get(reached) === reached.bytesSent || this.#fd === null) continue;
      kept.written.set(reached, reached.bytesSent);
      this.#append(lineOf(kept, reached));
    }
  }

  #tidy(): void {
    for (const kept of this.#traces.values()) if (kept.endedAt === null) this.#writeBytes(kept);
    this.#forgetOld();
    if (this.#folder && (this.#fd === null || this.#size > this.#compactAt)) this.#write();
  }

  /** Steps that ended long ago are dropped, the oldest first; which they may have been, the floor says. */
  #forgetOld(): void {
    const ended = [...this.#traces].filter(([, { endedAt }]) => endedAt !== null);
    for (const [index, [key, { stepId, endedAt }]] of ended.entries()) {
      const isOld = performance.now() - (endedAt ?? 0) > keepEndedMs;
      if (!isOld && ended.length - index <= maxEnded) return;
      this.#traces.delete(key);
      if (isTimeOrdered(stepId) && stepId > this.#floor) this.#floor = stepId;
    }
  }
}
