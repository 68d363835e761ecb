import { randomUUID } from "node:crypto";
import type { Browser, Page } from "@playwright/test";
import type { WorkflowDetail } from "@/lib/domain/workflow/get";
import { expectAccessible } from "./support/accessible";
import { expectWell } from "./support/looked-at";
import { register } from "./support/people";
import { createProject, getJson, postJson } from "./support/projects";
import { expect, otherBrowser, test } from "./support/test";

const adaptor = "@openfn/language-common@latest";

/** A workflow of two jobs, all of it off. */
async function makeWorkflow(page: Page, projectId: string) {
  const [trigger, a, b] = [randomUUID(), randomUUID(), randomUUID()];
  const jobs = [
    { id: a, name: "First", body: "fn(state => state);\n", adaptor },
    { id: b, name: "Second", body: "fn(state => state);\n", adaptor },
  ];
  const { id } = await postJson<{ id: string }>(page.request, `/api/projects/${projectId}/workflows`, {
    name: "Visit",
    triggers: [{ id: trigger, type: "webhook", enabled: false }],
    jobs,
    edges: [
      { id: randomUUID(), sourceTriggerId: trigger, targetJobId: a, conditionType: "always" },
      { id: randomUUID(), sourceJobId: a, targetJobId: b, conditionType: "on_job_success" },
    ],
  });
  return { id, a, b };
}

async function invite(page: Page, browser: Browser, projectId: string): Promise<Page> {
  const guest = await otherBrowser(browser);
  const { email } = await register(guest.request, "Grace Hopper");
  const { link } = await postJson<{ link: string }>(page.request, `/api/projects/${projectId}/invitations`, {
    email,
    role: "editor",
  });
  await guest.goto(new URL(link).pathname);
  await guest.getByRole("button", { name: "Accept" }).click();
  await expect(guest).toHaveURL(new RegExp(`/p/${projectId}/inbox`));
  return guest;
}

const saved = (page: Page) => expect(page.getByText(/Saved as your draft/)).toBeVisible({ timeout: 30_000 });
const nameOf = (page: Page, jobId: string) => page.locator(`[id="field-${jobId}-name"]`);

async function promote(page: Page, note: string): Promise<void> {
  await page.getByRole("button", { name: "Save as a version…" }).click();
  const dialog = page.getByRole("dialog", { name: "Save as a version" });
  await dialog.getByLabel("Note").fill(note);
  await dialog.getByRole("button", { name: "Save as a version" }).click();
  await expect(dialog).toHaveCount(0, { timeout: 30_000 });
}

test("two people edit the same workflow: both see it, nothing is lost, and a version is rolled back in one act", async ({
  page,
  browser,
}) => {
  test.setTimeout(240_000);
  await register(page.request);
  const { project } = await createProject(page.request);
  const { id, a, b } = await makeWorkflow(page, project.id);
  const guest = await invite(page, browser, project.id);
  const path = `/p/${project.id}/workflows/${id}`;
  const api = `/api/projects/${project.id}/workflows/${id}`;
  const graph = async () => (await getJson<WorkflowDetail>(page.request, api)).graph;

  await page.goto(`${path}/edit?node=${a}`);
  await nameOf(page, a).fill("First, by Ada");
  await saved(page);
  await guest.goto(`${path}/edit?node=${a}`);
  await expect(guest.getByText("Ada Lovelace has a draft of this workflow, too.")).toBeVisible();
  await nameOf(guest, a).fill("First, by Grace");
  await saved(guest);
  await guest.goto(`${path}/edit?node=${b}`);
  await nameOf(guest, b).fill("Second, by Grace");
  await saved(guest);
  await expect(page.getByText("Grace Hopper has a draft of this workflow, too.")).toBeVisible();

  await guest.getByRole("button", { name: "Save as a version…" }).click();
  const dialog = guest.getByRole("dialog", { name: "Save as a version" });
  await expect(dialog.getByText("Second, by Grace").first()).toBeVisible();
  await expectAccessible(guest);
  await guest.keyboard.press("Escape");
  await promote(guest, "Clearer names");
  await expect(guest.getByText("Version 2 is saved and counts from now on.")).toBeVisible();
  expect((await graph()).jobs.map(({ name }) => name)).toEqual(["First, by Grace", "Second, by Grace"]);

  const banner = page.getByRole("region", { name: "Saved by somebody else" });
  await expect(banner).toContainText("saved version 2");
  await expect(banner).toContainText("Clearer names");
  await expectAccessible(page);
  await banner.getByRole("button", { name: /take it over/ }).click();
  const merge = page.getByRole("dialog", { name: "Take over what was saved meanwhile" });
  await expect(merge.getByText("Second, by Grace").first()).toBeVisible();
  await expect(merge.getByRole("button", { name: "Choose 1 more" })).toBeDisabled();
  await expectAccessible(page);
  await merge.getByRole("radio", { name: /^Mine/ }).click();
  await merge.getByRole("button", { name: "Take it over" }).click();
  await expect(banner).toHaveCount(0);
  await expect(page.getByText("Saved as your draft, from version 2")).toBeVisible({ timeout: 30_000 });
  await promote(page, "Mine on top");
  await expect(page.getByText("Version 3 is saved and counts from now on.")).toBeVisible();
  expect((await graph()).jobs.map(({ name }) => name)).toEqual(["First, by Ada", "Second, by Grace"]);

  await page.getByRole("button", { name: "Roll back to version 2" }).click();
  await expect(page.getByText(/Rolled back/)).toBeVisible();
  expect((await graph()).jobs.map(({ name }) => name)).toEqual(["First, by Grace", "Second, by Grace"]);
  await page.goto(`${path}/versions`);
  await expect(page.getByText("Mine on top")).toBeVisible();
  await expect(page.getByText("Clearer names")).toBeVisible();
});

test("what one window saves of a draft is in the other at once, and what is typed there meanwhile is kept", async ({
  page,
}) => {
  test.slow();
  await register(page.request);
  const { project } = await createProject(page.request);
  const { id, a, b } = await makeWorkflow(page, project.id);
  const path = `/p/${project.id}/workflows/${id}/edit`;
  const second = await page.context().newPage();
  await page.goto(`${path}?node=${a}`);
  await second.goto(`${path}?node=${a}`);
  await expect(nameOf(second, a)).toHaveValue("First");

  await nameOf(page, a).fill("First, here");
  await saved(page);
  // The other window is in the background and was not touched.
  await expect(nameOf(second, a)).toHaveValue("First, here", { timeout: 30_000 });
  await expect(second.getByText(/Saved as your draft/)).toBeVisible();

  await second.goto(`${path}?node=${b}`);
  await nameOf(second, b).fill("Second, there");
  await nameOf(page, a).fill("First, here again");
  for (const one of [page, second]) await saved(one);
  await expect
    .poll(
      async () => {
        const { draft } = await getJson<{ draft: { graph: WorkflowDetail["graph"] } | null }>(
          page.request,
          `/api/projects/${project.id}/workflows/${id}/draft`,
        );
        return draft?.graph.jobs.map(({ name }) => name);
      },
      { timeout: 30_000 },
    )
    .toEqual(["First, here again", "Second, there"]);
  await page.goto(`${path}?node=${b}`);
  await expect(nameOf(page, b)).toHaveValue("Second, there");
});

test("one person changes the same in two windows, and is asked which counts, on a phone in the dark", async ({
  page,
  context,
}) => {
  await register(page.request);
  const { project } = await createProject(page.request);
  const { id, a } = await makeWorkflow(page, project.id);
  const path = `/p/${project.id}/workflows/${id}/edit?node=${a}`;
  await page.goto(path);
  await nameOf(page, a).fill("Here");
  await saved(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: "dark" });
  // What is changed here arrives after what the other window saved.
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route("**/draft", async (route) => {
    if (route.request().method() === "PUT") await held;
    await route.continue();
  });
  const sent = page.waitForRequest((request) => request.method() === "PUT");
  await nameOf(page, a).fill("Here again");
  await sent;
  const other = await context.newPage();
  await other.goto(path);
  await nameOf(other, a).fill("There");
  await saved(other);
  letGo();
  const asks = page.getByRole("alertdialog", { name: "You changed the same in another window" });
  await expect(asks).toBeVisible({ timeout: 60_000 });
  await expectWell(page);
  await asks.getByRole("button", { name: "Keep what is here" }).click();
  await saved(page);
  await expect(nameOf(page, a)).toHaveValue("Here again");
});
