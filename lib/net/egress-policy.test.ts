import os from "node:os";
import { describe, expect, test } from "vitest";
import { EgressError, EgressPolicy, type PolicyOptions, parseRule } from "./egress-policy";

const names: Record<string, string[]> = {
  "public.test": ["93.184.216.34"],
  "mixed.test": ["10.0.0.1", "93.184.216.34"],
  "private.test": ["10.0.0.5"],
};
const resolve = async (host: string): Promise<string[]> => {
  const found = names[host];
  if (!found) throw new Error("queryA ENOTFOUND");
  return found;
};
const policy = (options: PolicyOptions = {}) => new EgressPolicy({ resolve, ...options });
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "allowed",
    (error) => (error instanceof EgressError ? error.code : "other"),
  );

describe("without rules", () => {
  test("public names and addresses are allowed: the table does not block everything", async () => {
    expect(await policy().resolve("public.test", 443)).toEqual(["93.184.216.34"]);
    expect(await policy().resolve("8.8.8.8", 53)).toEqual(["8.8.8.8"]);
    expect(await policy().resolve("[2606:4700:4700::1111]", 443)).toEqual(["2606:4700:4700::1111"]);
  });
  test("private ones are not, in any notation of the name", async () => {
    for (const host of ["private.test", "PRIVATE.test.", "10.0.0.5", "[::1]", "::ffff:10.0.0.5"]) {
      expect(await codeOf(policy().resolve(host, 443))).toBe("EACCES");
    }
  });
  test("of a name with both, only the public address is left to connect to", async () => {
    expect(await policy().resolve("mixed.test", 443)).toEqual(["93.184.216.34"]);
  });
  test("names that are none, ports that are none and unknown names say so", async () => {
    expect(await codeOf(policy().resolve("a b", 443))).toBe("ENOTFOUND");
    expect(await codeOf(policy().resolve("unknown.test", 443))).toBe("ENOTFOUND");
    for (const port of [0, -1, 65_536, 1.5, Number.NaN])
      expect(await codeOf(policy().resolve("public.test", port))).toBe("EINVAL");
  });
});

describe("the operator's exceptions", () => {
  const allowed = async (rule: string, host: string, port: number) =>
    codeOf(policy({ allow: [rule] }).resolve(host, port));
  test("a host opens that name on every port, host:port on one", async () => {
    expect(await allowed("private.test", "private.test", 5432)).toBe("allowed");
    expect(await allowed("private.test:5432", "private.test", 5432)).toBe("allowed");
    expect(await allowed("private.test:5432", "private.test", 5433)).toBe("EACCES");
    expect(await allowed("private.test", "10.0.0.5", 80)).toBe("EACCES");
  });
  test("an address and a CIDR open what they contain", async () => {
    expect(await allowed("10.0.0.5", "private.test", 80)).toBe("allowed");
    expect(await allowed("10.0.0.0/24", "private.test", 80)).toBe("allowed");
    expect(await allowed("10.0.0.0/24:80", "private.test", 81)).toBe("EACCES");
    expect(await allowed("10.0.1.0/24", "private.test", 80)).toBe("EACCES");
    expect(await allowed("[fd00::1]:443", "[fd00::1]", 443)).toBe("allowed");
    expect(await allowed("fd00::/8", "fd00::1", 443)).toBe("allowed");
  });
  test("a denial beats a CIDR, and an address that leads there by name", async () => {
    const deny = ["10.0.0.5"];
    expect(await codeOf(policy({ allow: ["10.0.0.0/8"], deny }).resolve("10.0.0.5", 80))).toBe("EACCES");
    expect(await codeOf(policy({ allow: ["10.0.0.0/8"], deny }).resolve("10.0.0.6", 80))).toBe("allowed");
    expect(await codeOf(policy({ allow: ["private.test"], deny }).resolve("private.test", 80))).toBe(
      "EACCES",
    );
  });
  test("a rule that is none is refused with a sentence", () => {
    for (const rule of ["", "a b", "host:0", "host:70000", "10.0.0.0/99", "http://host"])
      expect(() => parseRule(rule)).toThrow(/not a host/);
  });
});

describe("a project's list", () => {
  test("narrows, and opens nothing", async () => {
    const narrow = policy().narrowed(["public.test:443", "private.test"]);
    expect(await codeOf(narrow.resolve("public.test", 443))).toBe("allowed");
    expect(await codeOf(narrow.resolve("public.test", 80))).toBe("EACCES");
    expect(await codeOf(narrow.resolve("8.8.8.8", 53))).toBe("EACCES");
    expect(await codeOf(narrow.resolve("private.test", 80))).toBe("EACCES");
  });
  test("a second one narrows further: a host must be on both", async () => {
    const narrow = policy()
      .narrowed(["public.test", "8.8.8.8"])
      .within(["public.test:443", "1.1.1.1"], "this job's credential may be sent only to its hosts");
    expect(await codeOf(narrow.resolve("public.test", 443))).toBe("allowed");
    for (const [host, port] of [
      ["public.test", 80],
      ["8.8.8.8", 443],
      ["1.1.1.1", 443],
    ] as const)
      expect(await codeOf(narrow.resolve(host, port))).toBe("EACCES");
    await expect(narrow.resolve("8.8.8.8", 443)).rejects.toThrow(/this job's credential/);
    await expect(narrow.resolve("1.1.1.1", 443)).rejects.toThrow(/this project/);
  });
  test("of names is not one of their addresses, nor the other way round", async () => {
    expect(await codeOf(policy().narrowed(["public.test"]).resolve("93.184.216.34", 443))).toBe("EACCES");
    expect(await codeOf(policy().narrowed(["93.184.216.34"]).resolve("public.test", 443))).toBe("EACCES");
  });
  test("knows an address by the name that it was the answer for, on the name's ports", async () => {
    const narrow = policy().narrowed(["public.test:5432"]);
    expect(await narrow.lookUp("public.test")).toEqual(["93.184.216.34"]);
    expect(await codeOf(narrow.resolve("93.184.216.34", 5432, "public.test"))).toBe("allowed");
    expect(await codeOf(narrow.resolve("93.184.216.34", 80, "public.test"))).toBe("EACCES");
    expect(await codeOf(narrow.lookUp("mixed.test"))).toBe("EACCES");
    expect(await codeOf(policy().narrowed(["private.test"]).lookUp("private.test"))).toBe("EACCES");
  });
  test("is asked about before a name is: whoever serves it would read it", () => {
    const narrow = policy().narrowed(["public.test:27017"]);
    const ask = (name: string) => () => narrow.assertMayAsk(name);
    for (const name of ["public.test", "PUBLIC.test.", "_mongodb._tcp.public.test"])
      expect(ask(name)).not.toThrow();
    for (const name of ["s3cret.public.test", "_s3cret._a._b.public.test", "s3cret.evil.test"])
      expect(ask(name)).toThrow(EgressError);
    expect(() => policy().assertMayAsk("anything.test")).not.toThrow();
  });
  test("an empty one closes everything", async () => {
    expect(await codeOf(policy().narrowed([]).resolve("public.test", 443))).toBe("EACCES");
  });
});

describe("what is denied, whatever is allowed", () => {
  const everything = ["127.0.0.0/8", "0.0.0.0/8", "10.0.0.0/8", "::/0", "localhost", "127.1", "alias.test"];
  const own: Record<string, string[]> = {
    localhost: ["127.0.0.1", "::1"],
    "127.1": ["127.0.0.1"],
    "alias.test": ["127.0.0.1"],
    "db.test": ["10.0.0.5"],
    "cdn.test": ["93.184.216.34"],
    "public-db.test": ["93.184.216.35"],
    "ep-1.eu.aws.neon.tech": ["93.184.216.36"],
  };
  const closed = (deny: string[]) =>
    policy({
      allow: [...everything, "db.test"],
      deny,
      resolve: async (host) => {
        const found = own[host];
        if (!found) throw new Error("queryA ENOTFOUND");
        return found;
      },
    });
  const interfaces = Object.values(os.networkInterfaces())
    .flatMap((all) => all ?? [])
    .map(({ address }) => address);
  const spellings = [
    "127.0.0.1",
    "127.0.0.2",
    "127.1",
    "localhost",
    "LOCALHOST.",
    "alias.test",
    "0.0.0.0",
    "[::1]",
    "0:0:0:0:0:0:0:1",
    "[::]",
    "[::ffff:127.0.0.1]",
    "::ffff:7f00:1",
  ];

  test("a port of this machine is closed under every name and address of it, the ports beside it stay open", async () => {
    const denials = ["127.0.0.1:3000", "localhost:3000", "0.0.0.0:3000", "[::1]:3000", "alias.test:3000"];
    for (const deny of denials)
      for (const host of [...spellings, ...interfaces])
        expect(await codeOf(closed([deny]).resolve(host, 3000)), `${deny} ${host}`).toBe("EACCES");
    for (const host of spellings)
      expect(await codeOf(closed(["127.0.0.1:3000"]).resolve(host, 3001)), host).toBe("allowed");
  });
  test("a name is denied with the addresses that it leads to, and one that leads nowhere harms nobody", async () => {
    const deny = ["db.test:5432", "gone.test"];
    for (const host of ["db.test", "10.0.0.5", "::ffff:10.0.0.5"])
      expect(await codeOf(closed(deny).resolve(host, 5432)), host).toBe("EACCES");
    expect(await codeOf(closed(deny).resolve("db.test", 80))).toBe("allowed");
    expect(await codeOf(closed(deny).resolve("10.0.0.6", 5432))).toBe("allowed");
    expect(await codeOf(closed(["public-db.test:5432"]).resolve("93.184.216.35", 5432))).toBe("EACCES");
  });
  test("where strangers share a public address, only the name is", async () => {
    for (const [name, port] of [
      ["cdn.test", 443],
      ["ep-1.eu.aws.neon.tech", 5432],
    ] as const) {
      expect(await codeOf(closed([`${name}:${port}`]).resolve(name, port))).toBe("EACCES");
      expect(await codeOf(closed([`${name}:${port}`]).resolve(own[name]?.[0] ?? "", port))).toBe("allowed");
    }
  });
  test("an address is denied in each of its notations, and by a CIDR", async () => {
    expect(await codeOf(closed(["fd00::1"]).resolve("[fd00:0:0::1]", 80))).toBe("EACCES");
    expect(await codeOf(closed(["10.0.0.0/24"]).resolve("10.0.0.9", 80))).toBe("EACCES");
  });
  test("a project's own list opens none of it", async () => {
    const narrow = closed(["127.0.0.1:3000"]).narrowed(["127.0.0.1"]);
    expect(await codeOf(narrow.resolve("127.0.0.1", 3000))).toBe("EACCES");
  });
});
