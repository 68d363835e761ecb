import type { APIRequestContext, Page } from "@playwright/test";
import type { WorkflowDetail } from "@/lib/domain/workflow/get";
import { toDraft } from "@/lib/editor/graph";
import { expectAccessible } from "./support/accessible";
import { register } from "./support/people";
import { importProject, send, settled, workflowNamed } from "./support/projects";
import { expect, test } from "./support/test";
import { homeVisit, paymentTo, projectOf } from "./support/yaml";

type Place = { projectId: string; workflow: WorkflowDetail; jobId: string; path: string };

/** A project whose one workflow pays by a request to the destination. */
async function payment(request: APIRequestContext, destination: string): Promise<Place> {
  await register(request);
  const made = await importProject(request, projectOf(paymentTo(destination)));
  const workflow = await workflowNamed(request, made, "Payment");
  const jobId = workflow.graph.jobs[0]?.id ?? "";
  const projectId = made.project.id;
  const path = `/p/${projectId}/workflows/${workflow.id}/edit?node=${jobId}`;
  return { projectId, workflow, jobId, path };
}

/** Keeps a draft in which the job has other code. */
async function draftWith(request: APIRequestContext, { projectId, workflow }: Place, body: string) {
  const draft = toDraft(workflow.graph);
  const graph = { ...draft, jobs: draft.jobs.map((job) => ({ ...job, body })) };
  const response = await request.put(`/api/projects/${projectId}/workflows/${workflow.id}/draft`, {
    data: { revision: null, baseVersion: workflow.lockVersion, graph },
  });
  expect(response.ok(), await response.text()).toBe(true);
}

const tryOf = (page: Page) => page.getByRole("region", { name: "Try", exact: true });
const resultOf = (page: Page) => tryOf(page).getByRole("region", { name: "Result of the test" });

test("a job is tried on a message that has just come: recorded nothing is sent, and sent it is", async ({
  page,
  destination,
}) => {
  const place = await payment(page.request, destination.url);
  const host = new URL(destination.url).host;
  const messageId = await send(page.request, place.projectId, homeVisit);
  await settled(page.request, place.projectId, messageId);
  expect(destination.accepted).toHaveLength(1);

  await page.goto(place.path);
  const panel = tryOf(page);
  await expect(panel.getByText(`Message ${messageId.slice(-8)}`)).toBeVisible();
  await expect(panel.getByText("Taken by Message filter")).toBeVisible();
  await panel.getByRole("button", { name: "Test this job" }).click();
  const result = resultOf(page);
  await expect(result.getByRole("status").first()).toContainText("success", { timeout: 60_000 });
  await expect(result.getByRole("status").first()).toContainText("Nothing was sent.");
  await expect(result.getByText(`${destination.url}/payments`)).toBeVisible();
  expect(destination.accepted).toHaveLength(1);
  await expectAccessible(page);

  // What the job began with can be pasted and changed, and what it returned be handed to another one.
  await result.getByRole("tab", { name: "Output" }).click();
  await result.getByRole("button", { name: "Use it as the input" }).click();
  await expect(panel.getByText("Pasted JSON")).toBeVisible();
  await expect(panel.getByRole("textbox", { name: "State as JSON" })).toContainText('"data"');
  await panel.getByRole("button", { name: "Choose another" }).click();
  await panel.getByRole("tab", { name: "Messages" }).click();
  await panel.getByRole("radio", { name: new RegExp(messageId.slice(-8)) }).click();
  await panel.getByRole("button", { name: "Done" }).click();

  await panel.getByRole("radio", { name: /^Send/ }).click();
  await page.keyboard.press("Control+Enter");
  const asks = page.getByRole("alertdialog", { name: "Really send?" });
  await expect(asks).toContainText(`The last recorded test would have sent to ${host}.`);
  await expectAccessible(page);
  expect(destination.accepted).toHaveLength(1);
  await asks.getByRole("button", { name: "Send for real" }).click();
  await expect(result.getByRole("status").first()).toContainText(`It really sent to ${host}.`, {
    timeout: 60_000,
  });
  expect(destination.accepted).toHaveLength(2);

  await panel.getByRole("tab", { name: "Tests" }).click();
  await expect(panel.getByRole("button", { name: /test success/ })).toHaveCount(2);
});

test("a test that fails leads to the line, and a receipt to the tests that its message was used for", async ({
  page,
  destination,
}) => {
  const place = await payment(page.request, destination.url);
  const messageId = await send(page.request, place.projectId, homeVisit);
  await settled(page.request, place.projectId, messageId);
  await draftWith(
    page.request,
    place,
    "fn(state => {\n  const { patient } = state.data;\n  return patient.village.name;\n});\n",
  );

  await page.goto(`${place.path}&message=${messageId}`);
  await tryOf(page).getByRole("button", { name: "Test this job" }).click();
  const result = resultOf(page);
  await expect(result.getByRole("status").first()).toContainText("failed", { timeout: 60_000 });
  await result.getByRole("button", { name: "Go to line 3" }).click();
  const line = page.getByRole("region", { name: "Details" }).locator(".cm-activeLine");
  await expect(line).toContainText("patient.village.name");
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.closest(".cm-editor") !== null))
    .toBe(true);

  await page.goto(`/p/${place.projectId}/inbox/${messageId}`);
  await page.getByRole("link", { name: "Tested by you: 1 test of Payment" }).click();
  await expect(page).toHaveURL(new RegExp(`/workflows/${place.workflow.id}/edit`));
});

test("a replay lists the one message whose output changes, and says when none does", async ({
  page,
  destination,
}) => {
  const place = await payment(page.request, destination.url);
  const other = { ...homeVisit, patient: { id: "P-2", name: "Zanele Nkosi" } };
  const [first, second] = [
    await send(page.request, place.projectId, homeVisit),
    await send(page.request, place.projectId, other),
  ];
  for (const id of [first, second]) await settled(page.request, place.projectId, id);
  expect(destination.accepted).toHaveLength(2);

  const replay = async () => {
    await page.goto(place.path);
    const panel = tryOf(page);
    await panel.getByRole("tab", { name: "Replay" }).click();
    await panel.getByRole("button", { name: "Replay", exact: true }).click();
    return panel;
  };
  const unchanged = await replay();
  await expect(unchanged.getByText("All of 2 messages replayed: none changed.")).toBeVisible({
    timeout: 90_000,
  });

  const stored = place.workflow.graph.jobs[0]?.body ?? "";
  const only = `fn(state => (state.data.patient.id === "P-2" ? { ...state, isLate: true } : state));\n${stored}`;
  const { revision } = await (
    await page.request.get(`/api/projects/${place.projectId}/workflows/${place.workflow.id}/draft`)
  )
    .json()
    .then(({ draft }) => draft);
  const draft = toDraft(place.workflow.graph);
  const graph = { ...draft, jobs: draft.jobs.map((job) => ({ ...job, body: only })) };
  const saved = await page.request.put(
    `/api/projects/${place.projectId}/workflows/${place.workflow.id}/draft`,
    {
      data: { revision, baseVersion: place.workflow.lockVersion, graph },
    },
  );
  expect(saved.ok(), await saved.text()).toBe(true);

  const changed = await replay();
  await expect(changed.getByText("All of 2 messages replayed: 1 message changes.")).toBeVisible({
    timeout: 90_000,
  });
  const list = changed.getByRole("region", { name: "What changes: 1 message" });
  await expect(list.getByRole("listitem").first()).toContainText(`Message ${second.slice(-8)}`);
  await list.getByText("Payment: another output").first().click();
  await expect(list.getByText('"isLate": true')).toBeVisible();
  await expectAccessible(page);
  expect(destination.accepted).toHaveLength(2);
});
