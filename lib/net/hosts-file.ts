import fs from "node:fs";
import { isIP } from "node:net";

const checkEveryMs = 1_000;
/** What every machine calls itself, also without a line in the file. */
const usual = new Map([["localhost", ["127.0.0.1", "::1"]]]);

function parse(text: string): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [address = "", ...hosts] = (line.split("#")[0] ?? "").trim().split(/\s+/);
    if (!isIP(address)) continue;
    for (const host of hosts.map((one) => one.toLowerCase())) {
      const known = names.get(host) ?? [];
      if (!known.includes(address)) names.set(host, [...known, address]);
    }
  }
  return names;
}

/** The names that the machine's own file tells, read again when the file has changed. */
export class HostsFile {
  #names = new Map<string, string[]>();
  #changedAt = Number.NaN;
  #checkedAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly path = "/etc/hosts",
    readonly everyMs = checkEveryMs,
  ) {}

  /** The addresses of a name in lower case; undefined when the file does not tell. */
  addressesOf(host: string): string[] | undefined {
    const now = performance.now();
    if (now - this.#checkedAt >= this.everyMs) {
      this.#checkedAt = now;
      this.#read();
    }
    return this.#names.get(host) ?? usual.get(host);
  }

  #read(): void {
    try {
      const { mtimeMs } = fs.statSync(this.path);
      if (mtimeMs === this.#changedAt) return;
      this.#names = parse(fs.readFileSync(this.path, "utf8"));
      this.#changedAt = mtimeMs;
    } catch {
      // Without the file there are no such names.
      this.#names = new Map();
      this.#changedAt = Number.NaN;
    }
  }
}
