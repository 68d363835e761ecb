import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

/** A disk of Waybill's own, small enough to be filled. */
export type Disk = { fill(): void; empty(): void; remove(): void };

const megabytes = 900;
const chunk = Buffer.alloc(1 << 20);

/** Mounts a disk of limited size on `dir`; null when that is not allowed. */
export function mountDisk(dir: string): Disk | null {
  const options = `size=${megabytes}m,mode=0755`;
  if (spawnSync("mount", ["-t", "tmpfs", "-o", options, "waybill-chaos", dir]).status !== 0) return null;
  const file = path.join(dir, "filler");
  return {
    fill() {
      const out = fs.openSync(file, "w");
      try {
        for (;;) fs.writeSync(out, chunk);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      } finally {
        fs.closeSync(out);
      }
    },
    empty: () => fs.rmSync(file, { force: true }),
    remove: () => void spawnSync("umount", ["--lazy", dir]),
  };
}
