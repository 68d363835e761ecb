import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { credentials, oauthClients, oauthConsents } from "@/db/schema";
import { getCredential } from "@/lib/domain/credential/get";
import { listCredentials } from "@/lib/domain/credential/list";
import { openCredential } from "@/lib/domain/credential/open";
import { updateCredential } from "@/lib/domain/credential/update";
import { EgressPolicy } from "@/lib/net/egress-policy";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
  type TestUser,
  userContextFor,
} from "@/lib/testing/fixtures";
import { type LocalProvider, startProvider } from "@/lib/testing/oauth/provider";
import { connectCredential } from "./connect";
import { startConsent } from "./consent";
import { createOauthClient } from "./create";
import { deleteOauthClient } from "./delete";
import { listOauthClients, listProjectOauthClients } from "./list";
import { knownProviders } from "./providers";
import { shareOauthClient, unshareOauthClient } from "./share";
import { updateOauthClient } from "./update";

const { db, query } = testDatabase();
const origin = "http://127.0.0.1:3000";
const secret = "secret:with+and%and=&";
const auths = ["client_secret_post", "client_secret_basic", "none"] as const;
let provider: LocalProvider;
let policy: EgressPolicy;

beforeAll(async () => {
  provider = await startProvider(
    auths.map((auth) => ({ id: `client-${auth}`, auth, ...(auth === "none" ? {} : { secret }) })),
    `${origin}/connect`,
  );
  policy = new EgressPolicy({ allow: [provider.host] });
});
afterAll(() => provider.stop());

const unique = () => `OAuth ${randomUUID().slice(0, 8)}`;
const host = () => ({ policy, origin });

/** A client of the local provider. */
const clientOf = (user: TestUser, auth: (typeof auths)[number] = "client_secret_post", more = {}) =>
  createOauthClient(userContextFor(user), {
    name: unique(),
    provider: "generic",
    clientId: `client-${auth}`,
    ...(auth === "none" ? {} : { clientSecret: secret }),
    tokenAuth: auth,
    authorizationUrl: provider.authorizationUrl,
    tokenUrl: provider.tokenUrl,
    scopes: "openid offline_access records",
    parameters: { prompt: "consent" },
    ...more,
  });

type Wish = Omit<Parameters<typeof startConsent>[1], "oauthClientId">;

/** As somebody does it who says yes. */
async function connect(user: TestUser, oauthClientId: string, wish: Wish) {
  const ctx = userContextFor(user);
  const { url } = await startConsent(ctx, { oauthClientId, ...wish }, origin);
  const back = await provider.consent(url);
  const answer = {
    state: back.searchParams.get("state") ?? "",
    code: back.searchParams.get("code") ?? "",
  };
  return { answer, made: await connectCredential(ctx, answer, host()) };
}

describe("connecting with a local provider", () => {
  test.each(auths)(
    "as a client with %s: tokens arrive in the project's jobs, no key of the client does",
    async (auth) => {
      const user = await createTestUser();
      const project = await createTestProject({ owner: user });
      const client = await clientOf(user, auth);
      const { made } = await connect(user, client.id, { name: "Records", shareWith: project.id });
      expect(made).toEqual({
        credentialId: expect.any(String),
        name: "Records",
        isNew: true,
        projectId: project.id,
      });
      const link = await linkOf(made.credentialId);
      const { body } = await openCredential(db, link, project.id, policy);
      expect(Object.keys(body).sort()).toEqual(
        [
          "access_token",
          "expires_at",
          "expires_in",
          "id_token",
          "refresh_token",
          "scope",
          "token_type",
        ].sort(),
      );
      expect(JSON.stringify(body)).not.toContain("secret");
      await expectAudit("credential.connect", made.credentialId);
    },
  );

  test("the tokens are renewed with the client's keys before they end, by whoever uses them", async () => {
    const user = await createTestUser();
    const project = await createTestProject({ owner: user });
    const client = await clientOf(user);
    const { made } = await connect(user, client.id, { name: "Records", shareWith: project.id });
    const link = await linkOf(made.credentialId);
    // Tokens of a minute are renewed at half of their life.
    const first = (await openCredential(db, link, project.id, policy)).body;
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 40_000 });
    try {
      const second = (await openCredential(db, link, project.id, policy)).body;
      expect(second.access_token).not.toBe(first.access_token);
      // The provider rotates them: one that was used is good for nothing.
      expect(second.refresh_token).not.toBe(first.refresh_token);
      const third = (await openCredential(db, link, project.id, policy)).body;
      expect(third.access_token).toBe(second.access_token);
    } finally {
      vi.useRealTimers();
    }
  });

  test("connected again it keeps its name, its shares and its owner's fields, and says no more that it fails", async () => {
    const user = await createTestUser();
    const client = await clientOf(user);
    const { made } = await connect(user, client.id, { name: "Records" });
    const ctx = userContextFor(user);
    const { body } = await getCredential(ctx, { credentialId: made.credentialId });
    await updateCredential(ctx, { credentialId: made.credentialId, body: { ...body, sheet: "s1" } as never });
    await query(
      "update credentials set renewal_failed_at = now(), renewal_problem = 'the token server answered 400 (invalid_grant)' where id = $1",
      [made.credentialId],
    );
    const [failing] = (await listCredentials(ctx)).items;
    expect(failing?.renewalProblem).toContain("invalid_grant");
    const again = await connect(user, client.id, { credentialId: made.credentialId });
    expect(again.made).toEqual({
      credentialId: made.credentialId,
      name: "Records",
      isNew: false,
      projectId: null,
    });
    const after = await getCredential(ctx, { credentialId: made.credentialId });
    expect(after.body).toMatchObject({ sheet: "s1" });
    expect(after.body.access_token).not.toBe(body.access_token);
    expect((await listCredentials(ctx)).items[0]?.renewalProblem).toBeNull();
  });

  test("an answer is good once, for who asked, and not after a quarter of an hour", async () => {
    const user = await createTestUser();
    const client = await clientOf(user);
    const { answer } = await connect(user, client.id, { name: "Once" });
    await expectRefusal(connectCredential(userContextFor(user), answer, host()), "not_found");
    const { url } = await startConsent(
      userContextFor(user),
      { oauthClientId: client.id, name: "Mine" },
      origin,
    );
    const state = new URL(url).searchParams.get("state") ?? "";
    const stranger = await createTestUser();
    await expectRefusal(
      connectCredential(userContextFor(stranger), { state, code: "x" }, host()),
      "not_found",
    );
    await query("update oauth_consents set expires_at = now() where user_id = $1", [user.id]);
    await expectRefusal(connectCredential(userContextFor(user), { state, code: "x" }, host()), "not_found");
  });

  test("a person who says no, and a code that is none, make nothing and say so", async () => {
    const user = await createTestUser();
    const ctx = userContextFor(user);
    const client = await clientOf(user);
    const { url } = await startConsent(ctx, { oauthClientId: client.id, name: "No" }, origin);
    const back = await provider.consent(url, "no");
    const state = back.searchParams.get("state") ?? "";
    const refusal = await expectRefusal(
      connectCredential(ctx, { state, error: back.searchParams.get("error") ?? "" }, host()),
      "invalid",
    );
    expect(refusal.message).toContain("not allowed");
    const second = await startConsent(ctx, { oauthClientId: client.id, name: "No" }, origin);
    const wrong = await expectRefusal(
      connectCredential(
        ctx,
        { state: new URL(second.url).searchParams.get("state") ?? "", code: "wrong" },
        host(),
      ),
      "unavailable",
    );
    expect(wrong.message).toContain("invalid_grant");
    expect((await listCredentials(ctx)).items).toEqual([]);
  });

  test("PKCE: the code is good for nothing with another verifier", async () => {
    const user = await createTestUser();
    const ctx = userContextFor(user);
    const client = await clientOf(user);
    const first = await startConsent(ctx, { oauthClientId: client.id, name: "A" }, origin);
    const stolen = (await provider.consent(first.url)).searchParams.get("code") ?? "";
    const second = await startConsent(ctx, { oauthClientId: client.id, name: "B" }, origin);
    const state = new URL(second.url).searchParams.get("state") ?? "";
    await expectRefusal(connectCredential(ctx, { state, code: stolen }, host()), "unavailable");
  });

  test("a token server on a private address is not asked unless the operator allows it", async () => {
    const user = await createTestUser();
    const ctx = userContextFor(user);
    const client = await clientOf(user);
    const { url } = await startConsent(ctx, { oauthClientId: client.id, name: "A" }, origin);
    const state = new URL(url).searchParams.get("state") ?? "";
    const refusal = await expectRefusal(
      connectCredential(ctx, { state, code: "x" }, { policy: new EgressPolicy({}), origin }),
      "unavailable",
    );
    expect(refusal.message).toContain("EGRESS_ALLOW");
  });
});

async function linkOf(credentialId: string): Promise<string> {
  const [row] = await query<{ id: string }>("select id from project_credentials where credential_id = $1", [
    credentialId,
  ]);
  return row?.id ?? "";
}

describe("clients", () => {
  test("known services need no addresses, and others name what is missing", async () => {
    const ctx = userContextFor(await createTestUser());
    for (const known of ["google", "salesforce", "microsoft"] as const) {
      const { id } = await createOauthClient(ctx, {
        name: known,
        provider: known,
        clientId: "c",
        clientSecret: "s",
      });
      const [row] = await db.select().from(oauthClients).where(eq(oauthClients.id, id));
      expect(row).toMatchObject({
        tokenUrl: knownProviders[known].tokenUrl,
        scopes: knownProviders[known].scopes,
      });
      const { url } = await startConsent(ctx, { oauthClientId: id, name: known }, origin);
      const sent = new URL(url);
      expect(Object.fromEntries(sent.searchParams)).toMatchObject({
        ...knownProviders[known].parameters,
        response_type: "code",
        client_id: "c",
        redirect_uri: `${origin}/connect`,
        code_challenge_method: "S256",
      });
    }
    const generic = { name: "g", provider: "generic", clientId: "c", clientSecret: "s" } as const;
    await expect(createOauthClient(ctx, generic)).rejects.toThrow("Enter the address");
    await expect(
      createOauthClient(ctx, {
        ...generic,
        authorizationUrl: "javascript:alert(1)",
        tokenUrl: "file:///etc/passwd",
      }),
    ).rejects.toThrow("whole address");
    await expect(
      createOauthClient(ctx, { ...generic, provider: "google", parameters: { state: "mine" } }),
    ).rejects.toThrow("Leave out");
    await expect(
      createOauthClient(ctx, { ...generic, provider: "google", clientSecret: null }),
    ).rejects.toThrow("public client");
  });

  test("the secret is stored sealed and told to nobody; it stays when the rest is changed", async () => {
    const user = await createTestUser();
    const ctx = userContextFor(user);
    const { id } = await clientOf(user);
    const stored = async () => (await db.select().from(oauthClients).where(eq(oauthClients.id, id)))[0];
    const before = await stored();
    expect(before?.clientSecret).toMatch(/^v1:/);
    await updateOauthClient(ctx, { oauthClientId: id, name: unique(), scopes: "records" });
    expect((await stored())?.clientSecret).toBe(before?.clientSecret);
    expect(JSON.stringify(await listOauthClients(ctx))).not.toContain(secret);
    await expectRefusal(updateOauthClient(ctx, { oauthClientId: id, clientSecret: null }), "invalid");
    await updateOauthClient(ctx, { oauthClientId: id, tokenAuth: "none" });
    expect((await stored())?.clientSecret).toBeNull();
  });

  test("a project's editors connect with one that is shared with it, its viewers and strangers do not", async () => {
    const owner = await createTestUser();
    const project = await createTestProject({ owner });
    const [editor, viewer] = [await addTestMember(project, "editor"), await addTestMember(project, "viewer")];
    const stranger = await createTestUser();
    const client = await clientOf(owner);
    const seenBy = async (user: TestUser) => (await listOauthClients(userContextFor(user))).items;
    expect(await seenBy(editor)).toEqual([]);
    await shareOauthClient(contextFor(owner, project), { oauthClientId: client.id });
    expect(await seenBy(editor)).toEqual([
      expect.objectContaining({ id: client.id, isMine: false, own: null }),
    ]);
    expect((await listProjectOauthClients(contextFor(editor, project, "editor"))).items).toHaveLength(1);
    for (const other of [viewer, stranger]) {
      expect(await seenBy(other)).toEqual([]);
      const wish = { oauthClientId: client.id, name: "A" };
      await expectRefusal(startConsent(userContextFor(other), wish, origin), "not_found");
    }
    const { made } = await connect(editor, client.id, { name: "Editor's" });
    await expectRefusal(deleteOauthClient(userContextFor(owner), { oauthClientId: client.id }), "conflict");
    // Others' refresh tokens are never sent elsewhere.
    const moved = { oauthClientId: client.id, tokenUrl: "https://evil.example/token" };
    await expectRefusal(updateOauthClient(userContextFor(owner), moved), "conflict");
    await query("update projects set require_second_factor = true where id = $1", [project.id]);
    expect(await seenBy(editor)).toEqual([]);
    await query("update projects set require_second_factor = false where id = $1", [project.id]);
    await expectRefusal(
      unshareOauthClient(contextFor(viewer, project, "viewer"), { oauthClientId: client.id }),
      "forbidden",
    );
    await unshareOauthClient(contextFor(owner, project), { oauthClientId: client.id });
    expect(await seenBy(editor)).toEqual([]);
    // What is connected stays so.
    const [kept] = await db.select().from(credentials).where(eq(credentials.id, made.credentialId));
    expect(kept?.oauthClientId).toBe(client.id);
  });

  test("with its owner's account a client goes; credentials of others stay and say what to do", async () => {
    const owner = await createTestUser();
    const project = await createTestProject({ owner });
    const editor = await addTestMember(project, "editor");
    const client = await clientOf(owner);
    await shareOauthClient(contextFor(owner, project), { oauthClientId: client.id });
    const { made } = await connect(editor, client.id, { name: "Editor's", shareWith: project.id });
    const link = await linkOf(made.credentialId);
    await db.delete(oauthClients).where(eq(oauthClients.id, client.id));
    expect((await openCredential(db, link, project.id, policy)).body.access_token).toEqual(
      expect.any(String),
    );
    expect(await db.$count(oauthConsents, eq(oauthConsents.userId, editor.id))).toBe(0);
  });
});
