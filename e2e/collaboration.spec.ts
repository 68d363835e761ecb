import { jobStatesOf, stateIn, timelineOf } from "./support/inbox";
import { mailPage } from "./support/mail";
import { newEmail, password, register, signIn } from "./support/people";
import { createProject, getJson, send, settled } from "./support/projects";
import { expect, otherBrowser, test } from "./support/test";

test("somebody invited by mail signs up, reads as viewer, reruns as editor, and is out when removed", async ({
  page,
  browser,
}) => {
  await register(page.request);
  const { project } = await createProject(page.request, "sample");
  const form = { form: "home-visit", patient: { id: "P-1", name: "Amina" }, payment: { amount: -1 } };
  const messageId = await send(page.request, project.id, form);
  await settled(page.request, project.id, messageId);
  const email = newEmail();
  await page.goto(`/p/${project.id}/collaborators`);
  await page.getByRole("button", { name: "Invite" }).click();
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("combobox", { name: "Role" }).click();
  await page.getByRole("option", { name: "viewer" }).click();
  await page.getByRole("button", { name: "Send invitation" }).click();
  await expect(page.getByRole("heading", { name: `${email} is invited` })).toBeVisible();

  const guest = await otherBrowser(browser);
  await guest.goto(mailPage());
  const mail = guest.getByRole("listitem").filter({ hasText: `to ${email}` });
  await mail.getByRole("link").click();
  await guest.getByRole("link", { name: "Create an account" }).click();
  await guest.getByLabel("Name").fill("Grace Hopper");
  await guest.getByLabel("Password").fill(password);
  await guest.getByRole("button", { name: "Create account" }).click();
  await guest.getByRole("button", { name: "Accept" }).click();
  await expect(guest).toHaveURL(`/p/${project.id}/inbox`);

  const receipt = `/p/${project.id}/inbox/${messageId}`;
  const api = `/api/projects/${project.id}`;
  await guest.goto(receipt);
  await expect(stateIn(jobStatesOf(guest), "Payment", "failed, handled")).toBeVisible();
  await expect(guest.getByRole("button", { name: /Rerun|Edit and resend/ })).toHaveCount(0);
  const { jobStates } = await getJson<{ jobStates: { jobId: string; jobName: string }[] }>(
    guest.request,
    `${api}/messages/${messageId}`,
  );
  const jobId = jobStates.find((state) => state.jobName === "Payment")?.jobId;
  const rerun = () => guest.request.post(`${api}/messages/${messageId}/rerun`, { data: { jobId } });
  const resend = () => guest.request.post(`${api}/messages/${messageId}/resend`, { data: { body: "{}" } });
  expect([(await rerun()).status(), (await resend()).status()]).toEqual([403, 403]);

  await page.reload();
  await page.getByRole("combobox", { name: "Role of Grace Hopper" }).click();
  await page.getByRole("option", { name: "editor" }).click();
  await expect(page.getByText("Grace Hopper has another role now.")).toBeVisible();
  await guest.reload();
  await guest.getByRole("button", { name: "Edit and resend" }).click();
  await guest.getByRole("button", { name: "Send as a new message" }).click();
  await expect(guest.getByText("An edited copy of")).toBeVisible();
  await expect(guest.getByText(`by ${email}`).first()).toBeVisible();
  await expect(timelineOf(guest).getByRole("link", { name: "Run 1" })).toHaveCount(2);

  await page.getByRole("button", { name: "More about Grace Hopper" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await page.getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("Grace Hopper is no longer a collaborator.")).toBeVisible();
  expect((await guest.goto(receipt))?.status()).toBe(404);
  expect((await rerun()).status()).toBe(404);
  expect((await guest.request.get(`${api}/events`)).status()).toBe(404);
});

test("one browser of several is signed out from the account page", async ({ page, browser }) => {
  const person = await register(page.request);
  const [lost, kept] = [await otherBrowser(browser), await otherBrowser(browser)];
  for (const other of [kept, lost]) {
    await other.goto("/sign-in");
    await signIn(other, person);
    await expect(other).toHaveURL(/\/projects/);
  }
  await page.goto("/account");
  const others = page.getByRole("button", { name: /^Sign out Chrome/ });
  await expect(others).toHaveCount(2);
  await others.first().click();
  await expect(page.getByText("That browser is signed out.")).toBeVisible();
  await expect(others).toHaveCount(1);
  await lost.goto("/projects");
  await expect(lost).toHaveURL(/\/sign-in/);
  expect((await lost.request.get("/api/projects")).status()).toBe(401);
  await kept.goto("/projects");
  await expect(kept).toHaveURL(/\/projects/);
});
