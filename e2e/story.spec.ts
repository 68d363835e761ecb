import { execFileSync } from "node:child_process";
import type { Page } from "@playwright/test";
import { jobStatesOf, rowsOf, stateIn, timelineOf } from "./support/inbox";
import { newEmail, password, register } from "./support/people";
import { newProjectName } from "./support/projects";
import { expect, test } from "./support/test";
import { paymentTo, projectOf, referral } from "./support/yaml";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

async function signUp(page: Page) {
  await page.goto("/");
  await page.getByRole("link", { name: "Create an account" }).click();
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill(newEmail());
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { name: "Welcome, Ada Lovelace" })).toBeVisible();
}

async function copyCurlLine(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Copy the curl line" }).click();
  await expect(page.getByText("Copied the curl line")).toBeVisible();
  return page.evaluate(() => navigator.clipboard.readText());
}

/** In a terminal, as the empty inbox tells. */
const runInTerminal = (line: string) => {
  const answer = JSON.parse(execFileSync("sh", ["-c", line], { encoding: "utf8", stdio: "pipe" }));
  expect(answer.message_id).toBeTruthy();
};

/** Opens the job's step in the receipt inspector. */
async function expectLog(page: Page, job: string, text: string) {
  await page.getByRole("button", { name: new RegExp(`^${job} success`), expanded: false }).click();
  await expect(page.getByRole("region", { name: "Log lines" })).toContainText(text);
}

/** As a person does it: press, and when told to wait, wait and press again. */
async function rerun(page: Page, job: string) {
  const button = page.getByRole("button", { name: `Rerun ${job}`, exact: true });
  const refusal = page.getByText(/try again in \d+ s/);
  const queued = page.getByText("One run has been queued.");
  await button.click();
  await expect(refusal.or(queued)).toBeVisible();
  if (await queued.isVisible()) return;
  const seconds = Number(/try again in (\d+) s/.exec((await refusal.textContent()) ?? "")?.[1]);
  expect(seconds).toBeLessThanOrEqual(10);
  await page.waitForTimeout(seconds * 1000);
  await button.click();
  await expect(queued).toBeVisible();
}

test("a form comes in, a broken destination is seen, repaired, and the failed job succeeds", async ({
  page,
  destination,
}) => {
  await signUp(page);
  await page.getByRole("link", { name: "Bring a project.yaml" }).click();
  await page.getByLabel("Or paste it").fill(projectOf(referral, paymentTo(destination.url)));
  await page.getByLabel("Name (optional)").fill(newProjectName());
  await page.getByRole("button", { name: "Create project" }).click();

  await expect(page.getByRole("heading", { name: "Send the first message" })).toBeVisible();
  const curl = await copyCurlLine(page);
  await page.getByRole("button", { name: "Copy inbox URL" }).click();
  await expect(page.getByText("Inbox URL copied")).toBeVisible();
  const inboxUrl = await page.evaluate(() => navigator.clipboard.readText());
  expect(curl).toContain(`'${inboxUrl}'`);
  const inbox = page.url();
  runInTerminal(curl);
  const [newest, rows] = [rowsOf(page).first(), rowsOf(page)];
  await expect(rows).toHaveCount(1);
  await expect(stateIn(newest, "Referral", "success")).toBeVisible();
  await expect(stateIn(newest, "Payment", "success")).toBeVisible();
  await expect(newest.getByRole("listitem")).toHaveCount(2);
  expect(destination.accepted).toEqual([{ id: "P-1001", name: "Amina Diallo" }]);

  await newest.locator("a[data-row]").click();
  await expect(page.getByRole("heading", { name: "Receipt", level: 1 })).toBeVisible();
  await expectLog(page, "Referral", "Referring Amina Diallo");
  await expectLog(page, "Payment", "Paying Amina Diallo");

  await page.goto(inbox);
  destination.break();
  runInTerminal(curl);
  await expect(rows).toHaveCount(2);
  await expect(stateIn(newest, "Referral", "success")).toBeVisible();
  await expect(stateIn(newest, "Payment", "failure")).toBeVisible();
  await newest.locator("a[data-row]").click();
  const code = page.getByRole("region", { name: "Job code, line 5" });
  await expect(code).toContainText(`post("${destination.url}/payments", $.data.patient);`);
  await expect(code).toContainText("503");

  destination.repair();
  await rerun(page, "Payment");
  const states = jobStatesOf(page);
  await expect(stateIn(states, "Payment", "success")).toBeVisible();
  await expect(states.getByRole("listitem")).toHaveCount(2);
  expect(destination.accepted).toHaveLength(2);

  const payment = timelineOf(page)
    .getByRole("listitem")
    .filter({ has: page.getByRole("heading", { name: "Payment" }) });
  await expect(payment.getByRole("link", { name: /^Run \d$/ })).toHaveText(["Run 1", "Run 2"]);
  await page.getByRole("link", { name: "Activity" }).click();
  await expect(page.getByRole("heading", { name: "Activity history" })).toBeVisible();
  const runs = rowsOf(page);
  await expect(runs).toHaveCount(5);
  await expect(runs.filter({ hasText: "failed" })).toHaveCount(1);

  await page.getByRole("link", { name: "Workflows" }).click();
  await page.getByRole("link", { name: "Payment", exact: true }).click();
  // Of 24 hours, and of seven days.
  const ended = page.getByRole("region", { name: "Runs that ended" });
  await expect(ended.getByRole("link", { name: "2 success" })).toHaveCount(2);
  await expect(ended.getByRole("link", { name: "1 failed" })).toHaveCount(2);
});

test("the sample project handles its example, and an edited copy fails where it should", async ({ page }) => {
  const person = await register(page.request);
  await page.goto("/projects");
  await expect(page.getByRole("heading", { name: `Welcome, ${person.name}` })).toBeVisible();
  await page.getByRole("link", { name: "Start from the sample" }).click();
  await page.getByLabel("Name", { exact: true }).fill(newProjectName());
  await page.getByRole("button", { name: "Create project" }).click();
  runInTerminal(await copyCurlLine(page));
  const newest = rowsOf(page).first();
  await expect(stateIn(newest, "Referral", "success")).toBeVisible();
  await expect(stateIn(newest, "Payment", "success")).toBeVisible();
  await newest.locator("a[data-row]").click();

  await page.getByRole("button", { name: "Edit and resend" }).click();
  const dialog = page.getByRole("dialog", { name: "Edit and resend" });
  const form = { form: "home-visit", patient: { id: "P-7", name: "Bo" }, payment: { amount: -1 } };
  await dialog.getByRole("textbox", { name: "Body" }).fill(JSON.stringify(form));
  await dialog.getByRole("button", { name: "Send as a new message" }).click();
  await expect(page.getByText("An edited copy of")).toBeVisible();
  const states = jobStatesOf(page);
  await expect(stateIn(states, "Payment", "failed, handled")).toBeVisible();
  await expect(stateIn(states, "Tell the office", "success")).toBeVisible();
  await expect(stateIn(states, "Referral", "success")).toBeVisible();
  await states.getByRole("button", { name: /^Payment failed, handled/ }).click();
  await expect(page.getByText("The amount must be above zero, but it is -1.").first()).toBeVisible();
});
