import type { Page } from "@playwright/test";
import { TOTP } from "otpauth";
import { expectAccessible } from "./support/accessible";
import { mailPage } from "./support/mail";
import { register, signIn } from "./support/people";
import { createProject } from "./support/projects";
import { expect, otherBrowser, test } from "./support/test";

/** Sets a second factor up on the account page. Returns the backup codes. */
async function setUp(page: Page): Promise<string[]> {
  await page.goto("/account");
  await page.getByRole("button", { name: "Set up" }).click();
  await expect(page.getByRole("img", { name: "QR code of the secret" })).toBeVisible();
  await expectAccessible(page);
  const secret = await page.getByRole("textbox", { name: "Secret" }).inputValue();
  await page.getByLabel("Code", { exact: true }).fill("000000");
  await page.getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByText("This code is not right")).toBeVisible();
  await page.getByLabel("Code", { exact: true }).fill(new TOTP({ secret }).generate());
  await page.getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByRole("heading", { name: "Keep your backup codes" })).toBeVisible();
  await expectAccessible(page);
  const codes = await page.getByRole("dialog").getByRole("listitem").allTextContents();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  expect((await download).suggestedFilename()).toBe("waybill-backup-codes.txt");
  await page.getByRole("button", { name: "I have kept them" }).click();
  await expect(page.getByText("10 of 10 backup codes left")).toBeVisible();
  return codes;
}

test("a second factor is asked for after the password and after a mailed link, and nothing opens before", async ({
  page,
  browser,
}) => {
  const { email } = await register(page.request);
  const [first = "", second = ""] = await setUp(page);

  const other = await otherBrowser(browser);
  await other.goto("/account");
  await signIn(other, { email });
  await expect(other).toHaveURL(/\/sign-in\/second-step\?next=%2Faccount/);
  await expectAccessible(other);
  expect((await other.request.get("/api/account")).status()).toBe(401);
  await other.getByLabel("Code").fill("000000");
  await other.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(other.getByText("This code is not right")).toBeVisible();
  await other.getByLabel("Code").fill(first);
  await other.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(other).toHaveURL(/\/account$/);
  await expect(other.getByText("9 of 10 backup codes left")).toBeVisible();

  const [mailbox, third] = [await otherBrowser(browser), await otherBrowser(browser)];
  await third.goto("/sign-in");
  await third.getByLabel("E-mail", { exact: true }).fill(email);
  await third.getByRole("button", { name: "E-mail me a sign-in link" }).click();
  await expect(third.getByRole("heading", { name: "Check your mail" })).toBeVisible();
  await mailbox.goto(mailPage());
  const mails = mailbox.getByRole("listitem").filter({ hasText: email });
  await third.goto((await mails.getByRole("link").first().getAttribute("href")) ?? "");
  await expect(third).toHaveURL(/\/sign-in\/second-step/);
  await third.goto("/projects");
  await expect(third).toHaveURL(/\/sign-in\/second-step/);
  await third.getByRole("button", { name: "Use another account" }).click();
  await expect(third).toHaveURL(/\/sign-in$/);
  await expect(third.getByLabel("Password")).toBeVisible();

  await page.getByRole("button", { name: "Turn off" }).click();
  await page.getByLabel("Code from your app").fill(second);
  await page.getByRole("dialog").getByRole("button", { name: "Turn off" }).click();
  await expect(page.getByText("The second factor is off.")).toBeVisible();
});

test("a sensitive act asks who it is in place, and goes on with what was typed", async ({ page }) => {
  await register(page.request);
  await page.goto("/account");
  // As if the sign-in were long ago: the first answer is the one that an old session gets.
  let isAsked = false;
  // Not `times: 1`: the browser stops looking at requests then, while some are under way.
  await page.route("**/api/account/tokens", (route) => {
    if (isAsked) return route.fallback();
    isAsked = true;
    return route.fulfill({
      status: 403,
      json: {
        error: { code: "reauthenticate", message: "Is it you?", details: { does: ["make an API token"] } },
      },
    });
  });
  await page.getByRole("button", { name: "New token" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("kept");
  await page.getByRole("button", { name: "Make token" }).click();
  await expect(page.getByRole("heading", { name: "Is it you?" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("dialog", { name: "Is it you?" }).getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByText("This is not your password.")).toBeVisible();
  await page.getByRole("dialog", { name: "Is it you?" }).getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByLabel("Token", { exact: true })).toHaveValue(/^wb_/);
  await page.getByRole("button", { name: "I have copied it" }).click();
  await expect(page.getByText("kept")).toBeVisible();
});

test("a project that asks for a second factor is closed to members without, until they have one", async ({
  page,
  browser,
}) => {
  await register(page.request);
  const { project } = await createProject(page.request);
  await page.goto(`/p/${project.id}/settings`);
  const needed = page.getByRole("switch", { name: "Let in only who has a second factor" });
  await needed.click();
  await expect(page.getByText("Set up a second factor of your own first")).toBeVisible();
  await setUp(page);
  const guest = await otherBrowser(browser);
  const { email } = await register(guest.request, "Grace Hopper");
  const invited = await page.request.post(`/api/projects/${project.id}/invitations`, {
    data: { email, role: "viewer" },
  });
  await guest.goto(new URL((await invited.json()).link).pathname);
  await guest.getByRole("button", { name: "Accept" }).click();
  await expect(guest).toHaveURL(new RegExp(`/p/${project.id}/inbox`));

  await page.goto(`/p/${project.id}/settings`);
  await needed.click();
  await expect(page.getByText("A second factor is needed now.")).toBeVisible();
  await guest.goto(`/p/${project.id}/inbox`);
  await expect(guest).toHaveURL(new RegExp(`/second-factor/${project.id}`));
  await expectAccessible(guest);
  await guest.getByRole("link", { name: "Set it up" }).click();
  await setUp(guest);
  await guest.goto(`/second-factor/${project.id}`);
  await expect(guest).toHaveURL(new RegExp(`/p/${project.id}/inbox`));
});
