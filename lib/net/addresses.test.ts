import { describe, expect, it, test } from "vitest";
import { addressBlock, cidrTest, isBlockedAddress, unwrapAddress } from "./addresses";

const blocked =
  `127.0.0.1 0.0.0.0 10.1.2.3 172.31.255.255 192.168.0.1 169.254.169.254 100.64.1.1 100.127.255.255
  198.19.0.1 224.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:a9fe:a9fe ::ffff:10.0.0.1
  0:0:0:0:0:ffff:169.254.169.254 fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 64:ff9b::a9fe:a9fe 64:ff9b:1::1
  2002:7f00:1:: 2001::1 2001:db8::1 ff02::1 ::127.0.0.1 ::ffff:0:127.0.0.1 100::1 not-an-ip 3fff::1`.split(
    /\s+/,
  );

const allowed =
  `93.184.216.34 8.8.8.8 1.1.1.1 172.32.0.1 100.128.0.1 192.169.0.1 11.0.0.1 2606:4700:4700::1111
  2a00:1450:4001::200e ::ffff:8.8.8.8 2001:4860:4860::8888`.split(/\s+/);

describe("the table of addresses", () => {
  test.each(blocked)("%s is blocked", (address) => expect(isBlockedAddress(address)).toBe(true));
  test.each(allowed)("%s is allowed", (address) => expect(isBlockedAddress(address)).toBe(false));
  test("33 and 11 are tested", () => expect([blocked.length, allowed.length]).toEqual([33, 11]));
});

test("mapped addresses are unwrapped, zones dropped", () => {
  expect(unwrapAddress("::ffff:7f00:1")).toBe("127.0.0.1");
  expect(unwrapAddress("fe80::1%eth0")).toBe("fe80::1");
  expect(unwrapAddress("2606:4700::1")).toBe("2606:4700::1");
});

test("a CIDR contains its addresses in either notation, and nothing else", () => {
  const ten = cidrTest("10.0.0.0/8");
  expect(["10.1.2.3", "::ffff:10.1.2.3", "11.0.0.1", "::1", "x"].map((address) => ten?.(address))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  const local = cidrTest("fd00::/8");
  expect(["fd12::1", "fe80::1", "10.0.0.1"].map((address) => local?.(address))).toEqual([true, false, false]);
  for (const text of ["10.0.0.0", "10.0.0.0/33", "host/8", "fd00::/129", ""])
    expect(cidrTest(text)).toBeNull();
});

describe("addressBlock", () => {
  it.each([
    ["203.0.113.9", "203.0.113.0/24"],
    ["::ffff:203.0.113.9", "203.0.113.0/24"],
    ["2001:db8:7:1ff:1:2:3:4", "2001:db8:7:100::/56"],
    ["2001:db8:7:100::", "2001:db8:7:100::/56"],
    ["fe80::1%eth0", "fe80:0:0:0::/56"],
    ["unknown", "unknown"],
  ])("of %s is %s", (address, block) => expect(addressBlock(address)).toBe(block));
});
