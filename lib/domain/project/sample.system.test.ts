import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalRunner } from "@/lib/runner/host/runner";
import { runStep, stepRequest, testRunner } from "@/lib/runner/testing/local-runner";
import { failingSampleMessage, sampleCredential, sampleFiles, sampleMessage } from "./sample-files";

let runner: LocalRunner;
let office: http.Server;
let port: number;
const paid: unknown[] = [];
let isOpen = true;

beforeAll(async () => {
  office = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (isOpen) paid.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(isOpen ? 200 : 503, { "content-type": "application/json" }).end('{"receipt":7}');
  });
  await new Promise<void>((resolve) => office.listen(0, "127.0.0.1", resolve));
  port = (office.address() as AddressInfo).port;
  runner = await testRunner({ egressAllow: [`127.0.0.1:${port}`] });
});

afterAll(async () => {
  await runner.close();
  office.close();
});

const run = (source: string, state: unknown) => runStep(runner, stepRequest(source, { state }));
const pay = (data: unknown, credential: Record<string, unknown> = sampleCredential.body) =>
  runStep(
    runner,
    stepRequest(sampleFiles["payment.js"], { state: { data }, http: true, configuration: credential }),
  );
const said = (ran: { logs: { message: string }[] }) => ran.logs.map((line) => line.message).join("\n");

describe("the sample's jobs in the sandbox", () => {
  it("refer and pay for the sample message without any network", async () => {
    const referral = await run(sampleFiles["referral.js"], { data: sampleMessage });
    expect(referral).toMatchObject({
      reason: "success",
      state: { data: { referral: { patientId: "P-1042" } } },
    });
    expect(said(referral)).toContain("Referring Amina Odhiambo to Kisumu County Hospital");
    const payment = await pay(sampleMessage);
    expect(payment).toMatchObject({ reason: "success", connections: [] });
    expect(said(payment)).toContain("Paying 350 to Amina Odhiambo");
  });

  it("refuse a negative payment at the line that checks it, and tell the office", async () => {
    const payment = await pay(failingSampleMessage);
    expect(payment).toMatchObject({ reason: "fail", error: { type: "JobError" } });
    expect(payment.error?.message).toContain("above zero, but it is -350");
    expect(payment.error?.position?.source).toContain("throw new Error");
    const office = await run(sampleFiles["tell-the-office.js"], payment.state);
    expect(office.reason).toBe("success");
    expect(said(office)).toContain("Please check by hand the payment for Amina Odhiambo: The amount must be");
  });

  it("fail while the practice destination is closed and succeed when it is open again", async () => {
    expect(await pay(sampleMessage, { ...sampleCredential.body, open: false })).toMatchObject({
      reason: "fail",
      error: { type: "JobError", message: expect.stringContaining("Mobile money is closed") },
    });
    expect(await pay(sampleMessage)).toMatchObject({ reason: "success" });
  });

  it("handle the short form of the inbox's curl line too", async () => {
    const short = { form: "home-visit", patient: { id: "P-1", name: "Ada" } };
    expect(await run(sampleFiles["referral.js"], { data: short })).toMatchObject({ reason: "success" });
    expect(await pay(short)).toMatchObject({
      state: { data: { payment: { patientId: "P-1", amount: 350 } } },
    });
  });

  it("pay to a destination once there is one, fail while it is down and succeed when it is back", async () => {
    const credential = { baseUrl: `http://127.0.0.1:${port}` };
    isOpen = false;
    expect(await pay(sampleMessage, credential)).toMatchObject({
      reason: "fail",
      error: { type: "JobError", adaptorType: "AdaptorError" },
    });
    isOpen = true;
    expect(await pay(sampleMessage, credential)).toMatchObject({ reason: "success" });
    expect(paid).toEqual([{ patientId: "P-1042", amount: 350 }]);
  });
});
