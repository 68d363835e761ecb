import type { Page, Response } from "@playwright/test";
import { jobStatesOf, rowsOf, stateIn } from "./support/inbox";
import { password, register } from "./support/people";
import { createProject, importProject, send, settled } from "./support/projects";
import { expect, test } from "./support/test";
import { paymentTo, projectOf, referral } from "./support/yaml";

const visit = { form: "home-visit", patient: { id: "P-1", name: "Amina" }, payment: { amount: 350 } };

const question = (page: Page) => page.getByRole("alertdialog");
const openReceipt = async (page: Page, projectId: string, messageId: string) => {
  await page.goto(`/p/${projectId}/inbox/${messageId}`);
  await expect(page.getByRole("heading", { name: "Receipt" })).toBeVisible();
};

/** What the page asks the server to do, as `POST /path`. */
function actsOf(page: Page): string[] {
  const acts: string[] = [];
  page.on("request", (request) => {
    if (request.method() !== "GET" && request.method() !== "HEAD")
      acts.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  return acts;
}

/**
 * Presses until the server has queued a run: it refuses a start within ten seconds of another. Each time it is waited for the
 * answer, lest a second one takes away what the page says to the first.
 */
async function untilQueued(page: Page, press: () => Promise<void>): Promise<void> {
  const isAct = (response: Response) => response.request().method() === "POST";
  await expect(async () => {
    const [answer] = await Promise.all([page.waitForResponse(isAct, { timeout: 20_000 }), press()]);
    expect(answer.ok()).toBe(true);
  }).toPass();
  await expect(page.getByText("One run has been queued.")).toBeVisible();
}

test("what succeeded is rerun only with a yes, which names the jobs and where they sent", async ({
  page,
  destination,
}) => {
  await register(page.request);
  const { project } = await importProject(page.request, projectOf(referral, paymentTo(destination.url)));
  const messageId = await send(page.request, project.id, visit);
  await settled(page.request, project.id, messageId);
  await openReceipt(page, project.id, messageId);
  const acts = actsOf(page);

  await expect(async () => {
    await page.keyboard.press("r");
    await expect(question(page)).toBeVisible({ timeout: 1000 });
  }).toPass();
  await expect(question(page)).toHaveAccessibleName("Rerun 2 jobs that have succeeded?");
  const jobs = question(page).getByRole("list", { name: "Jobs that have succeeded" }).getByRole("listitem");
  await expect(jobs.filter({ hasText: "Payment" })).toContainText("sent to 127.0.0.1");
  await expect(question(page).getByRole("button", { name: "Do not rerun" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(question(page)).toBeHidden();

  const rerunPayment = jobStatesOf(page).getByRole("button", { name: "Rerun Payment" });
  await rerunPayment.click();
  await expect(question(page)).toHaveAccessibleName("Rerun Payment, which has succeeded?");
  await page.keyboard.press("Escape");
  await expect(question(page)).toBeHidden();
  await expect(rerunPayment).toBeFocused();

  const menu = page.getByRole("button", { name: "Rerun", exact: true });
  await menu.click();
  await page.getByRole("menuitem", { name: "Only Payment" }).click();
  await expect(question(page)).toBeVisible();
  await page.keyboard.press("Escape");
  expect(acts).toEqual([]);
  expect(destination.accepted).toHaveLength(1);

  await untilQueued(page, async () => {
    await rerunPayment.click();
    await expect(question(page).getByRole("button", { name: "Do not rerun" })).toBeFocused();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
  });
  expect(new Set(acts)).toEqual(new Set([`POST /api/projects/${project.id}/messages/${messageId}/rerun`]));
  await expect.poll(() => destination.accepted.length).toBe(2);
});

test("what failed is rerun by one click", async ({ page, destination }) => {
  await register(page.request);
  const { project } = await importProject(page.request, projectOf(paymentTo(destination.url)));
  destination.break();
  const messageId = await send(page.request, project.id, visit);
  await settled(page.request, project.id, messageId);
  destination.repair();
  await openReceipt(page, project.id, messageId);
  await untilQueued(page, () => jobStatesOf(page).getByRole("button", { name: "Rerun Payment" }).click());
  await expect(question(page)).toHaveCount(0);
  await expect(stateIn(jobStatesOf(page), "Payment", "success")).toBeVisible();
  expect(destination.accepted).toHaveLength(1);
});

test("offline is shown, nothing is green, and nothing that was pressed is sent on the way back", async ({
  page,
  context,
  destination,
}) => {
  await register(page.request);
  const { project } = await importProject(page.request, projectOf(paymentTo(destination.url)));
  destination.break();
  const messageId = await send(page.request, project.id, visit);
  await settled(page.request, project.id, messageId);
  const watching = await context.newPage();
  await watching.goto(`/p/${project.id}/inbox`);
  const live = watching.getByRole("button", { name: "Live: pause live updates" });
  await expect(live).toBeVisible();
  await openReceipt(page, project.id, messageId);
  const rerunPayment = jobStatesOf(page).getByRole("button", { name: "Rerun Payment" });
  await expect(rerunPayment).toBeEnabled();

  await context.setOffline(true);
  const offline = (on: Page) => on.getByRole("status").filter({ hasText: "You are offline." });
  await expect(offline(page)).toBeVisible();
  await expect(offline(watching)).toBeVisible();
  const notLive = watching.getByRole("button", { name: "Not live: pause live updates" });
  await expect(notLive).toBeVisible();
  await expect(notLive.locator("[data-status=success]")).toHaveCount(0);
  const acts = actsOf(page);
  await rerunPayment.click();
  await expect(page.getByText("nothing was sent", { exact: false })).toBeVisible();
  await page.request.post(
    `/i/${(await (await page.request.get(`/api/projects/${project.id}`)).json()).inboxId}`,
    {
      data: visit,
    },
  );

  await context.setOffline(false);
  await expect(offline(page)).toBeHidden();
  await expect(live).toBeVisible();
  await expect(rowsOf(watching)).toHaveCount(2);
  expect(acts).toEqual([]);
  const { workOrders } = await (
    await page.request.get(`/api/projects/${project.id}/messages/${messageId}`)
  ).json();
  expect(workOrders[0].runs).toHaveLength(1);
});

test("a server that is gone without a word is noticed on every page, also where nothing is live", async ({
  page,
}) => {
  await register(page.request);
  await createProject(page.request);
  await page.goto("/account");
  await expect(page.getByRole("heading", { name: "Your account", level: 1 })).toBeVisible();
  await page.route("**/*", () => undefined);
  const notice = page.getByRole("status").filter({ hasText: "The server does not answer." });
  await expect(notice).toBeVisible();
  await page.unroute("**/*");
  await expect(notice).toBeHidden();
  await page.route("**/*", (route) => route.abort());
  await expect(page.getByRole("status").filter({ hasText: "You are offline." })).toBeVisible();
});

/** The question that comes before something typed is lost. */
const leaving = (page: Page) => page.getByRole("alertdialog", { name: "Leave without saving?" });
const keep = (page: Page) => leaving(page).getByRole("button", { name: "Keep editing" }).click();

/** By the row of the project's places: a page may have a link of its own of that name. */
const toInbox = (page: Page) =>
  page.getByRole("navigation", { name: "Project", exact: true }).getByRole("link", { name: "Inbox" }).click();

async function openSettings(page: Page): Promise<string> {
  await register(page.request);
  const { project } = await createProject(page.request);
  await page.goto(`/p/${project.id}/inbox`);
  await page.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByRole("heading", { name: "Settings", level: 1 })).toBeVisible();
  return project.id;
}

test("a page's text is not lost by a link, by going back, or by closing the tab; saved, it is left at once", async ({
  page,
}) => {
  const projectId = await openSettings(page);
  const description = page.getByLabel("Description");
  await description.fill("Whom to ask: Basma");

  const jump = page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Retention" });
  await jump.click();
  await expect(page).toHaveURL(`/p/${projectId}/settings#retention`);
  await expect(page.getByRole("region", { name: "Retention" })).toBeInViewport();
  await expect(leaving(page)).toBeHidden();

  await toInbox(page);
  await keep(page);
  await page.goBack();
  await keep(page);
  await page.goBack();
  await keep(page);
  await expect(page).toHaveURL(`/p/${projectId}/settings`);
  await expect(description).toHaveValue("Whom to ask: Basma");
  const closing = page.waitForEvent("dialog");
  const reloading = page.evaluate(() => location.reload());
  const tab = await closing;
  expect(tab.type()).toBe("beforeunload");
  await tab.dismiss();
  await reloading;
  await expect(description).toHaveValue("Whom to ask: Basma");

  await description.fill("");
  await toInbox(page);
  await expect(page.getByRole("heading", { name: "Inbox", level: 1 })).toBeVisible();
  await page.getByRole("link", { name: "Settings" }).click();
  await description.fill("Whom to ask: Basma");
  await page.getByRole("button", { name: "Save", exact: true }).first().click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await toInbox(page);
  await expect(page.getByRole("heading", { name: "Inbox", level: 1 })).toBeVisible();
});

test("going back leaves when it is said twice, to where the reader came from", async ({ page }) => {
  const projectId = await openSettings(page);
  await page.getByLabel("Description").fill("never mind");
  await page.goBack();
  await leaving(page).getByRole("button", { name: "Discard it" }).click();
  await expect(page).toHaveURL(`/p/${projectId}/inbox`);
  await expect(page.getByRole("heading", { name: "Inbox", level: 1 })).toBeVisible();
});

test("a dialog's text is not lost by Escape, a click beside it, its buttons or going back", async ({
  page,
}) => {
  await register(page.request);
  const { project } = await createProject(page.request);
  await page.goto(`/p/${project.id}/inbox`);
  await page.getByRole("link", { name: "Credentials" }).click();
  await page.getByRole("button", { name: "New credential" }).click();
  const dialog = page.getByRole("dialog", { name: "New credential" });
  const secret = dialog.getByLabel("Secret (JSON)");
  const typed = '{"apiKey":"not to be lost"}';
  await secret.fill(typed);
  const ways = [
    () => page.keyboard.press("Escape"),
    () => page.mouse.click(5, 5),
    () => dialog.getByRole("button", { name: "Close" }).click(),
    () => dialog.getByRole("button", { name: "Cancel" }).click(),
    () => page.goBack(),
  ];
  for (const leave of ways) {
    await leave();
    await expect(leaving(page)).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(leaving(page)).toBeHidden();
    await expect(secret).toHaveValue(typed);
  }
  expect(
    await page.evaluate(() => [...Object.values(localStorage), ...Object.values(sessionStorage)].join()),
  ).not.toContain("not to be lost");
  await page.keyboard.press("Escape");
  await leaving(page).getByRole("button", { name: "Discard it" }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole("button", { name: "New credential" }).click();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(leaving(page)).toHaveCount(0);
});

test("an edited body survives Escape, in the editor too", async ({ page }) => {
  await register(page.request);
  const { project } = await createProject(page.request);
  const messageId = await send(page.request, project.id, { n: "first" });
  await openReceipt(page, project.id, messageId);
  await page.getByRole("button", { name: "Edit and resend" }).click();
  const dialog = page.getByRole("dialog", { name: "Edit and resend" });
  const body = dialog.getByRole("textbox", { name: "Body" });
  await body.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" ");
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Control+a");
  await page.keyboard.type('{"n":"edited"');
  await page.keyboard.press("Escape");
  await keep(page);
  await expect(body).toContainText("edited");
});

test("a session that ended is renewed in place: the text is there, and the act is done", async ({
  page,
  context,
}) => {
  await openSettings(page);
  const description = page.getByLabel("Description");
  await description.fill("Whom to ask: Basma");
  const { email } = await (await page.request.get("/api/account")).json();
  await context.clearCookies();
  await page.getByRole("button", { name: "Save", exact: true }).first().click();
  const dialog = page.getByRole("dialog", { name: "You were signed out" });
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(description).toHaveValue("Whom to ask: Basma");

  await page.getByRole("button", { name: "Save", exact: true }).first().click();
  await dialog.getByLabel(`Password of ${email}`).fill("not the password");
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("is not right");
  await dialog.getByLabel(`Password of ${email}`).fill(password);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("Saved.")).toBeVisible();
  await page.reload();
  await expect(description).toHaveValue("Whom to ask: Basma");
});
