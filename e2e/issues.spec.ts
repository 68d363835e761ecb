import { mailPage } from "./support/mail";
import { register } from "./support/people";
import { getJson, importProject, issuesOf, send, settled } from "./support/projects";
import { expect, test } from "./support/test";
import { paymentTo, projectOf } from "./support/yaml";

test("nine failures of one cause are one issue and one mail; its link reruns the nine, the issue resolves itself, and the tenth opens it again", async ({
  page,
  destination,
}) => {
  test.slow();
  const { request } = page;
  const { email } = await register(request);
  const { project } = await importProject(request, projectOf(paymentTo(destination.url)));
  const pay = async (n: number) =>
    settled(
      request,
      project.id,
      await send(request, project.id, {
        form: "home-visit",
        patient: { id: `P-${n}`, name: `Patient ${n}` },
      }),
    );
  const mails = () => page.getByRole("listitem").filter({ hasText: `to ${email}` });
  const issuePath = async () =>
    `/api/projects/${project.id}/issues/${(await issuesOf(request, project.id, 1))[0]?.id}`;

  destination.break();
  for (let n = 1; n <= 9; n++) await pay(n);
  const path = await issuePath();
  await expect
    .poll(async () => getJson(request, path), { timeout: 90_000 })
    .toMatchObject({ count: 9, affected: 9 });
  await expect(async () => {
    await page.goto(mailPage());
    await expect(mails()).toHaveCount(1, { timeout: 1_000 });
  }).toPass({ timeout: 90_000 });
  await expect(mails()).toContainText("Payment has failed");

  destination.repair();
  await mails().locator('a[href*="rerun=true"]').click();
  const dialog = page.getByRole("dialog", { name: "Rerun what is affected" });
  await dialog.getByRole("button", { name: "Rerun 9", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Rerun affected: Payment", level: 1 })).toBeVisible();
  await expect
    .poll(async () => getJson(request, path), { timeout: 180_000 })
    .toMatchObject({
      ...{ state: "resolved", changedBy: null, affected: 0, count: 9 },
    });
  expect(destination.accepted).toHaveLength(9);
  await page
    .getByRole("navigation", { name: "Project", exact: true })
    .getByRole("link", { name: "Issues" })
    .first()
    .click();
  await expect(page.getByText("No issue is open")).toBeVisible();
  await page.getByRole("link", { name: "Resolved" }).click();
  await page.getByRole("link", { name: /^Payment/ }).click();
  await expect(page.getByText("by itself")).toBeVisible();
  await expect(page.getByText("Nothing is affected any more")).toBeVisible();

  destination.break();
  await pay(10);
  await expect
    .poll(async () => getJson(request, path), { timeout: 90_000 })
    .toMatchObject({
      ...{ state: "open", count: 10, affected: 1, returned: 1 },
    });
  await expect(page.getByText("1 affected")).toBeVisible();
  await expect(async () => {
    await page.goto(mailPage());
    await expect(mails()).toHaveCount(2, { timeout: 1_000 });
  }).toPass({ timeout: 90_000 });
  await expect(mails().filter({ hasText: "Payment has failed again" })).toHaveCount(1);
});
