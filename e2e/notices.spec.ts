import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { mailPage } from "./support/mail";
import { register } from "./support/people";
import { createProject, makeIssue } from "./support/projects";
import { test as base, expect, otherBrowser } from "./support/test";

type Posted = { headers: IncomingHttpHeaders; body: string };
type Receiver = { url: string; posted: Posted[]; answer: (status: number) => void };

const test = base.extend<{ receiver: Receiver }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's dependencies from the pattern
  receiver: async ({}, use) => {
    const posted: Posted[] = [];
    let status = 204;
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      posted.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await use({ url: `http://127.0.0.1:${port}/hook`, posted, answer: (next) => (status = next) });
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  },
});

/** What the signature is of; throws when it is not of this secret. */
const verified = (secret: string, { headers, body }: Posted): unknown =>
  new Webhook(secret).verify(body, {
    "webhook-id": String(headers["webhook-id"]),
    "webhook-timestamp": String(headers["webhook-timestamp"]),
    "webhook-signature": String(headers["webhook-signature"]),
  });

test("a webhook is added, tested with a signature that verifies, and says what it does not take", async ({
  page,
  receiver,
}) => {
  await register(page.request);
  const { project } = await createProject(page.request);
  await page.goto(`/p/${project.id}/settings#notices`);
  const section = page.getByRole("region", { name: "Notices", exact: true });
  await expect(section).toBeInViewport();
  await section.getByRole("button", { name: "New channel" }).click();
  const dialog = page.getByRole("dialog", { name: "New channel" });
  await dialog.getByLabel("Name").fill("On-call");
  await dialog.getByLabel("Address").fill(receiver.url);
  await dialog.getByRole("button", { name: "Add channel" }).click();
  const shown = page.getByRole("dialog", { name: "The signing secret" });
  const secret = await shown.getByLabel("Signing secret", { exact: true }).inputValue();
  expect(secret).toMatch(/^whsec_/);
  await shown.getByRole("button", { name: "Done" }).click();
  await expect(section.getByText("Hears at once.")).toBeVisible();
  await expect(section.getByText("Nothing sent yet")).toBeVisible();

  const outcome = section.getByRole("status");
  await section.getByRole("button", { name: "Test On-call" }).click();
  await expect(outcome).toContainText("The test was taken.", { timeout: 60_000 });
  expect(receiver.posted).not.toHaveLength(0);
  for (const one of receiver.posted)
    expect(verified(secret, one)).toMatchObject({
      type: "notice.test",
      data: { project: { id: project.id } },
    });
  await expect(section.getByText("Last sent")).toBeVisible();

  receiver.answer(500);
  await section.getByRole("button", { name: "Test On-call" }).click();
  await expect(outcome).toContainText("It answered 500.", { timeout: 60_000 });
  await expect(section.getByText("Failing since")).toBeVisible();

  await section.getByRole("button", { name: "New secret of On-call" }).click();
  await page.getByRole("button", { name: "Make a new secret" }).click();
  const renewed = page.getByRole("dialog", { name: "The new secret of On-call" });
  const newer = await renewed.getByLabel("Signing secret", { exact: true }).inputValue();
  expect(newer).not.toBe(secret);
  await renewed.getByRole("button", { name: "Done" }).click();
  receiver.answer(204);
  const before = receiver.posted.length;
  await section.getByRole("button", { name: "Test On-call" }).click();
  await expect(outcome).toContainText("The test was taken.", { timeout: 60_000 });
  for (const one of receiver.posted.slice(before))
    for (const key of [secret, newer]) expect(() => verified(key, one)).not.toThrow();

  await section.getByRole("button", { name: "Switch off On-call" }).click();
  await expect(section.getByText("switched off", { exact: true })).toBeVisible();
  await expect(section.getByRole("button", { name: "Test On-call" })).toBeHidden();
  await section.getByRole("link", { name: /^What was told/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Notices" })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "On-call" })).toHaveCount(3);

  await page.goto(`/p/${project.id}/settings#notices`);
  await section.getByRole("button", { name: "Delete On-call" }).click();
  await page.getByRole("button", { name: "Delete channel" }).click();
  await expect(section.getByText("No channel yet")).toBeVisible();
});

test("whoever opens a mail's link signed out stops what it is about, and starts it again", async ({
  page,
  browser,
}) => {
  test.slow();
  const { email } = await register(page.request);
  const { project } = await createProject(page.request, "sample");
  await makeIssue(page.request, project.id);
  const visitor = await otherBrowser(browser);
  const mail = visitor.getByRole("listitem").filter({ hasText: `to ${email}` });
  await expect(async () => {
    await visitor.goto(mailPage());
    await expect(mail).toHaveCount(1, { timeout: 1_000 });
  }).toPass({ timeout: 90_000 });
  const address = await mail.locator('a[href*="/n/stop/"]').getAttribute("href");
  const path = new URL(address ?? "", "http://localhost").pathname;

  const rule = async () => {
    const answer = await page.request.get(`/api/projects/${project.id}/notice-rules/mine`);
    return (await answer.json()).atOnce;
  };
  await visitor.goto(path);
  await expect(visitor.getByRole("heading", { level: 1 })).toHaveText(/^Stop mails about failures in e2e-/);
  expect(await rule(), "looking stops nothing").toBe(true);
  await visitor.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(visitor.getByRole("heading", { level: 1, name: "Stopped" })).toBeVisible();
  expect(await rule()).toBe(false);
  await visitor.goto(path);
  await visitor.getByRole("button", { name: "Start again" }).click();
  await expect(visitor.getByRole("heading", { level: 1, name: /^Stop / })).toBeVisible();
  expect(await rule()).toBe(true);

  await visitor.goto(`${path.slice(0, -4)}AAAA`);
  await expect(visitor.getByRole("heading", { name: "There is nothing to stop" })).toBeVisible();
  await expect(visitor.getByRole("button", { name: "Stop" })).toHaveCount(0);
});
