import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { createCredential } from "@/lib/domain/credential/create";
import { shareCredential } from "@/lib/domain/credential/share";
import { getMessage } from "@/lib/domain/message/get";
import { updateProject } from "@/lib/domain/project/update";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { testDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { contextFor, createTestProject, createTestUser, userContextFor } from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { executeRun } from "./execute-run";

const database = testDatabase();

type Kept = { body: Record<string, unknown>; allowedHosts?: string[]; projectHosts?: string[] };

/** Runs a workflow of one job, which uses this credential, on a message. `run` is what the inspector shows of it. */
async function runWith({ projectHosts, ...kept }: Kept) {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  const ctx = contextFor(owner, project);
  if (projectHosts) await updateProject(ctx, { egressAllow: projectHosts });
  const credential = await createCredential(userContextFor(owner), { name: "Registry", ...kept });
  const link = await shareCredential(ctx, { credentialId: credential.id });
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
          projectCredentialId: link.id,
        },
      ],
      edges: [{ id: randomUUID(), sourceTriggerId: trigger, targetJobId: job, conditionType: "always" }],
    },
    { resolveAdaptor: async (_, version) => ({ version }) },
  );
  const { accepted } = await accept(
    {
      method: "POST",
      segments: [project.inboxId],
      search: "",
      headers: { "content-type": "application/json" },
      body: new Response('{"form":"visit"}').body,
    },
    { query: database.query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1e6 },
  );
  const messageId = accepted?.messageId ?? "";
  const runs = await database.query<{ id: string }>("select id from runs where message_id = $1", [messageId]);
  const runner = new ScriptedRunner();
  const host = testExecutionHost(runner);
  for (const run of runs) await executeRun(host, run.id, (_, work) => work());
  const [run] = (await getMessage(ctx, messageId)).workOrders.flatMap((order) => order.runs);
  return { run, runner, link };
}

test("a job whose OAuth2 token expired and cannot be renewed ends as CredentialLoadError without being run", async () => {
  const secrets = { access_token: "old-access", refresh_token: "old-refresh", client_secret: "s3cret" };
  const { run, runner } = await runWith({
    // A private address: the operator's rules refuse it before anything is sent.
    body: { ...secrets, client_id: "c", token_url: "http://127.0.0.1:9/token", expires_at: 1_700_000_000 },
  });
  expect(run).toMatchObject({ state: "exception", errorType: "CredentialLoadError" });
  const error = run?.steps[0]?.error;
  expect(error).toMatchObject({ type: "CredentialLoadError" });
  expect(error?.message).toMatch(
    /^The access token of the credential Registry has expired and was not renewed/,
  );
  for (const secret of Object.values(secrets)) expect(JSON.stringify(run)).not.toContain(secret);
  expect(runner.started).toEqual([]);
});

test("the runner is told which credential it is, and where it may be sent", async () => {
  const body = { password: "s3cret" };
  const narrowed = await runWith({ body, allowedHosts: ["api.example.org"] });
  expect(narrowed.run?.state).toBe("success");
  expect(narrowed.runner.started).toMatchObject([
    {
      configuration: body,
      credentialId: narrowed.link.id,
      egress: { credentialHosts: ["api.example.org"] },
    },
  ]);
  const open = await runWith({ body });
  expect(open.runner.started[0]?.credentialId).toBe(open.link.id);
  expect(open.runner.started[0]?.egress).toEqual({});
});

test("the runner is told which hosts its project allows", async () => {
  const { runner } = await runWith({ body: {}, projectHosts: ["registry.example.org:443"] });
  expect(runner.started[0]?.egress).toEqual({ onlyHosts: ["registry.example.org:443"] });
});
