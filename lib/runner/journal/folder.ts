import fs from "node:fs";
import path from "node:path";
import { errorCode } from "@/lib/error-code";
import { log } from "@/lib/log";
import { LruMap } from "@/lib/lru-map";
import type { Reached } from "@/lib/runner/contract";
import { isTimeOrdered } from "@/lib/runner/step/step-memory";
import { keyOf, readJournal } from "./lines";

type Past = ReturnType<typeof readJournal>;

const uuidChars = 36;
const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
const endings = [".log", ".log.new", ".over"];
const keepPastMs = 24 * 3_600_000;
const maxPast = 50;
const maxReadBytes = 64 * 1024 * 1024;
const maxRemembered = 4;

/** Names the start of the machine; "" where it does not say, and then nothing of earlier lives is believed. */
function bootId(): string {
  try {
    return fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}

/**
 * The journals of the lives of one runner, `<life>.log` each. A life that comes after puts `<life>.over` beside those of
 * the ones before it, before it reads any: whoever of them still runs looks for that after every line it writes.
 */
export class JournalFolder {
  readonly boot = bootId();
  readonly #known = new LruMap<string, { read: Past }>(maxRemembered);

  constructor(
    readonly dir: string,
    readonly life: string,
  ) {}

  get #file(): string {
    return this.#fileOf(this.life);
  }

  /** Puts this text in the place of the life's file, whole or not at all. Answers the file, open for appending. */
  replace(text: string): number {
    fs.mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    const draft = `${this.#file}.new`;
    fs.writeFileSync(draft, text, { mode: 0o600 });
    fs.renameSync(draft, this.#file);
    return fs.openSync(this.#file, "a");
  }

  /** Whether the life's file is gone afterwards. */
  remove(): boolean {
    try {
      fs.rmSync(this.#file, { force: true });
      return true;
    } catch (error) {
      log.error("A journal that is not true any more cannot be removed", { file: this.#file, error });
      return false;
    }
  }

  isAbsent = (): boolean => !fs.existsSync(this.#file);
  isReplaced = (): boolean => fs.existsSync(path.join(this.dir, `${this.life}.over`));

  /** Ends the lives before this one, and removes what is left of those that nobody will ask about any more. */
  succeed(): void {
    for (const [index, { life, at }] of this.#past().entries()) {
      if (Date.now() - at <= keepPastMs && index < maxPast) this.#end(life);
      else for (const end of endings) fs.rmSync(path.join(this.dir, `${life}${end}`), { force: true });
    }
  }

  /** False when that life cannot be told that it is over. */
  #end(life: string): boolean {
    try {
      fs.closeSync(fs.openSync(path.join(this.dir, `${life}.over`), "a"));
      return true;
    } catch (error) {
      log.warn("An earlier life of the runner cannot be told that it is over", { life, error });
      return false;
    }
  }

  /** What an earlier life's journal says of a step; null when there is none that can be believed. */
  reached(of: { stepId: string; attempt: number }, life: string): Reached[] | null {
    const past = this.#read(life);
    if (!past || past.heading.boot !== this.boot || this.boot === "") return null;
    const trace = past.traces.get(keyOf(of));
    if (trace) return trace.hosts;
    const { floor } = past.heading;
    const wasDropped = floor !== "" && (!isTimeOrdered(of.stepId) || of.stepId <= floor);
    return wasDropped ? null : [];
  }

  /** The lives before this one, newest first, with the time of the last sign of each, milliseconds since the epoch. */
  #past(): { life: string; at: number }[] {
    const lives = new Map<string, number>();
    try {
      for (const name of fs.readdirSync(this.dir)) {
        const life = name.slice(0, uuidChars);
        if (!isUuid(life) || life === this.life) continue;
        const { mtimeMs } = fs.statSync(path.join(this.dir, name));
        lives.set(life, Math.max(lives.get(life) ?? 0, mtimeMs));
      }
    } catch (error) {
      if (errorCode(error) !== "ENOENT")
        log.warn("The journals of earlier lives cannot be listed", { error });
    }
    return [...lives].map(([life, at]) => ({ life, at })).sort((a, b) => b.at - a.at);
  }

  #read(life: string): Past {
    if (!isUuid(life)) return null;
    const known = this.#known.get(life);
    if (known) return known.read;
    // Not before it is told: what it would still write could not be known.
    const read = fs.existsSync(this.#fileOf(life)) && this.#end(life) ? this.#readFile(life) : null;
    this.#known.set(life, { read });
    return read;
  }

  #fileOf = (life: string): string => path.join(this.dir, `${life}.log`);

  #readFile(life: string): Past {
    const file = this.#fileOf(life);
    try {
      if (fs.statSync(file).size > maxReadBytes) return null;
      return readJournal(fs.readFileSync(file, "utf8"));
    } catch (error) {
      if (errorCode(error) !== "ENOENT") log.warn("The journal of an earlier life cannot be read", { error });
      return null;
    }
  }
}
