import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { describeRequest, senderOf, trustIn } from "./forwarded";

const trust = trustIn(["loopback", "10.0.0.0/8", "2001:db8:1::/48", "192.0.2.7"]);

describe("senderOf", () => {
  it.each([
    // Nobody stands between.
    ["203.0.113.9", "", "203.0.113.9"],
    ["203.0.113.9", "198.51.100.1", "203.0.113.9"],
    ["::ffff:203.0.113.9", "", "203.0.113.9"],
    ["192.0.2.8", "198.51.100.1", "192.0.2.8"],
    // A proxy, and what it saw.
    ["127.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["::1", "198.51.100.1", "198.51.100.1"],
    ["::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["192.0.2.7", "2001:db8:2::9", "2001:db8:2::9"],
    ["127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"],
    // Several, and what the sender claims before them.
    ["127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"],
    ["127.0.0.1", "198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"],
    ["10.9.9.9", "127.0.0.1, 203.0.113.9, 2001:db8:1::5, 10.1.2.3", "203.0.113.9"],
    // Ports.
    ["127.0.0.1", "203.0.113.9:51234", "203.0.113.9"],
    ["127.0.0.1", "[2001:db8:2::9]:443", "2001:db8:2::9"],
    ["127.0.0.1", "[2001:db8:2::9]", "2001:db8:2::9"],
    // Nothing, or nothing but proxies: the last that is known.
    ["127.0.0.1", "", "127.0.0.1"],
    ["127.0.0.1", "", "127.0.0.1"],
    ["127.0.0.1", "10.1.2.3", "10.1.2.3"],
    // What is no address ends the walk at who said so.
    ["127.0.0.1", "unknown", "127.0.0.1"],
    ["127.0.0.1", "203.0.113.9, _hidden", "127.0.0.1"],
    ["127.0.0.1", "203.0.113.9, <script>, 10.1.2.3", "10.1.2.3"],
    ["127.0.0.1", "203.0.113.9,", "127.0.0.1"],
    ["127.0.0.1", "999.1.1.1", "127.0.0.1"],
    ["127.0.0.1", `203.0.113.9${", 10.1.2.3".repeat(5000)}`, "10.1.2.3"],
    ["", "203.0.113.9", "unknown"],
  ])("of the peer %s with X-Forwarded-For %s is %s", (peer, forwarded, sender) => {
    expect(senderOf(peer, forwarded, trust)).toBe(sender);
  });

  it("believes nobody where nobody is named", () => {
    expect(senderOf("127.0.0.1", "203.0.113.9", trustIn(["none"]))).toBe("127.0.0.1");
    expect(senderOf("127.0.0.1", "203.0.113.9", trustIn([]))).toBe("127.0.0.1");
  });
});

it("trustIn refuses what names no proxy", () => {
  for (const wrong of ["proxy.local", "10.0.0.0/33", "10.0.0", "10.0.0.1:80"])
    expect(() => trustIn([wrong]), wrong).toThrow(/no address/);
});

describe("describeRequest", () => {
  const described = (peer: string, headers: Record<string, string | string[]>) => {
    const request = { url: "/account?a=1", headers: { ...headers, "x-waybill-peer": peer } };
    describeRequest(request as unknown as IncomingMessage, trust);
    return request.headers;
  };
  const claims = {
    "x-forwarded-for": "198.51.100.1",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "evil.example",
    "x-forwarded-port": "444",
    "x-forwarded-server": "evil",
  };

  it("leaves nothing of what somebody says who is no proxy of ours", () => {
    expect(described("203.0.113.9", claims)).toEqual({
      "x-forwarded-for": "203.0.113.9",
      "x-waybill-path": "/account?a=1",
      "x-waybill-peer": "203.0.113.9",
      "x-waybill-sender": "203.0.113.9",
    });
  });

  it("believes a proxy about sender and protocol, and nobody about our own name", () => {
    expect(described("127.0.0.1", claims)).toEqual({
      "x-forwarded-for": "198.51.100.1",
      "x-forwarded-proto": "https",
      "x-waybill-path": "/account?a=1",
      "x-waybill-peer": "127.0.0.1",
      "x-waybill-sender": "198.51.100.1",
    });
  });

  it("reads lists in several lines, and the protocol that the nearest proxy said", () => {
    const headers = described("127.0.0.1", {
      "x-forwarded-for": ["198.51.100.1", "203.0.113.9"],
      "x-forwarded-proto": "gopher, https",
    });
    expect(headers).toMatchObject({ "x-waybill-sender": "203.0.113.9", "x-forwarded-proto": "https" });
    const odd = described("127.0.0.1", { "x-forwarded-proto": "javascript" });
    expect(odd).not.toHaveProperty("x-forwarded-proto");
  });
});
