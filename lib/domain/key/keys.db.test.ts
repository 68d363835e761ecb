import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Database } from "@/db/client";
import { testConnect } from "@/lib/testing/database";
import { migratedDatabase, type OwnDatabase } from "@/lib/testing/own-database";

const newKey = () => randomBytes(32).toString("base64");
const secretKey = newKey();
const first = newKey();
const second = newKey();
let own: OwnDatabase;
let data: Database;

/** Keys concern every secret of a database: it is one of its own, away from the other suites' keys. */
beforeAll(async () => {
  own = await migratedDatabase();
  data = testConnect(own.url, { max: 2 });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await data.close();
  await own.drop();
});
beforeEach(() => data.query("truncate users, projects, audit_events, key_proofs cascade"));

/** A process that is started with these keys. */
async function startWith(secret: string, credential = "") {
  vi.resetModules();
  vi.stubEnv("SECRET_KEY", secret);
  vi.stubEnv("CREDENTIAL_KEY", credential);
  const { proveKeys } = await import("./prove");
  const { acceptKeys } = await import("./accept");
  const { rotateCredentialKey } = await import("@/lib/domain/credential/rotate-key");
  const { sealBody } = await import("@/lib/domain/credential/body");
  const { configuredProofs } = await import("@/lib/crypto/proof");
  const proofs = configuredProofs();
  return {
    secret: proofs.secret[0]?.fingerprint ?? "",
    credential: proofs.credential.map(({ fingerprint }) => fingerprint),
    prove: () => proveKeys(data.db),
    accept: () => acceptKeys(data.db),
    rotate: () => rotateCredentialKey(data.db),
    store: async () => {
      const id = randomUUID();
      const [user] = await data.query<{ id: string }>(
        "insert into users (email, name) values ($1, 'Ada') returning id",
        [`${id}@example.org`],
      );
      await data.query("insert into credentials (id, owner_id, name, body) values ($1, $2, 'kept', $3)", [
        id,
        user?.id,
        sealBody(id, { password: "p" }),
      ]);
    },
  };
}
const proofs = () =>
  data.query<{ purpose: string; fingerprint: string }>(
    "select purpose, fingerprint from key_proofs order by purpose, fingerprint",
  );

test("the first start remembers its keys, later ones with the same change nothing", async () => {
  const start = await startWith(secretKey);
  await start.prove();
  await (await startWith(secretKey)).prove();
  expect(await proofs()).toEqual([
    { purpose: "credential", fingerprint: start.credential[0] },
    { purpose: "secret", fingerprint: start.secret },
  ]);
  const stored = JSON.stringify(await data.query("select * from key_proofs"));
  expect(stored).not.toContain(secretKey);
});

test("another SECRET_KEY is refused with both fingerprints and what to do, and nothing is remembered of it", async () => {
  const start = await startWith(secretKey);
  await start.prove();
  const wrong = await startWith(newKey());
  const before = await proofs();
  await expect(wrong.prove()).rejects.toThrow(
    new RegExp(
      `SECRET_KEY is not the key of this database: its fingerprint is ${wrong.secret}, and ${start.secret} is expected\\. Start with the key of before.*accept-keys`,
    ),
  );
  expect(await proofs()).toEqual(before);
  // Also where a key of its own seals the secrets.
  await expect((await startWith(newKey(), secretKey)).prove()).rejects.toThrow(start.secret);
});

test("a credential key stays needed from its first use until a rotation has sealed everything anew", async () => {
  await (await startWith(secretKey, first)).prove();
  await (await startWith(secretKey, first)).store();
  const old = (await startWith(secretKey, first)).credential[0] ?? "";
  await expect((await startWith(secretKey, second)).prove()).rejects.toThrow(
    `${old} is expected. Add that key after the current one`,
  );
  const both = await startWith(secretKey, `${second},${first}`);
  await both.prove();
  await expect((await startWith(secretKey, first)).prove()).rejects.toThrow(both.credential[0]);
  await expect((await startWith(secretKey)).prove()).rejects.toThrow("CREDENTIAL_KEY lacks a key");
  const again = await startWith(secretKey, `${second},${first}`);
  await again.prove();
  expect(await again.rotate()).toMatchObject({ credentials: 1 });
  await (await startWith(secretKey, second)).prove();
  await expect((await startWith(secretKey, first)).prove()).rejects.toThrow(both.credential[0]);
});

test("a database from before the proofs gets them, unless what was stored last would not open", async () => {
  await (await startWith(secretKey)).store();
  await (await startWith(secretKey, first)).store();
  const [derived = ""] = (await startWith(secretKey)).credential;
  const [own = ""] = (await startWith(secretKey, first)).credential;
  await expect((await startWith(newKey())).prove()).rejects.toThrow(`${own} is expected`);
  expect(await proofs()).toEqual([]);
  const right = await startWith(secretKey, `${second},${first}`);
  await right.prove();
  const remembered = (await proofs()).filter(({ purpose }) => purpose === "credential");
  expect(remembered.map(({ fingerprint }) => fingerprint)).toEqual(
    [derived, own, right.credential[0]].toSorted(),
  );
});

test("lost keys are given up by an operator's command, which says so in the audit", async () => {
  await (await startWith(secretKey, first)).prove();
  await (await startWith(secretKey, first)).store();
  const other = await startWith(newKey(), second);
  await expect(other.prove()).rejects.toThrow("accept-keys");
  const accepted = await other.accept();
  expect(accepted).toEqual({ secretKey: other.secret, credentialKeys: [other.credential[0]] });
  await other.prove();
  const events = await data.query("select after, actor_label from audit_events where event = 'keys.accept'");
  expect(events).toEqual([{ after: accepted, actor_label: "operator" }]);
  await expect((await startWith(secretKey, first)).prove()).rejects.toThrow(other.secret);
});
