import type { Page } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { expectWell } from "./support/looked-at";
import { register } from "./support/people";
import { createProject, postJson, send, workflowNamed } from "./support/projects";
import { expect, test } from "./support/test";

/** High enough that nothing of the panel lies under the page's head or a list of completions. */
const height = 2_400;
test.use({ viewport: { width: 1_440, height } });

const code = (page: Page) => page.getByRole("textbox", { name: /^Code of / });
const offered = (page: Page) => page.getByRole("listbox", { name: "Completions" });
const offer = (page: Page, name: string) => offered(page).getByRole("option", { name }).first();

/** Opens the job of the sample's Payment workflow, tried on a message that came in. */
async function openPayment(page: Page, isPhone = false) {
  await register(page.request);
  const made = await createProject(page.request, "sample");
  const projectId = made.project.id;
  const messageId = await send(page.request, projectId, {
    form: "home-visit",
    patient: { id: "P-1", name: "Amina", "post code": "1010" },
    payment: { amount: 5 },
  });
  const workflow = await workflowNamed(page.request, made, "Payment");
  const job = workflow.graph.jobs.find(({ name }) => name === "Payment");
  const path = `/p/${projectId}/workflows/${workflow.id}/edit`;
  await page.goto(`${path}?node=${job?.id}&message=${messageId}`);
  const details = page.getByRole("tab", { name: "Details" });
  if (isPhone) await details.click();
  await expect(code(page)).toBeVisible();
}

/** Puts the cursor behind the last character. */
async function toEnd(page: Page) {
  await code(page).click();
  await page.keyboard.press("Control+End");
}

test("code is written with what is known of the adaptor, the message and the compiler", async ({ page }) => {
  await openPayment(page);

  await toEnd(page);
  await page.keyboard.type("\nge");
  const get = offered(page).getByRole("option", { name: /^get/ });
  // What the adaptor has may still be on its way.
  await expect(async () => {
    await page.keyboard.press("Control+Space");
    await expect(get).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expect(page.getByText("Make a GET request")).toBeVisible();
  // As the adaptor's author shows it.
  await expect(page.getByText("GET request with query parameters and custom headers")).toBeVisible();
  await expectAccessible(page);
  // The list may have closed meanwhile, or what came above the code have moved its end off the screen.
  await expect(async () => {
    if (await get.isVisible()) await page.keyboard.press("Escape");
    // Where the cursor is at the end already, nothing is scrolled.
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("Control+End");
    await page.keyboard.press("Control+Space");
    await expect(get).toBeVisible();
    await get.click({ timeout: 5_000 });
  }).toPass();
  await expect(code(page)).toContainText('get("path")');
  await page.keyboard.type("/patients/");
  await expect(code(page)).toContainText('get("/patients/")');

  await toEnd(page);
  await page.keyboard.type("\nfn(s => s.data.patient.");
  await expect(offer(page, "name")).toContainText("Amina");
  await offer(page, '["post code"]').click();
  await expect(code(page)).toContainText('s.data.patient["post code"]');

  await toEnd(page);
  await page.keyboard.type("\ngett('/a');");
  await expect(page.getByText("gett is not defined. Did you mean get?")).toBeVisible();

  await page.keyboard.press("Control+a");
  await page.keyboard.type("fn(state => {{}\nretrun state;\n");
  const place = page.getByRole("button", { name: /^Line 2, column \d+$/ });
  await expect(place).toBeVisible();
  await page.getByRole("button", { name: "Format" }).click();
  await expect(page.getByText(/^Not formatted\. Line 2, column \d+: /)).toBeVisible();
  await expectAccessible(page);
  await place.click();
  await expect(code(page)).toBeFocused();

  await page.keyboard.press("Control+a");
  await page.keyboard.insertText("fn(state=>{\nreturn {...state,a:1}})");
  await expect(place).toBeHidden();
  await page.keyboard.press("Shift+Alt+f");
  await expect(code(page)).toContainText("  return { ...state, a: 1 };");

  await page.keyboard.press("Control+f");
  await expect(page.getByRole("textbox", { name: "Find" })).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(code(page)).toBeFocused();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await expect(code(page)).not.toBeFocused();
});

test("an adaptor, its version and a new credential are chosen in place", async ({ page }) => {
  await openPayment(page);
  await expect(page.getByText(/^Pinned to \d+\.\d+\.\d+ since it was saved/)).toBeVisible();

  await page.getByRole("button", { name: "Adaptor: @openfn/language-http" }).click();
  const adaptors = page.getByRole("dialog", { name: "Choose an adaptor" });
  await adaptors.getByRole("searchbox").fill("comm");
  await expect(adaptors.getByRole("button", { name: /^@openfn\/language-common/ })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Adaptor: @openfn/language-common" })).toBeVisible();
  await expect(page.getByText(/^Pinned to \d+\.\d+\.\d+ when it is saved/)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/^post is not defined/)).toBeVisible();

  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("button", { name: "Adaptor: @openfn/language-http" })).toBeVisible();
  await page.getByRole("combobox", { name: "Version" }).click();
  await expect(page.getByRole("option", { name: "Newest when saved" })).toBeVisible();
  await expectWell(page);
  await page.keyboard.press("Escape");

  const credential = page.getByRole("combobox", { name: "Credential" });
  await credential.click();
  await expectWell(page);
  await page.getByRole("option", { name: "None: it signs in nowhere" }).click();
  await page.getByRole("button", { name: "New credential" }).click();
  const form = page.getByRole("dialog", { name: "New credential" });
  await expect(form.getByRole("combobox", { name: "Adaptor" })).toContainText("@openfn/language-http");
  await form.getByLabel("Name", { exact: true }).fill("Registry of the district");
  await form.getByLabel(/^Base URL/i).fill("https://registry.example.org");
  await form.getByLabel("Hosts that it may be sent to").fill("registry.example.org");
  await expectAccessible(page);
  await form.getByRole("button", { name: "Save credential" }).click();
  await expect(credential).toContainText("Registry of the district (yours)");
  await expect(page.getByText("It may be sent to registry.example.org only")).toBeVisible();
});

test("what is one's own, and not of the project yet, is shared with it where a job needs it", async ({
  page,
}) => {
  await register(page.request);
  await postJson(page.request, "/api/account/credentials", {
    ...{ name: "Registry of mine", schema: "raw", body: { baseUrl: "https://registry.example.org" } },
  });
  const made = await createProject(page.request, "sample");
  const { id, graph } = await workflowNamed(page.request, made, "Payment");
  await page.goto(`/p/${made.project.id}/workflows/${id}/edit?node=${graph.jobs[0]?.id}`);
  await page.getByRole("button", { name: "Use one of yours in this project" }).click();
  await page.getByRole("menuitem", { name: "Registry of mine" }).click();
  const credential = page.getByRole("combobox", { name: "Credential" });
  await expect(credential).toContainText("Registry of mine (yours)", { timeout: 30_000 });
  await expect(page.getByRole("button", { name: "Use one of yours in this project" })).toHaveCount(0);
});

test("everything fits a phone, in the dark", async ({ page }) => {
  await page.setViewportSize({ width: 390, height });
  await page.emulateMedia({ colorScheme: "dark" });
  await openPayment(page, true);
  await page.getByRole("checkbox", { name: "Try it again by itself when it fails" }).click();
  await expect(page.getByLabel("Attempts, with the first")).toHaveValue("3");
  await expect(page.getByText(/So: up to 3 attempts/)).toBeVisible();
  await expectWell(page);
  await toEnd(page);
  await page.keyboard.type("\nge");
  await expect(offered(page)).toBeVisible();
  await expectWell(page);
  await page.keyboard.press("Escape");
  await expect(async () => {
    await page.mouse.move(0, 0);
    await code(page).getByText("post", { exact: true }).first().hover();
    const shown = page.getByRole("status").filter({ hasText: "Make a POST request" });
    await expect(shown).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expectWell(page);
  await page.getByRole("button", { name: "Use an entry of the library" }).click();
  await expect(page.getByRole("dialog", { name: "Use an entry of the library" })).toBeVisible();
  await expectWell(page);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Use an entry of the library" })).toBeFocused();
});
