import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { problemOf } from "@/lib/settings/read.mjs";
import { checkDataDir, checkPlatform, checkPort, checkSpace } from "./preflight.mjs";

const open: net.Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** Takes a free port of this machine. */
const takenPort = () =>
  new Promise<number>((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      open.push(server);
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });

describe("what is refused before anything starts", () => {
  it("names a free port when the wanted one is taken", async () => {
    const port = await takenPort();
    const refusal = checkPort("127.0.0.1", port);
    await expect(refusal).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken by another program`);
    await expect(refusal).rejects.toThrow(/PORT=\d+ npm start/);
  });

  it("accepts a free port and leaves it free", async () => {
    const port = await checkPort("127.0.0.1", 0);
    expect(port).toBeGreaterThan(0);
    expect(await checkPort("127.0.0.1", port)).toBe(port);
  });

  it("says what HOST may be when it is no address of this machine", async () => {
    await expect(checkPort("203.0.113.7", 0)).rejects.toThrow("use 127.0.0.1");
  });

  it.each(["http", "70000", "-1", "3000x", ""])("refuses the port %j", (text) => {
    expect(problemOf("PORT", text)).toContain("PORT=3001 npm start");
  });

  it("refuses a disk that is too full, and says how much is needed", () => {
    expect(() => checkSpace("/data", "run", 120)).toThrow("120 MB, and 300 MB are needed");
    expect(() => checkSpace("/data", "run", 301)).not.toThrow();
    expect(() => checkSpace("/clone", "install", 1000)).toThrow("move the clone to another disk");
  });

  it("makes a data directory that only this user can read", () => {
    const parent = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-unit-"));
    const dir = path.join(parent, "a", "b");
    checkDataDir(dir);
    expect(fs.statSync(dir).mode & 0o777).toBe(0o700);
    expect(fs.readdirSync(dir)).toEqual([]);
    fs.rmSync(parent, { recursive: true });
  });

  it("refuses a data directory that cannot be written", () => {
    const parent = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-unit-"));
    fs.writeFileSync(path.join(parent, "file"), "");
    expect(() => checkDataDir(path.join(parent, "file", "data"))).toThrow(
      "DATA_DIR=$HOME/waybill-data npm start",
    );
    fs.rmSync(parent, { recursive: true });
  });

  it.each([
    [{ platform: "win32", arch: "x64", hasGlibc: true }, "WSL 2"],
    [{ platform: "freebsd", arch: "x64", hasGlibc: true }, "this is freebsd/x64"],
    [{ platform: "linux", arch: "ia32", hasGlibc: true }, "this is linux/ia32"],
    [{ platform: "linux", arch: "x64", hasGlibc: false }, "Alpine"],
  ] as const)("refuses a machine that cannot run the bundled programs: %j", (machine, words) => {
    expect(() => checkPlatform(machine)).toThrow(words);
  });
});
