import { type APIRequestContext, type Page, test as plain } from "@playwright/test";
import { register, signIn } from "./support/people";
import { createProject, receiptOf, send, settled, workflowNamed } from "./support/projects";
import { expect, test } from "./support/test";

/** `test` itself fails on whatever the browser refuses; here are the parts that bring styles and scripts of their own. */

/** A project with a message that was handled. */
async function furnish(request: APIRequestContext) {
  const sample = await createProject(request, "sample");
  const form = { form: "home-visit", patient: { id: "P-1", name: "Amina" }, payment: { amount: -1 } };
  const messageId = await send(request, sample.project.id, form);
  await settled(request, sample.project.id, messageId);
  const { id } = await workflowNamed(request, sample, "Payment");
  return { at: `/p/${sample.project.id}`, projectId: sample.project.id, messageId, workflowId: id };
}

const styleOf = (page: Page, selector: string, property: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);

test("code, canvas, lists, menus, dialogs, notices and themes look as they should", async ({ page }) => {
  const person = await register(page.request);
  const { at, messageId, workflowId } = await furnish(page.request);
  await page.context().clearCookies();
  await page.goto(`${at}/inbox`);
  await signIn(page, person);
  await expect(page).toHaveURL(`${at}/inbox`);
  await page.goto(`${at}/inbox/${messageId}`);
  await page.getByRole("button", { name: "Edit and resend" }).first().click();
  await expect(page.locator(".cm-editor").first()).toBeVisible();
  // Styles that CodeMirror adds by itself.
  expect(await styleOf(page, ".cm-scroller", "display")).toBe("flex");
  await page.goto(`${at}/workflows/${workflowId}`);
  await expect(page.locator(".react-flow__node").first()).toBeVisible();
  expect(await styleOf(page, ".react-flow__node", "position")).toBe("absolute");
  await page.locator(".react-flow__node").last().click();
  await expect(page.getByRole("region", { name: /^Code of / })).toBeVisible();

  await page.goto(`${at}/collaborators`);
  await page.getByRole("button", { name: "Invite" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  // A dialog locks the page's scrolling with a style element of its own.
  expect(await styleOf(page, "body", "overflow-y")).toBe("hidden");
  await page.getByRole("combobox", { name: "Role" }).click();
  expect(await styleOf(page, "[data-radix-select-viewport]", "scrollbar-width")).toBe("none");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");

  await page.goto("/account");
  await page.getByLabel("Name", { exact: true }).fill("Ada King");
  await page.getByRole("button", { name: "Save" }).first().click();
  await expect(page.locator("[data-toast]")).toBeVisible();
  await page.getByRole("button", { name: "Your account" }).click();
  await expect(page.getByRole("menu")).toBeVisible();
  await page.keyboard.press("Escape");

  await page.goto("/docs/states");
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveClass(/\bdark\b/);
  await page.reload();
  await expect(page.locator("html")).toHaveClass(/\bdark\b/);
});

test("a page that is asked for anew, and one that is walked to, keep their document's nonce", async ({
  page,
}) => {
  await register(page.request);
  const { at } = await furnish(page.request);
  await page.goto(`${at}/inbox`);
  await page.getByRole("link", { name: "Workflows" }).first().click();
  // The inbox has links of this name, too.
  await expect(page.getByRole("heading", { level: 1, name: "Workflows" })).toBeVisible();
  await page.getByRole("link", { name: "Payment" }).first().click();
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  // The page before has nodes, too: one that is pressed there is where its reader goes instead.
  await page.waitForURL(/\/edit/);
  await page.locator(".react-flow__node").last().click();
  await expect(page.locator(".cm-editor").first()).toBeVisible();
  expect(await styleOf(page, ".cm-scroller", "display")).toBe("flex");
  await page.goto("/account");
  await page.getByLabel("Name", { exact: true }).fill("Grace");
  // Saving refreshes the page's data, and with it the layout, under another request's nonce.
  await page.getByRole("button", { name: "Save" }).first().click();
  await expect(page.locator("[data-toast]")).toBeVisible();
  await page.getByRole("button", { name: "New token" }).first().click();
  await expect(page.getByRole("dialog")).toBeVisible();
  expect(await styleOf(page, "body", "overflow-y")).toBe("hidden");
});

test("a script that somebody got into a page does not run", async ({ page, policyOffences }) => {
  const injected = `<script>document.title = "taken"</script><style>body { display: none }</style>
    <script src="data:text/javascript,document.title='taken'"></script><base href="https://example.org/">
    <img src="/nowhere.png" onerror="document.title = 'taken'">`;
  await page.route("/sign-in", async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace("<body>", `<body>${injected}`);
    await route.fulfill({ response, body });
  });
  await page.goto("/sign-in");
  await expect.poll(() => policyOffences.length).toBeGreaterThanOrEqual(5);
  await expect(page).toHaveTitle(/Sign in/);
  expect(await styleOf(page, "body", "display")).not.toBe("none");
  policyOffences.length = 0;
});

test("what a sender sent is downloaded, never shown", async ({ page }) => {
  await register(page.request);
  const { project } = await createProject(page.request);
  const { inboxId } = await (await page.request.get(`/api/projects/${project.id}`)).json();
  const html = "<script>document.title = 'taken'</script>";
  const sent = await page.request.post(`/i/${inboxId}`, {
    data: html,
    headers: { "content-type": "text/html" },
  });
  const id = sent.headers()["x-meta-message-id"] ?? "";
  expect(await receiptOf(page.request, project.id, id)).toBeDefined();
  const body = `/api/projects/${project.id}/messages/${id}/body`;
  await page.goto(`/p/${project.id}/inbox`);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.evaluate((path) => window.location.assign(path), body),
  ]);
  expect(download.suggestedFilename()).toContain(id);
  const answer = await page.request.get(body);
  expect(answer.headers()["content-disposition"]).toMatch(/^attachment/);
  expect(answer.headers()["content-security-policy"]).toMatch(/default-src 'none'.*sandbox/);
});

plain("a page of another site cannot frame ours", async ({ page, baseURL }) => {
  await page.setContent(`<iframe src="${baseURL}/sign-in"></iframe>`);
  await expect.poll(() => page.frames().length).toBe(2);
  await expect(page.frameLocator("iframe").getByLabel("Password")).toHaveCount(0);
});
