import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Database } from "@/db/client";
import { createTarget, type Target } from "@/lib/bench/setup";
import { processDatabase } from "@/lib/testing/process-database";
import { isRunning, until } from "./processes.mjs";
import { startThrowAway } from "./throw-away.mjs";

/** A disk of our own, small enough to be filled; null where this user may not mount one. */
function smallDisk(): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return null;
  const place = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-disk-"));
  const made = spawnSync("mount", ["-t", "tmpfs", "-o", "size=420m,mode=0755", "none", place]);
  if (made.status === 0) return place;
  fs.rmdirSync(place);
  return null;
}
const disk = smallDisk();

describe.runIf(disk)("a full disk (needs the right to mount one)", () => {
  let server: Awaited<ReturnType<typeof startThrowAway>>;
  let database: Database;
  let target: Target;
  const accepted: string[] = [];
  const filler = path.join(disk ?? "", "filler");

  beforeAll(async () => {
    server = await startThrowAway({ dataDir: path.join(disk ?? "", "data") });
    database = processDatabase(server.databaseUrl);
    target = await createTarget("disk", "fn(state => ({}));");
  }, 600_000);
  afterAll(async () => {
    await database?.close();
    await server?.stop();
    if (!disk) return;
    spawnSync("umount", ["-l", disk]);
    fs.rmdirSync(disk);
  });

  /** Takes whatever room there is. */
  function fill(): void {
    const file = fs.openSync(filler, "a");
    try {
      for (const bytes of [1_000_000, 4_096])
        try {
          for (;;) fs.writeSync(file, Buffer.alloc(bytes));
        } catch {
          // Full.
        }
    } finally {
      fs.closeSync(file);
    }
  }

  /** One message that cannot be made smaller. */
  async function send() {
    const response = await fetch(server.url + target.webhookPath, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ bytes: randomBytes(100_000).toString("base64") }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    const id = response.headers.get("x-meta-message-id");
    if (response.ok && id) accepted.push(id);
    return { status: response.status, text, retryAfter: response.headers.get("retry-after") };
  }

  it("refuses messages with 503 and what to do, ends nobody for good, and is over when there is room", async () => {
    expect((await send()).status).toBe(200);
    const { launcher } = server.run();
    fill();
    const refused: Awaited<ReturnType<typeof send>>[] = [];
    const isRefusing = async () => {
      fill();
      const answer = await send();
      if (answer.status !== 200) refused.push(answer);
      return refused.length >= 3;
    };
    expect(await until(isRefusing, 120_000, 20)).toBe(true);
    for (const { status, text, retryAfter } of refused) {
      expect(status, text).toBe(503);
      expect(Number(retryAfter)).toBeGreaterThan(0);
      expect(JSON.parse(text).message).toMatch(/Please try again/);
    }
    expect(server.log()).toContain("messages are refused (503): make room");

    // Whoever ends now is noted nowhere, and started again all the same.
    const { engine, database: postgres } = server.run().processes;
    process.kill(engine?.pid ?? 0, "SIGKILL");
    process.kill(postgres?.pid ?? 0, "SIGKILL");
    expect(await until(() => /run\.json cannot be written \(ENOSPC\)/.test(server.log()), 60_000)).toBe(true);
    expect(await until(() => /The database ended .* because the disk/.test(server.log()), 60_000)).toBe(true);
    expect((await send()).status).toBe(503);
    expect(isRunning(launcher)).toBe(true);

    fs.rmSync(filler);
    expect(await until(async () => (await send()).status === 200, 120_000, 100)).toBe(true);
    const isHealthy = async () =>
      (await fetch(`${server.url}/api/health`).catch(() => undefined))?.status === 200;
    expect(await until(isHealthy, 120_000, 200)).toBe(true);
    await vi.waitFor(() => expect(isRunning(server.run().processes.engine)).toBe(true), { timeout: 60_000 });
    expect(isRunning(launcher)).toBe(true);
    const [{ stored } = { stored: 0 }] = await database.query<{ stored: number }>(
      "select count(*)::int as stored from messages where id = any($1::uuid[])",
      [accepted],
    );
    expect(stored).toBe(accepted.length);
  }, 600_000);
});
