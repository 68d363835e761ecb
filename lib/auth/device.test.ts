import { beforeAll, describe, expect, it, vi } from "vitest";
import { deviceCookie, knownDevice } from "./device";

beforeAll(() => {
  vi.stubEnv("SECRET_KEY", "test-secret-key-test-secret-key-test-secret-key");
});

const pairOf = (setCookie: string) => setCookie.split(";")[0] ?? "";

describe("a browser that signed in before", () => {
  it("is known for that account, in any case, and for no other", () => {
    const cookie = pairOf(deviceCookie(null, "ada@example.org"));
    const device = knownDevice(cookie, " ADA@example.org");
    expect(device).toMatch(/^[\w-]{16}$/);
    expect(knownDevice(`a=b; ${cookie}; c=d`, "ada@example.org")).toBe(device);
    expect(knownDevice(cookie, "eve@example.org")).toBeUndefined();
    expect(cookie).not.toContain("ada");
  });

  it("is known for the last four accounts, each once", () => {
    let cookie: string | null = null;
    for (const name of ["a", "b", "c", "d", "a", "e"])
      cookie = pairOf(deviceCookie(cookie, `${name}@example.org`));
    expect(cookie?.split("~")).toHaveLength(4);
    const known = ["a", "b", "c", "d", "e"].filter((name) => knownDevice(cookie, `${name}@example.org`));
    expect(known).toEqual(["a", "c", "d", "e"]);
  });

  it("cannot be made up", () => {
    const cookie = pairOf(deviceCookie(null, "ada@example.org"));
    const [name = "", value = ""] = cookie.split("=");
    const [device = "", proof = ""] = value.split(".");
    const tries = [
      "",
      "~",
      `${device}.`,
      `.${proof}`,
      `${device}.${"A".repeat(43)}`,
      `${"A".repeat(16)}.${proof}`,
    ];
    for (const made of tries) expect(knownDevice(`${name}=${made}`, "ada@example.org"), made).toBeUndefined();
  });

  it("is told by a cookie that scripts and other sites do not get", () => {
    expect(deviceCookie(null, "a@example.org")).toMatch(/; Path=\/api; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
  });
});
