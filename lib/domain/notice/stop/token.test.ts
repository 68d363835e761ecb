import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { stopKinds } from "@/lib/words";
import { stopClaim, stopToken } from "./token";

beforeAll(() => vi.stubEnv("SECRET_KEY", "k".repeat(44)));
afterAll(() => vi.unstubAllEnvs());

it("gives back what it was made for, and nothing when one character is another", () => {
  const claim = fc.record({ userId: fc.uuid(), projectId: fc.uuid(), kind: fc.constantFrom(...stopKinds) });
  fc.assert(
    fc.property(claim, fc.nat(), fc.constantFrom(..."AZaz09-_"), (of, place, other) => {
      const token = stopToken(of);
      expect(token).toMatch(/^[\w-]+$/);
      expect(stopClaim(token)).toEqual(of);
      const at = place % token.length;
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      if (changed !== token) expect(stopClaim(changed)).toBeNull();
    }),
  );
});

it("knows what is none", () => {
  const token = stopToken({ userId: randomUUID(), projectId: randomUUID(), kind: "digest" });
  for (const none of [
    "",
    "x",
    token.slice(1),
    `${token}A`,
    `${token}=`,
    ` ${token}`,
    "../../etc",
    "é".repeat(66),
  ])
    expect(stopClaim(none)).toBeNull();
});
