import type { APIRequestContext } from "@playwright/test";
import { openInbox, rowsOf } from "./support/inbox";
import { register } from "./support/people";
import { createProject, getJson, send } from "./support/projects";
import { expect, test } from "./support/test";

/** Sends bytes as they are, of a content type. */
async function sendAs(request: APIRequestContext, projectId: string, type: string, data: string) {
  const { inboxId } = await getJson<{ inboxId: string }>(request, `/api/projects/${projectId}`);
  const response = await request.post(`/i/${inboxId}`, {
    data: Buffer.from(data),
    headers: { "content-type": type },
  });
  expect(response.ok()).toBe(true);
}

test("what is searched for is marked, however it was sent, in the list and on the receipt", async ({
  page,
}) => {
  await register(page.request);
  const { project } = await createProject(page.request);
  await sendAs(page.request, project.id, "application/xml", "<p><name>Am&#233;lie <b>Ba</b></name></p>");
  await sendAs(
    page.request,
    project.id,
    "application/json",
    `{"padding":"${"x".repeat(300)}","patient":{"file":{"card":{"name":"Am\\u00e9lie <b>Ba</b>"}}},"id":9007199254740993}`,
  );
  await send(page.request, project.id, { name: "Amelie" });
  await openInbox(page, `/p/${project.id}/inbox`);
  const search = page.getByRole("searchbox", { name: "Search messages" });
  await search.fill('AMÉLIE "<b>"');
  await expect(rowsOf(page)).toHaveCount(2);
  await expect(page.getByText("That is everything that matches.")).toBeVisible();
  const newest = rowsOf(page).first();
  await expect(newest.locator("mark")).toHaveText(["Amélie", "<b>"]);
  await search.fill("amélie nobody");
  await expect(page.getByText("No message matches")).toBeVisible();

  await search.fill("amélie");
  await expect(rowsOf(page)).toHaveCount(2);
  await newest.locator("a[data-row]").click();
  const body = page.getByRole("region", { name: "Body" });
  // Deeper than the tree opens by itself.
  await expect(body.locator("mark")).toHaveText(["Amélie"]);
  await expect(body).toContainText("9007199254740993jobs get 9007199254740992");
  await page.getByRole("button", { name: "Raw" }).click();
  await expect(body.locator("mark")).toHaveText(["Am\\u00e9lie"]);
  await page.getByRole("link", { name: "Older message" }).click();
  await expect(body.locator("mark")).toHaveText(["Amélie"]);
  await page.getByRole("button", { name: "Raw" }).click();
  await expect(body.locator("mark")).toHaveText(["Am&#233;lie"]);
});

test("a search is stopped by Escape and goes on when asked, says when it has looked at everything, and keeps up", async ({
  page,
}) => {
  test.slow();
  await register(page.request);
  const { project } = await createProject(page.request);
  await send(page.request, project.id, { name: "Needle" });
  for (const n of [1, 2]) await send(page.request, project.id, { n, hay: "x".repeat(9_000_000) });
  const everything = page.getByText("That is everything that matches.");
  // One that never comes to anything.
  const searches = /\/messages\/search\?/;
  await page.route(searches, () => {});
  await openInbox(page, `/p/${project.id}/inbox?text=needle`);
  await expect(page.getByRole("button", { name: "Stop" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText("The search was stopped before it had looked at anything.")).toBeVisible();
  await expect(page.getByText("No message matches")).toBeHidden();
  await expect(everything).toBeHidden();
  await page.unroute(searches);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(rowsOf(page)).toHaveCount(1);
  await expect(everything).toBeVisible();
  await send(page.request, project.id, { name: "another" });
  await send(page.request, project.id, { name: "Needle, too" });
  await expect(rowsOf(page)).toHaveCount(2, { timeout: 60_000 });
  await expect(rowsOf(page).last()).toContainText("Needle");
});
