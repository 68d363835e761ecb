import type { Page } from "@playwright/test";
import { register } from "./support/people";
import { createProject, getJson } from "./support/projects";
import { expect, otherBrowser, test } from "./support/test";

/** Holds back the page's scripts until somebody has used what the server rendered. */
async function holdScripts(page: Page): Promise<() => void> {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route(/\/_next\/static\/.*\.js/, async (route) => {
    await held;
    await route.continue();
  });
  return letGo;
}

test("what is typed and chosen before a page listens counts", async ({ page }) => {
  await register(page.request);
  const letGo = await holdScripts(page);
  await page.goto("/projects/new", { waitUntil: "commit" });
  await page.getByLabel("Name", { exact: true }).fill("clinic-of-the-river");
  await page.getByRole("radio", { name: /^Empty/ }).check();
  await expect(page.getByRole("button", { name: "Create project" })).toBeDisabled();
  letGo();
  await page.getByRole("button", { name: "Create project" }).click();
  await expect(page).toHaveURL(/\/p\/[0-9a-f-]{36}/);
  const [, id] = /\/p\/([0-9a-f-]{36})/.exec(page.url()) ?? [];
  const project = await getJson<{ name: string }>(page.request, `/api/projects/${id}`);
  expect(project.name).toBe("clinic-of-the-river");
  const { items } = await getJson<{ items: unknown[] }>(page.request, `/api/projects/${id}/workflows`);
  expect(items).toEqual([]);
});

test("no form is sent before the page listens: what is typed would stand in an address", async ({
  browser,
}) => {
  const page = await otherBrowser(browser);
  const letGo = await holdScripts(page);
  await page.goto("/sign-in", { waitUntil: "commit" });
  await page.getByLabel("E-mail").fill("ada@example.org");
  await page.getByLabel("Password").fill("typed at once");
  await page.keyboard.press("Enter");
  letGo();
  await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeEnabled();
  expect(page.url()).not.toContain("typed");
  const sent = page.waitForRequest((request) => request.method() === "POST");
  await page.keyboard.press("Enter");
  expect((await sent).postData()).toContain("ada%40example.org");
});

test("an editor's field is there when it can be filled, and what is filled in at once is saved", async ({
  page,
}) => {
  await register(page.request);
  const { project } = await createProject(page.request, "sample");
  const api = `/api/projects/${project.id}/workflows`;
  const { items } = await getJson<{ items: { id: string }[] }>(page.request, api);
  const { graph } = await getJson<{ graph: { jobs: { id: string }[] } }>(
    page.request,
    `${api}/${items[0]?.id}`,
  );
  const letGo = await holdScripts(page);
  await page.goto(`/p/${project.id}/workflows/${items[0]?.id}/edit?node=${graph.jobs[0]?.id}`, {
    waitUntil: "commit",
  });
  const name = page.locator(`[id="field-${graph.jobs[0]?.id}-name"]`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(name).toHaveCount(0);
  letGo();
  await name.fill("Named at once");
  await expect(page.getByText(/Saved as your draft/)).toBeVisible({ timeout: 30_000 });
  await expect(name).toHaveValue("Named at once");
});

test("what is pressed before its code is there is answered at once, and opens when it is", async ({
  page,
}) => {
  await register(page.request);
  const { project } = await createProject(page.request, "sample");
  await page.goto(`/p/${project.id}/inbox`);
  await page.waitForLoadState("networkidle");
  const letMenuGo = await holdScripts(page);
  const account = page.getByRole("button", { name: "Your account" });
  await account.press("Enter");
  await expect(account).toHaveAttribute("aria-busy", "true");
  await expect(account).toBeFocused();
  letMenuGo();
  await expect(page.getByRole("menuitem", { name: "Account and tokens" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(account).toBeFocused();

  const letDialogGo = await holdScripts(page);
  await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
  await expect(page.getByText("One moment…")).toBeAttached();
  letDialogGo();
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
  await page.keyboard.press("Escape");

  const letListGo = await holdScripts(page);
  const state = page.getByRole("combobox", { name: "State" });
  await state.press("ArrowDown");
  await expect(state).toHaveAttribute("aria-busy", "true");
  letListGo();
  await page.getByRole("option", { name: "No trigger matched" }).click();
  await expect(page).toHaveURL(/state=unmatched/);
  await expect(state).toHaveText("No trigger matched");
  await expect(state).toBeFocused();
});
