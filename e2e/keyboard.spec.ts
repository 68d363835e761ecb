import type { Page } from "@playwright/test";
import { jobStatesOf, openInbox, rowsOf, stateIn } from "./support/inbox";
import { register } from "./support/people";
import { createProject, inboxOf, send, settled } from "./support/projects";
import { expect, test } from "./support/test";

const visit = (name: string, amount = 350) => ({
  form: "home-visit",
  patient: { id: "P-1", name },
  payment: { amount },
});

/** The line that has the focus, and the text in it. */
const focused = (page: Page) => rowsOf(page).filter({ has: page.locator("a[data-row]:focus") });

test("the inbox is read without a mouse: search, move, open, next, back", async ({ page }) => {
  await register(page.request);
  const { project } = await createProject(page.request, "sample");
  for (const name of ["Amina", "Basma", "Chidi"])
    await settled(page.request, project.id, await send(page.request, project.id, visit(name)));
  await openInbox(page, `/p/${project.id}/inbox`);

  await page.keyboard.press("j");
  await expect(focused(page)).toContainText("Chidi");
  await page.keyboard.press("j");
  await expect(focused(page)).toContainText("Basma");
  await page.keyboard.press("k");
  await expect(focused(page)).toContainText("Chidi");

  await page.keyboard.press("/");
  await page.keyboard.type("Amina");
  await expect(page).toHaveURL(/\?text=Amina$/);
  await expect(rowsOf(page)).toHaveCount(1);
  await page.keyboard.press("Escape");
  const search = page.getByRole("searchbox", { name: "Search messages" });
  await expect(search).not.toBeFocused();
  await expect(search).toHaveValue("Amina");
  await page.reload();
  await expect(search).toHaveValue("Amina");
  await expect(rowsOf(page)).toHaveCount(1);

  await openInbox(page, `/p/${project.id}/inbox`);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Receipt" })).toBeVisible();
  const body = page.getByRole("tabpanel", { name: "Body" });
  await expect(body).toContainText("Chidi");
  await page.keyboard.press("j");
  await expect(body).toContainText("Basma");
  await page.keyboard.press("k");
  await expect(body).toContainText("Chidi");
  await page.keyboard.press("u");
  await expect(page.getByRole("heading", { name: "Inbox", level: 1 })).toBeVisible();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("the filter is in the address: it survives a reload and leads through the receipts", async ({
  page,
}) => {
  await register(page.request);
  const { project } = await createProject(page.request, "sample");
  const messages = [visit("Amina", -1), visit("Basma"), visit("Chidi", -1)];
  for (const message of messages)
    await settled(page.request, project.id, await send(page.request, project.id, message));
  await openInbox(page, `/p/${project.id}/inbox`);
  await page.getByRole("combobox", { name: "State" }).click();
  await page.getByRole("option", { name: "A job failed" }).click();
  await expect(page).toHaveURL(/\?state=failure$/);
  await expect(rowsOf(page)).toHaveCount(2);
  await page.getByRole("combobox", { name: "Job" }).click();
  await page.getByRole("option", { name: "Payment" }).click();
  await expect(page).toHaveURL(/\?state=failure&job=[0-9a-f-]{36}$/);
  await page.reload();
  await expect(page.getByRole("combobox", { name: "State" })).toHaveText("A job failed");
  await expect(page.getByRole("combobox", { name: "Job" })).toHaveText("Payment");
  await expect(rowsOf(page)).toHaveCount(2);
  await expect(rowsOf(page).filter({ hasText: "Basma" })).toHaveCount(0);

  await rowsOf(page).first().locator("a[data-row]").click();
  await expect(page).toHaveURL(/\/inbox\/[0-9a-f-]{36}\?state=failure&job=/);
  await page.getByRole("link", { name: "Older message" }).click();
  await expect(page.getByRole("tabpanel", { name: "Body" })).toContainText("Amina");
  await expect(stateIn(jobStatesOf(page), "Payment", "failed, handled")).toBeVisible();
  await expect(page.getByRole("button", { name: "Older message" })).toBeDisabled();
});

test("a paused inbox stands still and catches up; another one shows what comes", async ({
  page,
  context,
}) => {
  await register(page.request);
  const { project } = await createProject(page.request);
  await send(page.request, project.id, { n: "first" });
  const watching = await context.newPage();
  await openInbox(watching, `/p/${project.id}/inbox`);
  await openInbox(page, `/p/${project.id}/inbox`);
  await page.keyboard.press("p");
  await expect(page.getByRole("button", { name: "Live updates are paused: resume" })).toBeVisible();
  await send(page.request, project.id, { n: "second" });
  await expect(rowsOf(watching)).toHaveCount(2);
  await expect(rowsOf(page)).toHaveCount(1);
  await page.keyboard.press("p");
  await expect(rowsOf(page)).toHaveCount(2);
  await send(page.request, project.id, { n: "third" });
  await expect(rowsOf(page)).toHaveCount(3);
});

test("older messages are read on, page by page, and new ones wait above for the reader", async ({ page }) => {
  await register(page.request);
  const { project } = await createProject(page.request);
  const numbers = Array.from({ length: 55 }, (_, index) => index + 1);
  await Promise.all(numbers.map((n) => send(page.request, project.id, { n })));
  expect((await inboxOf(page.request, project.id)).items).toHaveLength(50);
  await openInbox(page, `/p/${project.id}/inbox`);
  await expect(rowsOf(page)).toHaveCount(50);
  await page.getByRole("button", { name: "Show older" }).press("Enter");
  await expect(rowsOf(page)).toHaveCount(55);
  await expect(page.getByText("No older messages.")).toBeVisible();

  await rowsOf(page).last().locator("a[data-row]").focus();
  await send(page.request, project.id, { n: "new" });
  await page.getByRole("button", { name: "1 new message" }).click();
  await expect(rowsOf(page)).toHaveCount(56);
  await expect(rowsOf(page).first()).toContainText("new");
});
