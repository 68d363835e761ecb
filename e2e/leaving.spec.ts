import { expectAccessible } from "./support/accessible";
import { mailPage } from "./support/mail";
import { register, signIn } from "./support/people";
import { createProject, getJson } from "./support/projects";
import { expect, otherBrowser, test } from "./support/test";

const pages = [
  ["inbox", "Inbox"],
  ["activity", "Activity"],
  ["workflows", "Workflows"],
  ["adaptors", "Adaptors"],
  ["credentials", "Credentials"],
  ["collaborators", "Collaborators"],
  ["code", "Code"],
  ["library", "Library"],
  ["issues", "Issues"],
  ["bulk", "Bulk"],
  ["usage", "Usage"],
  ["collections", "Collections"],
  ["notices", "Notices"],
  ["persons", "One person's data"],
  ["settings", "Settings"],
] as const;

test("a deleted project takes nothing until its owner undoes it, and then goes on", async ({ page }) => {
  await register(page.request);
  const { project } = await createProject(page.request);
  const { inboxId } = await getJson<{ inboxId: string }>(page.request, `/api/projects/${project.id}`);
  const sent = async () => (await page.request.post(`/i/${inboxId}`, { data: { a: 1 } })).status();
  expect(await sent()).toBe(202);
  await page.goto(`/p/${project.id}/settings`);
  await page.getByRole("button", { name: "Delete project" }).click();
  const confirm = page.getByRole("dialog");
  await expect(confirm.getByText("1 message and 0 runs with their logs")).toBeVisible();
  await expectAccessible(page);
  await confirm.getByRole("textbox").fill(project.name);
  await confirm.getByRole("button", { name: "Delete project" }).click();
  await expect(page).toHaveURL(/\/projects$/);
  await expectAccessible(page);
  expect(await sent()).toBe(404);

  // Everything can be looked at, nothing offers to change it, and no page asks for what will not come.
  const refused: string[] = [];
  page.on("response", (response) => {
    if (response.status() >= 400) refused.push(`${response.status()} ${response.url()}`);
  });
  for (const [path, title] of pages) {
    await page.goto(`/p/${project.id}/${path}`);
    await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
    await expect(page.getByRole("button", { name: "Undo deletion" })).toBeVisible();
    await page.waitForLoadState("networkidle");
  }
  expect(refused).toEqual([]);
  await expect(page.getByRole("button", { name: /Delete project|Save|New inbox URL/ })).toHaveCount(0);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("button", { name: "Undo" })).toHaveCount(0);
  expect(await sent()).toBe(202);
});

test("a deleted account is mailed, can do nothing but come back, and comes back with its project", async ({
  page,
  browser,
}) => {
  const { email } = await register(page.request);
  const { project } = await createProject(page.request);
  const { inboxId } = await getJson<{ inboxId: string }>(page.request, `/api/projects/${project.id}`);
  const sent = async () => (await page.request.post(`/i/${inboxId}`, { data: { a: 1 } })).status();
  await page.goto("/account");
  await page.getByRole("button", { name: "Delete account" }).click();
  const confirm = page.getByRole("dialog");
  await confirm.getByRole("textbox").fill(email);
  await expect(confirm.getByRole("button", { name: "Delete account" })).toBeDisabled();
  await confirm.getByRole("checkbox").click();
  await expectAccessible(page);
  await confirm.getByRole("button", { name: "Delete account" }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.getByText(/Your account will be deleted on .* Sign in to undo that/)).toBeVisible();
  expect((await page.request.get("/api/projects")).status()).toBe(401);
  expect(await sent()).toBe(404);
  const mailbox = await otherBrowser(browser);
  await mailbox.goto(mailPage());
  const mail = mailbox.getByRole("listitem").filter({ hasText: email });
  await expect(mail.filter({ hasText: "Your Waybill account is being deleted" })).toHaveCount(1);

  await page.goto("/sign-in");
  await signIn(page, { email });
  await expect(page).toHaveURL(/\/leaving$/);
  await expectAccessible(page);
  await page.goto("/projects");
  await expect(page).toHaveURL(/\/leaving$/);
  expect((await page.request.get("/api/projects")).status()).toBe(403);
  await page.getByRole("button", { name: "Keep my account" }).click();
  await expect(page).toHaveURL(/\/projects$/);
  await expect(page.getByRole("link", { name: project.name })).toBeVisible();
  expect(await sent()).toBe(202);
});
