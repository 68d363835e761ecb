import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Context, UserContext } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credential/create";
import { deleteCredentialEnvironment } from "@/lib/domain/credential/environment/delete";
import { setCredentialEnvironment } from "@/lib/domain/credential/environment/set";
import { LastUses } from "@/lib/domain/credential/last-uses";
import { listCredentials, listProjectCredentials } from "@/lib/domain/credential/list";
import { shareCredential, unshareCredential } from "@/lib/domain/credential/share";
import { credentialSource } from "@/lib/domain/credential/source";
import { updateCredential } from "@/lib/domain/credential/update";
import { createKeychain } from "@/lib/domain/keychain/create";
import { deleteKeychain } from "@/lib/domain/keychain/delete";
import { listKeychains } from "@/lib/domain/keychain/list";
import { updateKeychain } from "@/lib/domain/keychain/update";
import { getMessage } from "@/lib/domain/message/get";
import { updateProject } from "@/lib/domain/project/update";
import { dryRunStep } from "@/lib/domain/run/dry-run";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { testDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { contextFor, createTestProject, createTestUser, userContextFor } from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { executeRun } from "./execute-run";

const database = testDatabase();

type Clinic = { ctx: Context; own: UserContext; inboxId: string };

async function newClinic(): Promise<Clinic> {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  return { ctx: contextFor(owner, project), own: userContextFor(owner), inboxId: project.inboxId };
}

/** A credential of its own secret, shared with the clinic's project. `link` is its id there. */
async function shared({ ctx, own }: Clinic, name: string, more: object = {}) {
  const { id } = await createCredential(own, { name, body: { password: `secret of ${name}` }, ...more });
  const { id: link } = await shareCredential(ctx, { credentialId: id });
  return { id, link, body: { password: `secret of ${name}` } };
}

/** A workflow of one job for every message of the form. */
async function saveJob({ ctx }: Clinic, credential: object): Promise<string> {
  const [trigger, job] = [randomUUID(), randomUUID()];
  await saveWorkflow(
    ctx,
    {
      name: "Visit",
      triggers: [{ id: trigger, type: "message_filter", enabled: true, inclusion: { form: "visit" } }],
      jobs: [
        {
          id: job,
          name: "Register",
          body: "fn(s => s)",
          adaptor: "@openfn/language-common@3.3.4",
          ...credential,
        },
      ],
      edges: [{ id: randomUUID(), sourceTriggerId: trigger, targetJobId: job, conditionType: "always" }],
    },
    { resolveAdaptor: async (_, version) => ({ version }) },
  );
  return job;
}

/** What the job was given for a message with this in it, and what is shown of its run. */
async function send({ ctx, inboxId }: Clinic, more: object, uses = new LastUses(database)) {
  const { accepted } = await accept(
    {
      method: "POST",
      segments: [inboxId],
      search: "",
      headers: { "content-type": "application/json" },
      body: new Response(JSON.stringify({ form: "visit", ...more })).body,
    },
    { query: database.query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1e6 },
  );
  const messageId = accepted?.messageId ?? "";
  const runs = await database.query<{ id: string }>("select id from runs where message_id = $1", [messageId]);
  const runner = new ScriptedRunner();
  const host = { ...testExecutionHost(runner), credentials: credentialSource(database.db, uses) };
  for (const run of runs) await executeRun(host, run.id, (_, work) => work());
  const [run] = (await getMessage(ctx, messageId)).workOrders.flatMap((order) => order.runs);
  return { messageId, run, step: run?.steps[0], request: runner.started[0] };
}

const keychain = { name: "By facility", path: "$.data.facility" };

describe("a job with a keychain", () => {
  test("has the credential whose external id stands at its path, and the step says which", async () => {
    const clinic = await newClinic();
    const north = await shared(clinic, "North", { externalId: "F001", allowedHosts: ["north.example.org"] });
    const south = await shared(clinic, "South", { externalId: "17" });
    const { id } = await createKeychain(clinic.ctx, keychain);
    await saveJob(clinic, { keychainCredentialId: id });
    const first = await send(clinic, { facility: "F001" });
    expect(first.step).toMatchObject({ exitReason: "success", credentialName: "North" });
    expect(first.request).toMatchObject({
      configuration: north.body,
      credentialId: north.link,
      egress: { credentialHosts: ["north.example.org"] },
    });
    const second = await send(clinic, { facility: 17 });
    expect(second.request).toMatchObject({ configuration: south.body, credentialId: south.link });
    expect(second.request?.egress).toEqual({});
  });

  test("tells numbers apart by the digits that were sent", async () => {
    const clinic = await newClinic();
    await shared(clinic, "Exact", { externalId: "12345678901234567891" });
    const { id } = await createKeychain(clinic.ctx, { ...keychain, path: "$.facility" });
    const source = credentialSource(database.db, { note: () => {} });
    const open = (input: string) =>
      source.open({ keychainCredentialId: id, input }, clinic.ctx.project.id).then(({ name }) => name);
    expect(await open('{"facility":12345678901234567891}')).toBe("Exact");
    await expect(open('{"facility":12345678901234567890}')).rejects.toThrow("No credential of this project");
  });

  test("has the default where nothing stands there, or what no credential is called", async () => {
    const clinic = await newClinic();
    const general = await shared(clinic, "General");
    await shared(clinic, "North", { externalId: "F001" });
    const { id } = await createKeychain(clinic.ctx, {
      ...keychain,
      defaultProjectCredentialId: general.link,
    });
    await saveJob(clinic, { keychainCredentialId: id });
    for (const more of [
      {},
      { facility: null },
      { facility: "" },
      { facility: "F999" },
      { facility: " F001" },
    ])
      expect((await send(clinic, more)).request?.credentialId, JSON.stringify(more)).toBe(general.link);
  });

  test("is not run without one: the step names the path and what to do, never the value", async () => {
    const clinic = await newClinic();
    await shared(clinic, "North", { externalId: "F001" });
    await shared(clinic, "Also north", { externalId: "F001" });
    const general = await shared(clinic, "General");
    const { id } = await createKeychain(clinic.ctx, {
      name: "By facility",
      path: "$.data.visits[*].facility",
    });
    await saveJob(clinic, { keychainCredentialId: id });
    const visits = (...facilities: unknown[]) => ({ visits: facilities.map((facility) => ({ facility })) });
    const failures: [object, RegExp][] = [
      [{}, /found nothing at .* has no default credential\. Send what names one/],
      [visits("F777"), /^No credential of this project has the external id .* Share one that has it/],
      [visits("F777", "F888"), /found two different values at .* Let its path lead to one value/],
      [visits(["F777"]), /found a list at .* Let its path lead further/],
      [visits({ id: "F777" }), /found an object at/],
      [
        visits("F001"),
        /^The credentials (North and Also north|Also north and North) both have the external id/,
      ],
    ];
    for (const isDefault of [false, true]) {
      if (isDefault)
        await updateKeychain(clinic.ctx, { keychainId: id, defaultProjectCredentialId: general.link });
      for (const [more, sentence] of isDefault ? failures.slice(2) : failures) {
        const { run, step, request } = await send(clinic, more);
        expect(request).toBeUndefined();
        expect(run).toMatchObject({ state: "exception", errorType: "CredentialLoadError" });
        expect(step?.error?.message).toMatch(sentence);
        expect(step?.error?.message).toContain("$.data.visits[*].facility");
        expect(JSON.stringify(step)).not.toContain("F777");
      }
    }
    expect((await send(clinic, visits("F001", "F001"))).run?.state).toBe("exception");
    expect((await send(clinic, visits("F9", "F9"))).request?.credentialId).toBe(general.link);
  });

  test("is not run when the keychain, or the credential that it had as a default, is gone", async () => {
    const clinic = await newClinic();
    const general = await shared(clinic, "General");
    const { id } = await createKeychain(clinic.ctx, {
      ...keychain,
      defaultProjectCredentialId: general.link,
    });
    await saveJob(clinic, { keychainCredentialId: id });
    await unshareCredential(clinic.ctx, { projectCredentialId: general.link });
    const [listed] = (await listKeychains(clinic.ctx)).items;
    expect(listed).toMatchObject({ default: null, jobs: 1, usedBy: [{ job: { name: "Register" } }] });
    expect((await send(clinic, {})).step?.error?.message).toMatch(/has no default credential/);
    await deleteKeychain(clinic.ctx, { keychainId: id });
    const { request, step } = await send(clinic, {});
    expect(request).toBeUndefined();
    expect(step?.error?.message).toMatch(/^The keychain that this job had is not there any more/);
  });

  test("chooses the same in a dry run, by the input that is tried", async () => {
    const clinic = await newClinic();
    const north = await shared(clinic, "North", { externalId: "F001" });
    const south = await shared(clinic, "South", { externalId: "F002" });
    const { id } = await createKeychain(clinic.ctx, keychain);
    const jobId = await saveJob(clinic, { keychainCredentialId: id });
    const { messageId } = await send(clinic, { facility: "F001" });
    const tried = async (more: object) => {
      const runner = new ScriptedRunner();
      await dryRunStep(clinic.ctx, { messageId, jobId, ...more }, { runner, memoryMb: 128 });
      return runner.started[0]?.credentialId;
    };
    expect(await tried({})).toBe(north.link);
    expect(await tried({ input: { data: { facility: "F002" } } })).toBe(south.link);
    await expect(tried({ input: { data: {} } })).rejects.toThrow("$.data.facility");
  });
});

describe("a project in an environment", () => {
  test("has what its credentials are there, for steps and dry runs, and never what they are in main", async () => {
    const clinic = await newClinic();
    const { id, link } = await shared(clinic, "North", { allowedHosts: ["live.example.org"] });
    const jobId = await saveJob(clinic, { projectCredentialId: link });
    await updateProject(clinic.ctx, { env: "staging" });
    const without = await send(clinic, {});
    expect(without.request).toBeUndefined();
    expect(without.step?.error).toMatchObject({ type: "CredentialLoadError" });
    expect(without.step?.error?.message).toMatch(
      /^The credential North is nothing in the environment staging/,
    );
    const { messageId } = without;
    const dry = (runner: ScriptedRunner) =>
      dryRunStep(clinic.ctx, { messageId, jobId }, { runner, memoryMb: 1 });
    await expect(dry(new ScriptedRunner())).rejects.toThrow("nothing in the environment staging");

    const body = { password: "of staging" };
    await setCredentialEnvironment(clinic.own, { credentialId: id, env: "staging", body });
    const main = await send(clinic, {});
    expect(main.step?.credentialName).toBe("North (staging)");
    expect(main.request).toMatchObject({
      configuration: body,
      credentialId: `${link}:staging`,
      egress: { credentialHosts: ["live.example.org"] },
    });
    const hosts = ["test.example.org"];
    await setCredentialEnvironment(clinic.own, { credentialId: id, env: "staging", allowedHosts: hosts });
    const narrowed = await send(clinic, {});
    expect(narrowed.request).toMatchObject({ configuration: body, egress: { credentialHosts: hosts } });
    const runner = new ScriptedRunner();
    await dry(runner);
    expect(runner.started[0]).toMatchObject({
      configuration: body,
      credentialId: `${link}:staging`,
      egress: { credentialHosts: hosts },
    });

    await updateProject(clinic.ctx, { env: "main" });
    const back = await send(clinic, {});
    expect(back.request).toMatchObject({
      configuration: { password: "secret of North" },
      credentialId: link,
      egress: { credentialHosts: ["live.example.org"] },
    });
    await updateProject(clinic.ctx, { env: "staging" });
    await deleteCredentialEnvironment(clinic.own, { credentialId: id, env: "staging" });
    expect((await send(clinic, {})).request).toBeUndefined();
  });

  test("has there what a keychain chooses", async () => {
    const clinic = await newClinic();
    const { id } = await shared(clinic, "North", { externalId: "F001" });
    const chain = await createKeychain(clinic.ctx, keychain);
    await saveJob(clinic, { keychainCredentialId: chain.id });
    await updateProject(clinic.ctx, { env: "staging" });
    expect((await send(clinic, { facility: "F001" })).step?.error?.message).toContain(
      "North is nothing in the environment staging",
    );
    await setCredentialEnvironment(clinic.own, { credentialId: id, env: "staging", body: { a: "s" } });
    expect((await send(clinic, { facility: "F001" })).request?.configuration).toEqual({ a: "s" });
  });
});

describe("when a credential was last used", () => {
  test("is written together with other uses, and no run writes it", async () => {
    const clinic = await newClinic();
    const { link } = await shared(clinic, "North", { externalId: "F001" });
    const chain = await createKeychain(clinic.ctx, keychain);
    await saveJob(clinic, { keychainCredentialId: chain.id });
    let statements = 0;
    const uses = new LastUses({
      query: (...call) => {
        statements += 1;
        return database.query(...call);
      },
    });
    const used = async () => [
      (await listProjectCredentials(clinic.ctx)).items[0]?.lastUsedAt,
      (await listKeychains(clinic.ctx)).items[0]?.lastUsedAt,
      (await listCredentials(clinic.own)).items[0]?.projects[0]?.lastUsedAt,
    ];
    for (let i = 0; i < 3; i++) await send(clinic, { facility: "F001" }, uses);
    await send(clinic, { facility: "F002" }, uses);
    expect(statements).toBe(0);
    expect(await used()).toEqual([null, null, null]);
    await uses.write();
    expect(statements).toBe(2);
    const first = await used();
    expect(first.every((at) => typeof at === "string")).toBe(true);
    await uses.write();
    expect(statements).toBe(2);
    // An engine that is late does not bring an earlier use back.
    await database.query(
      "update project_credentials set last_used_at = now() + interval '1 hour' where id = $1",
      [link],
    );
    const [later] = await used();
    await send(clinic, { facility: "F001" }, uses);
    await uses.write();
    expect((await used())[0]).toBe(later);
  });

  test("is kept while the database is away, and passes over what somebody holds or has deleted", async () => {
    const clinic = await newClinic();
    const [north, south] = [await shared(clinic, "North"), await shared(clinic, "South")];
    let isAway = true;
    const uses = new LastUses({
      query: (...call) => (isAway ? Promise.reject(new Error("away")) : database.query(...call)),
    });
    const projectId = clinic.ctx.project.id;
    for (const { link: projectCredentialId } of [north, south, { link: randomUUID() }])
      uses.note({ projectId, projectCredentialId, keychainId: null });
    await uses.write();
    isAway = false;
    await database.transaction(async (sql) => {
      await sql.query("select 1 from project_credentials where id = $1 for update", [south.link]);
      await uses.write();
    });
    const found = (await listProjectCredentials(clinic.ctx)).items.map(({ name, lastUsedAt }) => [
      name,
      lastUsedAt !== null,
    ]);
    expect(Object.fromEntries(found)).toEqual({ North: true, South: false });
  });
});

test("a change of what jobs get is told where it is used, a new name is none", async () => {
  const clinic = await newClinic();
  const { id } = await shared(clinic, "North");
  const changed = async () => (await listProjectCredentials(clinic.ctx)).items[0]?.changedAt;
  await updateCredential(clinic.own, { credentialId: id, name: "Far north" });
  expect(await changed()).toBeNull();
  const changes: (() => Promise<unknown>)[] = [
    () => updateCredential(clinic.own, { credentialId: id, body: { a: 1 } }),
    () => updateCredential(clinic.own, { credentialId: id, allowedHosts: ["a.example.org"] }),
    () => updateCredential(clinic.own, { credentialId: id, externalId: "F001" }),
    () => setCredentialEnvironment(clinic.own, { credentialId: id, env: "staging", body: {} }),
    () => deleteCredentialEnvironment(clinic.own, { credentialId: id, env: "staging" }),
  ];
  for (const change of changes) {
    await database.query("update credentials set changed_at = null where id = $1", [id]);
    await change();
    expect(await changed()).not.toBeNull();
  }
});
