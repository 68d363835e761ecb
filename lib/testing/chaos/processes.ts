import fs from "node:fs";

type Seen = { pid: number; parent: number; command: string };

/** Every process of this machine that can be seen, from /proc. */
function processes(): Seen[] {
  return fs.readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = fs.readFileSync(`/proc/${name}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (fields[0] === "Z") return [];
      const command = fs.readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      return [{ pid: Number(name), parent: Number(fields[1]), command }];
    } catch {
      return [];
    }
  });
}

/** The child of `parent` that runs `script`; null while there is none. */
export const childRunning = (parent: number, script: string): number | null =>
  processes().find((one) => one.parent === parent && one.command.includes(`/${script} `))?.pid ?? null;

/** Everything that `pid` started, and what that started. */
export function descendants(pid: number): Seen[] {
  const all = processes();
  const found: Seen[] = [];
  for (let level = [pid]; level.length > 0; ) {
    const next = all.filter((one) => level.includes(one.parent));
    found.push(...next);
    level = next.map((one) => one.pid);
  }
  return found;
}

/** Sends a signal; a process that has gone in between is no matter. */
export function signal(pid: number | null, name: NodeJS.Signals): void {
  try {
    if (pid) process.kill(pid, name);
  } catch {
    // It is gone.
  }
}
