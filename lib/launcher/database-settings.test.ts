import fc from "fast-check";
import { expect, test } from "vitest";
import { databaseSettings, machineOf } from "./database-settings.mjs";

const gb = 1024 ** 3;

function settingOf(name: string, memoryBytes: number, freeDiskBytes: number): number {
  const setting = databaseSettings({ memoryBytes, freeDiskBytes }).find((one) => one.startsWith(`${name}=`));
  const [, size = ""] = /=(\d+)MB$/.exec(setting ?? "") ?? [];
  return Number(size);
}

const amount = (min: number, max: number) => fc.double({ min, max, noNaN: true });

test("the database's memory follows the machine's, from the smallest to the largest", () => {
  const shared = (memoryGb: number) => settingOf("shared_buffers", memoryGb * gb, 50 * gb);
  expect([0.5, 1, 2, 8, 24, 512].map(shared)).toEqual([64, 64, 128, 256, 256, 256]);
});

test("the log never takes more than a tenth of the room, as far as a server can live with it", () => {
  const log = (freeGb: number) => settingOf("max_wal_size", 8 * gb, freeGb * gb);
  expect([0, 1, 5, 10, 500].map(log)).toEqual([256, 256, 512, 1024, 2048]);
});

test("whatever the machine, the database leaves most of it to others and every setting has a value", () => {
  fc.assert(
    fc.property(amount(0.5, 2000), amount(0, 10_000), (memory, disk) => {
      const fixed = settingOf("shared_buffers", memory * gb, disk * gb);
      expect(fixed * 1024 ** 2).toBeLessThanOrEqual((memory * gb) / 8 + 1);
      for (const one of databaseSettings({ memoryBytes: memory * gb, freeDiskBytes: disk * gb }))
        expect(one).toMatch(/^[a-z_]+=[a-z0-9.]+(MB)?$/i);
    }),
  );
});

test("durability is nobody's setting", () => {
  const names = databaseSettings(machineOf("/")).map((one) => one.split("=")[0]);
  expect(names.filter((name) => /fsync|synchronous_commit|full_page_writes/.test(name ?? ""))).toEqual([]);
});
