import { createHash, randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { adaptorArtefacts, adaptors } from "@/db/schema";
import { Refusal } from "@/lib/refusal";
import type { AdaptorInfo } from "@/lib/runner/contract";
import { shippedAdaptors } from "@/lib/shipped";
import { testDatabase } from "@/lib/testing/database";
import { expectRefusal } from "@/lib/testing/fixtures";
import { adaptorResolver, parseAdaptor } from "./adaptors";

const { db } = testDatabase();

describe("adaptorResolver", () => {
  const info = (name: string, version: string): AdaptorInfo => ({
    name,
    version,
    integrity: null,
    exports: ["fn"],
    credentialSchema: null,
    operations: [],
    overrides: null,
    artefactHash: "h",
  });

  it("keeps what the runner says and answers from it while the runner is away", async () => {
    const name = `@openfn/language-t${randomUUID().slice(0, 8)}`;
    for (const version of ["1.9.0", "1.10.0", "2.0.0-beta.1"])
      await adaptorResolver(db, { resolveAdaptor: async () => info(name, version) })(name, version);
    expect(await db.$count(adaptors, eq(adaptors.name, name))).toBe(3);
    const away = adaptorResolver(db, null);
    expect(await away(name, "latest")).toEqual({ version: "1.10.0" });
    expect(await away(name, "1.9.0")).toEqual({ version: "1.9.0" });
    await expectRefusal(away(name, "1.0.0"), "unavailable");
  });

  /** A runner that counts how often the registry was asked, and may have to wait for it. */
  function registry() {
    const name = `@openfn/language-t${randomUUID().slice(0, 8)}`;
    const of = { name, latest: "1.0.0", asked: 0, isAway: false, answer: Promise.resolve() };
    const resolve = adaptorResolver(db, {
      async resolveAdaptor(_, spec) {
        of.asked++;
        await of.answer;
        if (of.isAway) throw new Error("The registry cannot be reached.");
        return info(name, spec === "latest" ? of.latest : spec);
      },
    });
    const grownOld = (hours: number) =>
      db
        .update(adaptors)
        .set({ latestAt: sql`${adaptors.latestAt} - make_interval(hours => ${hours}::int)` })
        .where(eq(adaptors.name, name));
    return { of, latest: () => resolve(name, "latest"), grownOld };
  }

  it("asks the registry once for what latest is, however often and by how many it is wanted", async () => {
    const { of, latest } = registry();
    expect(await Promise.all(Array.from({ length: 30 }, latest))).toEqual(
      Array(30).fill({ version: "1.0.0" }),
    );
    for (let n = 0; n < 20; n++) expect(await latest()).toEqual({ version: "1.0.0" });
    expect(of.asked).toBe(1);
  });

  it("waits for nobody while what it knows is of today, and has the newer one the next time", async () => {
    const { of, latest, grownOld } = registry();
    await latest();
    await grownOld(1);
    of.latest = "1.1.0";
    let answer = () => {};
    of.answer = new Promise<void>((resolve) => {
      answer = resolve;
    });
    for (let n = 0; n < 5; n++) expect(await latest()).toEqual({ version: "1.0.0" });
    expect(of.asked).toBe(2);
    answer();
    await expect.poll(() => db.$count(adaptors, eq(adaptors.name, of.name))).toBe(2);
    expect(await latest()).toEqual({ version: "1.1.0" });
    expect(of.asked).toBe(2);
  });

  it("asks before it answers with what it heard a day ago, and goes back when the tag does", async () => {
    const { of, latest, grownOld } = registry();
    of.latest = "2.0.0";
    await latest();
    await grownOld(25);
    of.latest = "1.9.0";
    expect(await latest()).toEqual({ version: "1.9.0" });
    expect(of.asked).toBe(2);
  });

  it("without the registry it answers with what it heard last, however long ago, and asks again", async () => {
    const { of, latest, grownOld } = registry();
    await latest();
    of.isAway = true;
    await grownOld(1);
    expect(await latest()).toEqual({ version: "1.0.0" });
    await grownOld(1_000);
    expect(await latest()).toEqual({ version: "1.0.0" });
    of.isAway = false;
    of.latest = "3.0.0";
    expect(await latest()).toEqual({ version: "3.0.0" });
  });

  it("stores what the runner built once, and pins also when it cannot", async () => {
    const name = `@openfn/language-t${randomUUID().slice(0, 8)}`;
    const bytes = Buffer.from(name);
    const built = { ...info(name, "1.0.0"), artefactHash: createHash("sha256").update(bytes).digest("hex") };
    let exports = 0;
    const runner = (file: Buffer) => ({
      resolveAdaptor: async () => built,
      exportArtefact: async () => {
        exports += 1;
        return file;
      },
    });
    const stored = () => db.$count(adaptorArtefacts, eq(adaptorArtefacts.name, name));
    expect(await adaptorResolver(db, runner(Buffer.from("damaged")))(name, "1.0.0")).toEqual({
      version: "1.0.0",
    });
    expect(await stored()).toBe(0);
    for (let time = 0; time < 3; time += 1) await adaptorResolver(db, runner(bytes))(name, "1.0.0");
    expect(await stored()).toBe(1);
    expect(exports).toBe(2);
  });

  it("knows the adaptors that come with the installation", async () => {
    const { name, version } = shippedAdaptors.http;
    expect(await adaptorResolver(db, null)(name, version)).toEqual({ version });
  });

  it("passes on the runner's sentence", async () => {
    const sentence = "There is no adaptor @openfn/language-nope on the npm registry.";
    const refusing = adaptorResolver(db, {
      resolveAdaptor: async () => {
        throw new Refusal("invalid", sentence);
      },
    });
    const refusal = await expectRefusal(refusing("@openfn/language-nope", "latest"), "invalid");
    expect(refusal.message).toBe(sentence);
  });

  it.each(["left-pad@latest", "@openfn/cli", "@openfn/language-http@", "@openfn/language-../x", ""])(
    "refuses %j, which is no adaptor, before asking anybody",
    (text) => {
      expect(() => parseAdaptor(text)).toThrow("is not an adaptor");
    },
  );

  it("takes an adaptor without a version for its latest", () => {
    expect(parseAdaptor("@openfn/language-http")).toEqual({ name: "@openfn/language-http", spec: "latest" });
  });
});
