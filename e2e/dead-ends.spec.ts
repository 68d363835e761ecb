import type { Browser, Page } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { openInbox } from "./support/inbox";
import { register } from "./support/people";
import { createProject, postJson, send } from "./support/projects";
import { expect, otherBrowser, test } from "./support/test";

/** An empty place, and the act that it names. */
type Place = {
  path: string;
  act: string | RegExp;
  role?: "button";
  /** Where the link leads: the heading of that page. */
  leads?: string;
  /** Only looking needs it, so viewers have it, too. */
  isForAll?: true;
  /** What viewers are told instead. */
  told?: string | RegExp;
};

const places = (messageId: string): Place[] => [
  { path: "inbox/refused", act: "Inbox", leads: "Inbox", isForAll: true },
  { path: "bulk", act: "Choose messages in the inbox", leads: "Inbox", told: /owners, admins and editors/ },
  { path: "library", act: "Open a job of a workflow", leads: "Workflows", told: /owner, admin or editor/ },
  { path: "notices", act: "Choose what you hear of", leads: "Settings", isForAll: true },
  {
    path: `inbox/${messageId}`,
    act: "Make a workflow for it",
    told: /Owners, admins and editors of the project can change/,
  },
  {
    path: "inbox",
    act: "Switch it on in the settings",
    leads: "Settings",
    told: /owner or admin can switch it on/,
  },
];

async function viewerOf(browser: Browser, page: Page, project: string): Promise<Page> {
  const viewer = await otherBrowser(browser);
  const { email } = await register(viewer.request, "Grace Hopper");
  const invited = await page.request.post(`/api/projects/${project}/invitations`, {
    data: { email, role: "viewer" },
  });
  await viewer.goto(new URL((await invited.json()).link).pathname);
  await viewer.getByRole("button", { name: "Accept" }).click();
  await expect(viewer).toHaveURL(new RegExp(`/p/${project}/inbox`));
  return viewer;
}

test("whatever an empty place names is a link for who may do it, and a sentence for who may not", async ({
  page,
  browser,
}) => {
  test.slow();
  await register(page.request);
  const { project } = await createProject(page.request);
  const messageId = await send(page.request, project.id, { form: "unheard-of" });
  const off = await page.request.patch(`/api/projects/${project.id}`, { data: { inboxEnabled: false } });
  expect(off.ok(), await off.text()).toBe(true);
  const viewer = await viewerOf(browser, page, project.id);
  for (const { path, act, leads, isForAll, told } of places(messageId)) {
    const address = `/p/${project.id}/${path}`;
    await viewer.goto(address);
    const theirs = viewer.getByRole("main").getByRole("link", { name: act });
    if (isForAll) await expect(theirs.first()).toBeVisible();
    if (told) await expect(viewer.getByText(told).first()).toBeVisible();
    if (!isForAll) await expect(theirs).toHaveCount(0);
    await page.goto(address);
    const mine = page.getByRole("main").getByRole("link", { name: act }).first();
    await expect(mine).toBeVisible();
    if (!leads) continue;
    await mine.click();
    await expect(page.getByRole("heading", { level: 1, name: leads })).toBeVisible();
  }
});

test("an empty inbox sends a message from the browser, and says what became of it", async ({ page }) => {
  await register(page.request);
  const { project } = await createProject(page.request, "sample");
  await page.goto(`/p/${project.id}/inbox`);
  await page.getByRole("radio", { name: "XML" }).click();
  await expect(page.getByRole("textbox", { name: "Message" })).toHaveValue(/<patient>/);
  await page.getByRole("radio", { name: "JSON" }).click();
  await page.getByRole("tab", { name: "PowerShell" }).click();
  await expect(page.getByText("Invoke-WebRequest")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Send it" }).click();
  await expect(page.getByText(/^Sent\. 2 workflows have taken it\.$/)).toBeVisible();
  await expect(page.getByRole("link", { name: /open the receipt/ })).toHaveCount(1);

  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: "Send a message" }).click();
  const dialog = page.getByRole("dialog", { name: "Send a message" });
  await dialog.getByRole("radio", { name: "Form" }).click();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Send it" }).click();
  await expect(page.getByRole("heading", { name: "Receipt", level: 1 })).toBeVisible();
  await page.getByRole("button", { name: "Copy as" }).click();
  await expect(page.getByRole("menuitem", { name: "Python" })).toBeEnabled();
  await expectAccessible(page);
  await page.getByRole("menuitem", { name: "Python" }).click();
  await expect(page.getByText("Copied as Python")).toBeVisible();
});

test("a webhook takes a message from the browser without its secret, and the command has a placeholder for it", async ({
  page,
}) => {
  await register(page.request);
  const { project } = await createProject(page.request);
  const trigger = crypto.randomUUID();
  const job = {
    id: crypto.randomUUID(),
    name: "Take",
    body: "fn(state => state);",
    adaptor: "@openfn/language-common@3.3.4",
  };
  await postJson(page.request, `/api/projects/${project.id}/workflows`, {
    name: "Hook",
    triggers: [{ id: trigger, type: "webhook" }],
    jobs: [job],
    edges: [
      { id: crypto.randomUUID(), sourceTriggerId: trigger, targetJobId: job.id, conditionType: "always" },
    ],
  });
  const methods = `/api/projects/${project.id}/auth-methods`;
  const basic = { type: "basic", name: "Clinic", username: "clinic", password: "a long password" };
  const { id } = await postJson<{ id: string }>(page.request, methods, basic);
  const linked = await page.request.patch(`${methods}/${id}`, { data: { triggerIds: [trigger] } });
  expect(linked.ok(), await linked.text()).toBe(true);
  await page.goto(`/p/${project.id}/inbox`);
  await expect(page.getByText("authorization: Basic <base64 of clinic:password>")).toBeVisible();
  await page.getByRole("button", { name: "Send it" }).click();
  await expect(page.getByText(/^Sent\. 1 workflow has taken it\.$/)).toBeVisible();
});

test("what stands around a page that throws stays, and leads on", async ({ page }) => {
  await register(page.request);
  const { project } = await createProject(page.request);
  await openInbox(page, `/p/${project.id}/inbox`);
  const problem = page.getByRole("heading", { name: "This page could not be loaded" });
  // An answer that no server of ours gives.
  const part = { items: [{ id: "odd" }], nextCursor: null, lookedBackTo: null, end: "everything" };
  await page.route(/\/messages\/search\?/, (route) => route.fulfill({ body: `${JSON.stringify(part)}\n` }));
  await page.getByRole("searchbox", { name: "Search messages" }).fill("odd");
  await expect(problem).toBeVisible();
  await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Activity" }).click();
  await expect(page.getByRole("heading", { name: "Activity history" })).toBeVisible();
  await expect(problem).toBeHidden();
});
