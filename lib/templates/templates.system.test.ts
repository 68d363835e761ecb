import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalRunner } from "@/lib/runner/host/runner";
import { runStep, stepRequest, testRunner } from "@/lib/runner/testing/local-runner";
import { shippedSpecifiers } from "@/lib/shipped";
import type { Json } from "@/lib/workflow/types";
import { templates } from ".";
import { newWorkflow } from "./new-workflow";

let runner: LocalRunner;
beforeAll(async () => {
  runner = await testRunner();
});
afterAll(() => runner.close());

type Tried = { name: string; reason: string; requests: string[]; state: unknown; logs: string };

/** Runs a template's jobs one after the other along its edges, with every request recorded. */
async function tryOut(key: string, data: Json | undefined): Promise<Tried[]> {
  const template = templates.find((one) => one.key === key);
  if (!template) throw new Error(`There is no template ${key}.`);
  const kit = { newId: randomUUID, adaptors: shippedSpecifiers };
  const { jobs, edges, triggers } = newWorkflow(key, template, kit);
  const tried: Tried[] = [];
  let state: unknown = data === undefined ? {} : { data };
  let from: string | undefined = triggers[0]?.id;
  let wanted = "always";
  for (;;) {
    const edge = edges.find(
      (one) =>
        (one.sourceTriggerId ?? one.sourceJobId) === from && ["always", wanted].includes(one.conditionType),
    );
    const job = jobs.find(({ id }) => id === edge?.targetJobId);
    if (!job) return tried;
    const ran = await runStep(runner, {
      ...stepRequest(job.body, { state, http: job.adaptor === shippedSpecifiers.http }),
      collections: { token: "of-nothing" },
      egress: { record: true },
    });
    const requests = (ran.requests ?? []).map(({ method, host, path }) => `${method} https://${host}${path}`);
    const logs = ran.logs.map(({ message }) => message).join("\n");
    tried.push({ name: job.name, reason: ran.reason, requests, state: ran.state, logs });
    state = ran.state;
    from = job.id;
    wanted = ran.reason === "success" ? "on_job_success" : "on_job_failure";
  }
}

const sampleOf = (key: string) => templates.find((one) => one.key === key)?.sample ?? undefined;
const named = (tried: Tried[]) => tried.map(({ name, reason }) => `${name}: ${reason}`);

describe("templates in the sandbox, nothing sent", () => {
  it("register a patient, and refuse a form that names none", async () => {
    const tried = await tryOut("form-to-registry", sampleOf("form-to-registry"));
    expect(named(tried)).toEqual(["Check the form: success", "Register the patient: success"]);
    expect(tried[1]?.requests).toEqual(["POST https://registry.example.org/patients"]);
    expect(named(await tryOut("form-to-registry", { form: "home-visit", patient: {} }))).toEqual([
      "Check the form: fail",
    ]);
  });

  it("fetch what is new, send it, and keep a cursor", async () => {
    const tried = await tryOut("nightly-export", undefined);
    expect(named(tried)).toEqual(["Fetch what is new: success", "Send the report: success"]);
    expect(tried.flatMap(({ requests }) => requests).map((one) => one.split("?")[0])).toEqual([
      "GET https://registry.example.org/visits",
      "POST https://reports.example.org/visits",
    ]);
    expect(tried[1]?.state).toEqual({ cursor: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) });
  });

  it("write an SMS and send it", async () => {
    const tried = await tryOut("payment-to-sms", sampleOf("payment-to-sms"));
    expect(named(tried)).toEqual(["Write the SMS: success", "Send the SMS: success"]);
    expect(tried[1]?.requests).toEqual(["POST https://sms.example.org/messages"]);
  });

  it("answer a caller, also one who asks for what is not there", async () => {
    const found = await tryOut("answer-a-caller", sampleOf("answer-a-caller"));
    expect(found.at(-1)?.state).toMatchObject({ webhookResponse: { status: 200 } });
    const lost = await tryOut("answer-a-caller", { facility: "nowhere" });
    expect(lost.at(-1)?.state).toMatchObject({ webhookResponse: { status: 404 } });
  });

  it("remember each item of a list, and send each one", async () => {
    const tried = await tryOut("each-of-a-list", sampleOf("each-of-a-list"));
    expect(named(tried)).toEqual(["Remember the visits: success", "Send each visit: success"]);
    expect(tried[0]?.requests.length).toBe(2);
    expect(tried[1]?.logs).toContain("Sent 2 visits.");
    expect(tried[1]?.requests).toEqual(Array(2).fill("POST https://registry.example.org/visits"));
  });
});
