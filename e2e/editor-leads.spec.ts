import { randomUUID } from "node:crypto";
import type { APIRequestContext, Page } from "@playwright/test";
import type { WorkflowDetail } from "@/lib/domain/workflow/get";
import { toDraft } from "@/lib/editor/graph";
import { expectWell } from "./support/looked-at";
import { register } from "./support/people";
import { createProject, getJson, postJson, workflowNamed } from "./support/projects";
import { expect, test } from "./support/test";

const patience = { timeout: 60_000 };
const details = (page: Page) => page.getByRole("region", { name: "Details", exact: true });
const saved = (page: Page) => expect(page.getByText(/^Saved as your draft/)).toBeVisible(patience);

type Place = { projectId: string; workflow: WorkflowDetail; api: string; path: string };

/** The sample's Payment workflow, of somebody new. */
async function payment(request: APIRequestContext): Promise<Place> {
  await register(request);
  const made = await createProject(request, "sample");
  const workflow = await workflowNamed(request, made, "Payment");
  const projectId = made.project.id;
  const path = `/p/${projectId}/workflows/${workflow.id}/edit`;
  return { projectId, workflow, path, api: `/api/projects/${projectId}/workflows/${workflow.id}` };
}

/** A draft whose first job has other code. */
async function draftWith(request: APIRequestContext, { api, workflow }: Place, body: string): Promise<void> {
  const { jobs, ...draft } = toDraft(workflow.graph);
  const graph = { ...draft, jobs: jobs.map((job, at) => (at === 0 ? { ...job, body } : job)) };
  const response = await request.put(`${api}/draft`, {
    data: { revision: null, baseVersion: workflow.lockVersion, graph },
  });
  expect(response.ok(), await response.text()).toBe(true);
}

test("what keeps a draft from being saved leads to its field, and the note that was written stays", async ({
  page,
}) => {
  const place = await payment(page.request);
  await draftWith(page.request, place, "fn(state => state);\nretrun state;\n");
  await page.goto(place.path);
  const open = page.getByRole("button", { name: "Save as a version…" });
  const dialog = page.getByRole("dialog", { name: "Save as a version" });
  const note = dialog.getByLabel("Note");
  await open.click();
  await expect(dialog.getByText("This keeps it from being saved")).toBeVisible(patience);
  await expect(dialog.getByRole("button", { name: "Save as a version" })).toBeDisabled();
  await expectWell(page);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(open).toBeFocused();

  await open.click();
  await note.fill("Returns the state");
  await dialog.getByRole("button", { name: "Go to it: Payment" }).click();
  await expect(dialog).toBeHidden();
  const code = page.getByRole("textbox", { name: "Code of Payment" });
  await expect(code).toBeFocused(patience);
  await expect(details(page).locator(".cm-activeLine")).toContainText("retrun state;");
  await saved(page);
  await page.reload();
  await page.keyboard.press("Escape");
  await code.click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText("fn(state => state);\n");
  await open.click();
  await expect(note).toHaveValue("Returns the state", patience);
  await dialog.getByRole("button", { name: "Save as a version" }).click();
  await expect(page.getByText("Version 2 is saved and counts from now on.")).toBeVisible(patience);
  await expect(page.getByRole("region", { name: "Saved", exact: true }).locator(":focus")).toHaveCount(1);
  const { workflow } = await getJson<{ workflow: object }>(page.request, `${place.api}/draft`);
  expect(workflow).toMatchObject({ lockVersion: 2, note: "Returns the state" });
});

test("the list of problems leads to a field, and opens for whoever comes from where one was refused", async ({
  page,
}) => {
  const place = await payment(page.request);
  await page.goto(`${place.path}?node=${place.workflow.graph.jobs[0]?.id}`);
  const problems = page.getByRole("button", { name: /^\d+ problems?$/ });
  // The page listens a moment after it is shown.
  await expect(async () => {
    for (const name of ["Payments", ""]) await details(page).getByLabel("Name", { exact: true }).fill(name);
    await expect(problems).toBeVisible({ timeout: 2000 });
  }).toPass();
  await problems.click();
  await page
    .getByRole("button", { name: /^Go to it: / })
    .first()
    .click();
  await expect(details(page).getByLabel("Name", { exact: true })).toBeFocused();
  await saved(page);
  await page.goto(`${place.path}?problem=1`);
  const list = page.getByRole("dialog", { name: "1 problem" });
  await expect(list).toBeVisible(patience);
  await expectWell(page);
  await list.getByRole("button", { name: /^Go to it: / }).click();
  await expect(details(page).getByLabel("Name", { exact: true })).toBeFocused(patience);
});

test("a receipt leads to the test that its message was made for, on a phone too", async ({ page }) => {
  const place = await payment(page.request);
  await draftWith(page.request, place, "fn(state => state);\n");
  const opened = await page.request.put(`${place.api}/draft/test`, { data: { isOpen: true } });
  const { path } = await opened.json();
  const sent = await page.request.post(path, { data: { form: "home-visit", patient: { id: "P-9" } } });
  const messageId = sent.headers()["x-meta-message-id"];
  const tests = async () =>
    (await getJson<{ items: { state: string }[] }>(page.request, `${place.api}/draft/tests`)).items;
  await expect.poll(async () => (await tests())[0]?.state, patience).toBe("success");
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 844 });
    await page.goto(`/p/${place.projectId}/inbox/${messageId}`);
    await page.getByRole("link", { name: "Open the test" }).click();
    const result = page.getByRole("region", { name: "Result of the test" });
    await expect(result.getByRole("status").first()).toContainText("success", patience);
    await expect(result.locator(":focus")).toHaveCount(1);
    await expect(page.getByText(`Message ${messageId?.slice(-8)}`).first()).toBeVisible();
    await expectWell(page);
  }
});

test("a webhook leads to the draft's test URL", async ({ page }) => {
  await register(page.request);
  const { project } = await createProject(page.request);
  const trigger = { id: randomUUID(), type: "webhook", enabled: false };
  const { id } = await postJson<{ id: string }>(page.request, `/api/projects/${project.id}/workflows`, {
    ...{ name: "Visit", triggers: [trigger], jobs: [], edges: [] },
  });
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 844 });
    await page.goto(`/p/${project.id}/workflows/${id}/edit?node=${trigger.id}`);
    await page.getByRole("button", { name: "Show the test URL" }).click();
    const open = page.getByRole("button", { name: "Open it for 24 hours" });
    await expect(open).toBeFocused(patience);
    await expect(open).toBeInViewport();
    await expectWell(page);
  }
});

test("an address leads to a node of a graph that is larger than the picture", async ({ page }) => {
  await register(page.request);
  const { project } = await createProject(page.request);
  const trigger = { id: randomUUID(), type: "webhook", enabled: false };
  const jobs = Array.from({ length: 80 }, (_, at) => ({
    ...{ id: randomUUID(), name: `Job ${at}`, body: "fn(state => state);\n" },
    adaptor: "@openfn/language-common@latest",
  }));
  const edges = jobs.map((job, at) => ({
    ...{ id: randomUUID(), targetJobId: job.id },
    ...(at === 0
      ? { sourceTriggerId: trigger.id, conditionType: "always" }
      : { sourceJobId: jobs[at - 1]?.id, conditionType: "on_job_success" }),
  }));
  const { id } = await postJson<{ id: string }>(page.request, `/api/projects/${project.id}/workflows`, {
    ...{ name: "Long", triggers: [trigger], jobs, edges },
  });
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`/p/${project.id}/workflows/${id}/edit?node=${jobs[70]?.id}`);
  const node = page.locator(`.react-flow__node[data-id="${jobs[70]?.id}"]`);
  await expect(node).toBeInViewport(patience);
  const zoom = async () => ((await node.boundingBox())?.width ?? 0) / 208;
  await expect.poll(zoom).toBeGreaterThanOrEqual(0.6);
});
