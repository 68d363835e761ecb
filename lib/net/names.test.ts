import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type NameServer, nameServer } from "@/lib/testing/name-server";
import { EgressPolicy } from "./egress-policy";
import { HostsFile } from "./hosts-file";
import { Names, type NamesOptions } from "./names";

let server: NameServer;
beforeAll(async () => {
  server = await nameServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.asked.length = 0;
  server.names.clear();
  server.names.set("alive.test", ["93.184.216.34"]);
});

const names = (options: NamesOptions = {}) =>
  new Names({ servers: [server.address], hosts: new HostsFile("/nowhere"), ...options });
const deadNames = (count: number) => Array.from({ length: count }, (_, n) => `${n}.dead.test`);
/** Dead names that the server was asked for, each once. */
const askedDead = () => new Set(server.asked.filter((name) => name.endsWith("dead.test"))).size;
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => "answered",
    (error) => error.code,
  );

describe("one project's dead names", () => {
  test.each([6, 60])("do not hold up another's: %i pending", async (count) => {
    const resolver = names({ deadlineMs: 3_000 });
    let ended = 0;
    const pending = deadNames(count).map((name) => code(resolver.addresses(name, "a")).then(() => ended++));
    await expect.poll(askedDead).toBe(Math.min(count, 8));
    expect(await resolver.addresses("alive.test", "b")).toEqual(["93.184.216.34"]);
    expect(ended).toBe(0);
    expect(askedDead()).toBe(Math.min(count, 8));
    await Promise.all(pending);
  });

  test("are refused at once beyond a number, and given up in time, those in line included", async () => {
    const resolver = names({ perTenant: 2, maxWaiting: 3, deadlineMs: 300 });
    const codes = await Promise.all(deadNames(7).map((name) => code(resolver.addresses(name, "a"))));
    expect(codes.toSorted()).toEqual([...Array(5).fill("EAI_AGAIN"), "EMFILE", "EMFILE"]);
    expect(await resolver.addresses("alive.test", "a")).toEqual(["93.184.216.34"]);
  });

  test("of its other records are bounded the same", async () => {
    const resolver = names({ perTenant: 1, deadlineMs: 300 });
    const dead = code(resolver.records("mail.dead.test", "MX", "a"));
    expect(await code(resolver.records("none.test", "MX", "b"))).toBe("ENOTFOUND");
    expect(await dead).toBe("EAI_AGAIN");
  });
});

describe("an answer", () => {
  test("holds both families, one of them is enough, and a name that is not there says so", async () => {
    server.names.set("both.test", ["93.184.216.34", "2606:4700:4700:0:0:0:0:1111"]);
    server.names.set("six.test", ["2606:4700:4700:0:0:0:0:1111"]);
    server.names.set("empty.test", []);
    const found = await names().addresses("both.test", "a");
    expect(found.toSorted()).toEqual(["2606:4700:4700::1111", "93.184.216.34"]);
    expect(await names().addresses("six.test", "a")).toEqual(["2606:4700:4700::1111"]);
    for (const host of ["none.test", "empty.test"])
      expect(await code(names().addresses(host, "a")), host).toBe("ENOTFOUND");
  });

  test("is kept for a moment, for its project, and shared by those who ask meanwhile", async () => {
    const resolver = names();
    await Promise.all([resolver.addresses("alive.test", "a"), resolver.addresses("alive.test", "a")]);
    await resolver.addresses("alive.test", "a");
    // One question for each family.
    expect(server.asked).toHaveLength(2);
    await resolver.addresses("alive.test", "b");
    expect(server.asked).toHaveLength(4);
    const forgetful = names({ keepMs: 0, keepFailureMs: 0 });
    for (const host of ["alive.test", "none.test"]) {
      server.asked.length = 0;
      await code(forgetful.addresses(host, "a"));
      await code(forgetful.addresses(host, "a"));
      expect(server.asked, host).toHaveLength(4);
    }
  });

  test("is checked however it came, kept or not", async () => {
    server.names.set("rebind.test", ["127.0.0.1"]);
    const resolver = names();
    const options = { resolve: resolver.addresses.bind(resolver), project: "a" };
    const allowed = new EgressPolicy({ ...options, allow: ["rebind.test:80"] });
    expect(await allowed.resolve("rebind.test", 80)).toEqual(["127.0.0.1"]);
    expect(await code(allowed.resolve("rebind.test", 81))).toBe("EACCES");
    expect(await code(new EgressPolicy(options).resolve("rebind.test", 80))).toBe("EACCES");
    expect(server.asked).toHaveLength(2);
  });

  test("that did not come in time is no missing name, for a job", async () => {
    const resolver = names({ deadlineMs: 50 });
    const policy = new EgressPolicy({ resolve: resolver.addresses.bind(resolver) });
    await expect(policy.resolve("1.dead.test", 80)).rejects.toMatchObject({
      name: "EgressError",
      code: "EAI_AGAIN",
      message: "getaddrinfo EAI_AGAIN 1.dead.test",
    });
  });
});

describe("the machine's own names", () => {
  test("come from its file, as it is now, and nobody is asked", async () => {
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "waybill-hosts-")), "hosts");
    const resolver = names({ hosts: new HostsFile(file, 0) });
    expect(await resolver.addresses("localhost", "a")).toEqual(["127.0.0.1", "::1"]);
    fs.writeFileSync(
      file,
      "# mine\n10.0.0.5\tDb.test db # here\n127.0.0.1 localhost\nfd00::5 db\nnonsense db\n",
    );
    expect(await resolver.addresses("db", "a")).toEqual(["10.0.0.5", "fd00::5"]);
    expect(await resolver.addresses("db.test", "a")).toEqual(["10.0.0.5"]);
    expect(await resolver.addresses("localhost", "a")).toEqual(["127.0.0.1"]);
    fs.writeFileSync(file, "10.0.0.6 db\n");
    fs.utimesSync(file, 1, 1);
    expect(await resolver.addresses("db", "a")).toEqual(["10.0.0.6"]);
    expect(server.asked).toEqual([]);
    fs.rmSync(path.dirname(file), { recursive: true });
  });

  test("are what the policy asks, too", async () => {
    const policy = new EgressPolicy({ allow: ["127.0.0.1:80"] });
    expect(await policy.resolve("localhost", 80)).toContain("127.0.0.1");
  });
});
