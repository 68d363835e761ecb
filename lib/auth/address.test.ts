import { describe, expect, it } from "vitest";
import { clientAddress } from "./address";

const from = (peer: string | undefined, forwarded?: string) =>
  clientAddress(
    new Headers({
      ...(peer ? { "x-waybill-peer": peer } : {}),
      ...(forwarded ? { "x-forwarded-for": forwarded } : {}),
    }),
  );

describe("clientAddress", () => {
  it("is the peer where nobody stands between, whatever it claims", () => {
    expect(from("203.0.113.9", "198.51.100.1")).toBe("203.0.113.9");
    expect(from("::ffff:203.0.113.9")).toBe("203.0.113.9");
  });

  it("is what a proxy on this machine appended", () => {
    expect(from("127.0.0.1", "198.51.100.1, 203.0.113.9")).toBe("203.0.113.9");
    expect(from("::1")).toBe("::1");
    expect(from(undefined)).toBe("unknown");
  });
});
