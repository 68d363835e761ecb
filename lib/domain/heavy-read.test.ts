import { expect, it, vi } from "vitest";
import { asWork, HungUpError } from "@/db/deadline";
import { heavyRead } from "./heavy-read";

function held() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { end, read: () => ended };
}

it("a project's searches wait for each other, and not for another project's", async () => {
  const slow = held();
  const mine = Array.from({ length: 10 }, () => heavyRead("mine", slow.read));
  expect(await heavyRead("theirs", async () => "found")).toBe("found");
  await expect(heavyRead("mine", async () => "found")).rejects.toMatchObject({
    code: "limit",
    retryAfterSeconds: expect.any(Number),
  });
  slow.end();
  await Promise.all(mine);
  expect(await heavyRead("mine", async () => "found")).toBe("found");
});

it("who hangs up while waiting makes room", async () => {
  const slow = held();
  const running = [heavyRead("mine", slow.read), heavyRead("mine", slow.read)];
  const client = new AbortController();
  const waiting = Array.from({ length: 8 }, () =>
    asWork({ kind: "read", signal: client.signal }, () => heavyRead("mine", slow.read)).catch(
      (error: unknown) => error,
    ),
  );
  client.abort();
  for (const error of await Promise.all(waiting)) expect(error).toBeInstanceOf(HungUpError);
  const next = heavyRead("mine", async () => "found");
  slow.end();
  expect(await next).toBe("found");
  await Promise.all(running);
});

it("refuses in the same words whichever module world asks", async () => {
  vi.resetModules();
  const other = await import("./heavy-read");
  expect(other.heavyRead).not.toBe(heavyRead);
  const slow = held();
  const running = Array.from({ length: 10 }, () => heavyRead("mine", slow.read));
  await expect(other.heavyRead("mine", async () => "found")).rejects.toMatchObject({ code: "limit" });
  slow.end();
  await Promise.all(running);
});
