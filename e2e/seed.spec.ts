import fs from "node:fs";
import path from "node:path";
import type { APIRequestContext } from "@playwright/test";
import { jobStatesOf, stateIn, timelineOf } from "./support/inbox";
import { register } from "./support/people";
import {
  getJson,
  importProject,
  inboxOf,
  newProjectName,
  receiptOf,
  send,
  settled,
  statesOf,
  workflowNamed,
} from "./support/projects";
import { expect, test } from "./support/test";
import { homeVisit, paymentTo, projectOf, referral } from "./support/yaml";

const fixture = (file: string) => path.join(import.meta.dirname, "fixtures", file);
const jobFiles = [fixture("jobs/my-fancy-script.js"), fixture("jobs/notify-failure.js")];

/** Presses "rerun" by API once the ten seconds since the job's last start are over, as the refusal says. */
async function rerunJob(request: APIRequestContext, messagePath: string, jobId: string) {
  const again = () => request.post(`${messagePath}/rerun`, { data: { jobId } });
  const first = await again();
  if (first.status() === 201) return;
  expect(first.status()).toBe(409);
  const seconds = Number(first.headers()["retry-after"]);
  expect(seconds).toBeLessThanOrEqual(10);
  expect((await first.json()).error.message).toContain(`try again in ${seconds} s`);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  expect((await again()).status()).toBe(201);
}

test("referral succeeds, payment fails and succeeds when rerun: two states, three runs", async ({
  page,
  destination,
}) => {
  const person = await register(page.request);
  destination.break();
  const project = await importProject(page.request, projectOf(referral, paymentTo(destination.url)));
  const projectId = project.project.id;
  const messageId = await send(page.request, projectId, homeVisit);
  const before = await settled(page.request, projectId, messageId);
  expect(statesOf(before)).toEqual({ Referral: "success", Payment: "failure" });
  expect(before.workOrders.flatMap((order) => order.runs)).toHaveLength(2);

  destination.repair();
  const messagePath = `/api/projects/${projectId}/messages/${messageId}`;
  const payment = before.jobStates.find((state) => state.jobName === "Payment");
  await rerunJob(page.request, messagePath, payment?.jobId ?? "");
  const tooSoon = await page.request.post(`${messagePath}/rerun`, { data: { jobId: payment?.jobId } });
  expect(tooSoon.status()).toBe(409);
  const after = await settled(page.request, projectId, messageId);
  expect(statesOf(after)).toEqual({ Referral: "success", Payment: "success" });
  const runsOf = (workflow: string) =>
    after.workOrders.find((order) => order.workflowName === workflow)?.runs ?? [];
  expect(runsOf("Referral").map((run) => run.state)).toEqual(["success"]);
  expect(runsOf("Payment").map((run) => run.state)).toEqual(["failed", "success"]);
  expect(runsOf("Payment").map((run) => run.createdBy)).toEqual([null, person.email]);
  expect(destination.accepted).toEqual([homeVisit.patient]);

  const { items } = await inboxOf(page.request, projectId);
  expect(items.map(statesOf)).toEqual([{ Referral: "success", Payment: "success" }]);
  await page.goto(`/p/${projectId}/inbox/${messageId}`);
  const states = jobStatesOf(page);
  await expect(states.getByRole("listitem")).toHaveCount(2);
  await expect(stateIn(states, "Referral", "success")).toBeVisible();
  await expect(stateIn(states, "Payment", "success")).toBeVisible();
  await expect(timelineOf(page).getByRole("link", { name: /^Run \d$/ })).toHaveCount(3);
});

/** Sends to the seed project's webhook; returns the jobs that ran, in order, with the state of each. */
async function jobsAfter(request: APIRequestContext, projectId: string, triggerId: string) {
  const messageId = await send(request, projectId, { resourceType: "Patient" }, triggerId);
  const { workOrders } = await settled(request, projectId, messageId);
  const steps = workOrders.flatMap((order) => order.runs).flatMap((run) => run.steps);
  return { messageId, ran: steps.map((step) => `${step.jobName}: ${step.exitReason}`) };
}

test("the seed's OpenHIE project imports through the page, and a message takes its success branch", async ({
  page,
}) => {
  await register(page.request);
  await page.goto("/projects/new?from=yaml");
  await page.getByLabel("Choose a file").setInputFiles(fixture("seed-project.yaml"));
  await page.getByLabel("Add job files").setInputFiles(jobFiles);
  await expect(page.getByRole("list", { name: "Job files" }).getByRole("listitem")).toHaveCount(2);
  await page.getByLabel("Name (optional)").fill(newProjectName());
  await page.getByRole("button", { name: "Create project" }).click();
  // The file names a credential that its importer does not have.
  await expect(page.getByText('You have no credential called "HAPI FHIR".')).toBeVisible();
  await page.getByRole("link", { name: "Open the project" }).click();
  await expect(page).toHaveURL(/\/p\/[0-9a-f-]{36}\/workflows$/);
  const projectId = page.url().split("/")[4] ?? "";
  const { items } = await getJson<{ items: { id: string; name: string }[] }>(
    page.request,
    `/api/projects/${projectId}/workflows`,
  );
  expect(items.map((workflow) => workflow.name)).toEqual(["OpenHIE Workflow"]);
  const imported = { project: { id: projectId }, workflows: items };
  const { graph } = await workflowNamed(page.request, imported, "OpenHIE Workflow");

  const { messageId, ran } = await jobsAfter(page.request, projectId, graph.triggers[0]?.id ?? "");
  expect(ran).toEqual([
    "FHIR-standard-Data-with-change: success",
    "Send-to-OpenHIM-to-route-to-SHR: success",
    "Notify-CHW-upload-successful: success",
  ]);
  await page.goto(`/p/${projectId}/inbox/${messageId}`);
  await page
    .getByRole("button", { name: /^Send-to-OpenHIM-to-route-to-SHR success/ })
    .first()
    .click();
  await expect(page.getByText("hello github integration")).toBeVisible();
});

test("the seed's OpenHIE project tells of a failed upload over its failure branch", async ({ page }) => {
  await register(page.request);
  const yaml = fs
    .readFileSync(fixture("seed-project.yaml"), "utf8")
    .replace(/return state$/m, 'throw new Error("The SHR is closed")');
  const files = Object.fromEntries(
    jobFiles.map((file) => [`jobs/${path.basename(file)}`, fs.readFileSync(file, "utf8")]),
  );
  const imported = await importProject(page.request, yaml, files);
  const projectId = imported.project.id;
  const { graph } = await workflowNamed(page.request, imported, "OpenHIE Workflow");
  const { messageId, ran } = await jobsAfter(page.request, projectId, graph.triggers[0]?.id ?? "");
  expect(ran).toEqual([
    "FHIR-standard-Data-with-change: success",
    "Send-to-OpenHIM-to-route-to-SHR: fail",
    "Notify-CHW-upload-failed: success",
  ]);
  const { workOrders } = await receiptOf(page.request, projectId, messageId);
  const told = workOrders[0]?.runs[0]?.steps[2];
  const logs = await getJson<{ items: { message: string }[] }>(
    page.request,
    `/api/projects/${projectId}/steps/${told?.id}/logs`,
  );
  expect(logs.items.map((line) => line.message).join("\n")).toContain("The upload failed: The SHR is closed");
});
