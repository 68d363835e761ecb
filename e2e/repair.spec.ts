import type { APIRequestContext, Page } from "@playwright/test";
import { shippedSpecifiers } from "@/lib/shipped";
import type { Destination } from "./support/destination";
import { timelineOf } from "./support/inbox";
import { expectWell } from "./support/looked-at";
import { register } from "./support/people";
import { getJson, importProject, issuesOf, postJson, send, settled, workflowNamed } from "./support/projects";
import { expect, test } from "./support/test";
import { projectOf } from "./support/yaml";

/** The third line asks for a field that no message has. */
const brokenPayment = (url: string) => ({
  name: "Payment",
  adaptor: shippedSpecifiers.http,
  body: `
fn(state => {
  const { patient } = state.data;
  return { ...state, to: patient.nam.toUpperCase() };
});
post("${url}/payments", state => ({ to: state.to }));`,
});

const visit = (name: string) => ({ form: "home-visit", patient: { id: "P-1", name } });

/** A project in which two messages failed for one reason. Returns the address of the second one's receipt. */
async function broken(request: APIRequestContext, { url }: Destination) {
  await register(request);
  const { project } = await importProject(request, projectOf(brokenPayment(url)));
  for (const name of ["Amina", "Basma"])
    await settled(request, project.id, await send(request, project.id, visit(name)));
  const [issue] = await issuesOf(request, project.id, 1);
  const path = `/api/projects/${project.id}/issues/${issue?.id}`;
  await expect.poll(async () => getJson(request, path), { timeout: 90_000 }).toMatchObject({ affected: 2 });
  const { items } = await getJson<{ items: { id: string }[] }>(
    request,
    `/api/projects/${project.id}/messages`,
  );
  return { project, issue: path, receipt: `/p/${project.id}/inbox/${items[0]?.id}` };
}

const sheetOf = (page: Page) => page.getByRole("dialog", { name: "Repair Payment" });
const codeOf = (page: Page) => sheetOf(page).getByRole("textbox", { name: "Code of Payment" });

/** The page listens a moment after it is shown. */
const opened = (page: Page, open: () => Promise<void>) =>
  expect(async () => {
    if (!(await sheetOf(page).isVisible())) await open();
    await expect(sheetOf(page)).toBeVisible({ timeout: 1_000 });
  }).toPass();

/** The reruns end, all of them well, and so does the issue. */
async function expectHealed(page: Page, destination: Destination, issue: string) {
  await expect(sheetOf(page).getByText("All 2 have succeeded.")).toBeVisible({ timeout: 90_000 });
  expect(destination.accepted).toEqual(expect.arrayContaining([{ to: "AMINA" }, { to: "BASMA" }]));
  expect(destination.accepted).toHaveLength(2);
  await expect
    .poll(async () => getJson(page.request, issue), { timeout: 90_000 })
    .toMatchObject({ state: "resolved", affected: 0 });
}

test("a failed job is repaired on the receipt, tried on its message, saved, and all that failed for the reason is rerun", async ({
  page,
  destination,
}) => {
  test.slow();
  const { receipt, issue } = await broken(page.request, destination);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(receipt);
  await opened(page, () =>
    timelineOf(page).getByRole("button", { name: "Repair", exact: true }).click({ timeout: 1_000 }),
  );
  await expect(sheetOf(page).getByText("is the present one")).toBeVisible();
  await expect(sheetOf(page).getByRole("region", { name: "What failed" })).toContainText("line 3");
  await sheetOf(page).getByRole("button", { name: "Raw" }).click();
  await expect(sheetOf(page).getByRole("tabpanel", { name: "Input that failed" })).toContainText("Basma");
  await expectWell(page);

  await codeOf(page).getByText("nam", { exact: true }).dblclick();
  await page.keyboard.type("name");
  await sheetOf(page).getByRole("button", { name: "Try it" }).click();
  const result = sheetOf(page).getByRole("tabpanel", { name: "What it comes to now" });
  await expect(result.getByText("Nothing was sent.")).toBeVisible();
  await result.getByText("/payments").click();
  await expect(result).toContainText("BASMA");
  expect(destination.accepted).toEqual([]);
  await expectWell(page);

  await sheetOf(page).getByRole("button", { name: "Save…" }).click();
  const change = sheetOf(page).getByRole("region", { name: "What changes in Payment" });
  await expect(change).toContainText("patient.name.toUpperCase()");
  await expect(sheetOf(page).getByText("2 work orders failed for this reason")).toBeVisible();
  await expect(sheetOf(page).getByText("2 runs would be started")).toBeVisible();
  await expectWell(page);
  await sheetOf(page).getByRole("button", { name: "Save and rerun all 2" }).click();
  await expect(sheetOf(page).getByRole("heading", { name: "Saved as version 2 of Payment" })).toBeFocused();
  await expectWell(page);
  await expectHealed(page, destination, issue);
  await expectWell(page);
  await sheetOf(page).getByRole("button", { name: "Close", exact: true }).last().click();
  await expect(page).toHaveURL(new RegExp(`${receipt}`));
  await expect(timelineOf(page).getByText("Run 2")).toBeVisible();
});

test("the same on a phone, from the issue", async ({ page, destination }) => {
  test.slow();
  const { project, issue } = await broken(page.request, destination);
  await page.setViewportSize({ width: 390, height: 844 });
  const { id } = await getJson<{ id: string }>(page.request, issue);
  await page.goto(`/p/${project.id}/issues/${id}`);
  await opened(page, () => page.getByRole("button", { name: "Repair Payment" }).click({ timeout: 1_000 }));
  await expect(codeOf(page)).toBeFocused({ timeout: 60_000 });
  await expectWell(page);
  const { width = 0, height = 0 } = (await sheetOf(page).boundingBox()) ?? {};
  expect([width, height]).toEqual([390, 844]);
  await codeOf(page).getByText("nam", { exact: true }).dblclick();
  await page.keyboard.type("name");
  await sheetOf(page).getByRole("button", { name: "Try it" }).click();
  await expect(sheetOf(page).getByText("Nothing was sent.")).toBeVisible();
  await expectWell(page);
  await sheetOf(page).getByRole("button", { name: "Save…" }).click();
  await expect(sheetOf(page).getByText("2 runs would be started")).toBeVisible();
  await expectWell(page);
  await sheetOf(page).getByRole("button", { name: "Save and rerun all 2" }).click();
  await expectHealed(page, destination, issue);
  await expectWell(page);
});

test("the same with the keyboard alone, in the dark", async ({ page, destination }) => {
  test.slow();
  await page.emulateMedia({ colorScheme: "dark" });
  const { receipt, issue } = await broken(page.request, destination);
  await page.goto(receipt);
  await opened(page, () => page.keyboard.press("f"));
  await expect(codeOf(page)).toBeFocused({ timeout: 60_000 });
  await expectWell(page);
  // The cursor is at the line of the error.
  await page.keyboard.press("End");
  await pressTimes(page, "ArrowLeft", ".toUpperCase() };".length);
  await page.keyboard.type("e");
  await page.keyboard.press("Control+Space");
  await expect(page.getByRole("listbox", { name: "Completions" })).toBeVisible();
  await expectWell(page);
  await page.keyboard.press("Escape");
  await leaveCode(page);
  await reach(page, "Try it");
  await page.keyboard.press("Enter");
  await expect(sheetOf(page).getByText("Nothing was sent.")).toBeVisible();
  await expectWell(page);
  await reach(page, "Save…");
  await page.keyboard.press("Enter");
  await expect(sheetOf(page).getByText("2 runs would be started")).toBeVisible();
  await expectWell(page);
  await reach(page, "Save and rerun all 2");
  await page.keyboard.press("Enter");
  await expectHealed(page, destination, issue);
  await expectWell(page);
  await page.keyboard.press("Escape");
  await expect(sheetOf(page)).toBeHidden();
});

test("what somebody else saves meanwhile is merged, a follower of the library is told what it means, and one rerun is waited for", async ({
  page,
}) => {
  test.slow();
  const { request } = page;
  await register(request);
  const body = "\nfn(state => {\n  return { ...state, to: state.data.patient.nam.toUpperCase() };\n});";
  const imported = await importProject(
    request,
    projectOf({ name: "Payment", adaptor: shippedSpecifiers.common, body }),
  );
  const api = `/api/projects/${imported.project.id}`;
  const messageId = await send(request, imported.project.id, visit("Amina"));
  await settled(request, imported.project.id, messageId);
  const { id, graph } = await workflowNamed(request, imported, "Payment");
  const job = graph.jobs[0]?.id ?? "";
  await postJson(request, `${api}/library`, { name: "Pay", workflowId: id, jobId: job });
  await page.setViewportSize({ width: 390, height: 844 });
  const repair = async () => {
    await page.goto(`/p/${imported.project.id}/inbox/${messageId}`);
    await opened(page, () => page.keyboard.press("f"));
  };
  await repair();
  await expect(sheetOf(page).getByText("The code is the same in version 2")).toBeVisible();
  await codeOf(page).getByText("nam", { exact: true }).dblclick();
  await page.keyboard.type("name");
  await postJson(request, `${api}/workflows/${id}/jobs/${job}/repair`, {
    ...{ lockVersion: 2, library: "version", body: `// checked${body}\n` },
  });
  await sheetOf(page).getByRole("button", { name: "Save…" }).click();
  await sheetOf(page).getByRole("button", { name: "Save", exact: true }).click();
  await expect(sheetOf(page).getByText("Version 3 was saved meanwhile.")).toBeVisible();
  await sheetOf(page)
    .getByRole("radio", { name: /^Make it the entry's next version/ })
    .click();
  await expectWell(page);
  await sheetOf(page).getByRole("button", { name: "Save and rerun this one" }).click();
  await expect(sheetOf(page).getByText("It has succeeded.")).toBeVisible({ timeout: 60_000 });
  const saved = await workflowNamed(request, imported, "Payment");
  expect(saved.graph.jobs[0]).toMatchObject({ libraryVersion: 3 });
  expect(saved.graph.jobs[0]?.body).toMatch(/^\/\/ checked[\s\S]*patient\.name\./);

  await request.delete(`${api}/workflows/${id}`);
  await repair();
  await expect(sheetOf(page).getByText("Payment was deleted.")).toBeVisible();
  await expectWell(page);
  await sheetOf(page).getByRole("link", { name: "Its versions" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Versions" })).toBeVisible();
});

/** Escape closes the completions, where there are some; without any, Tab leaves the code after it. */
const leaveCode = (page: Page) =>
  expect(async () => {
    if (await codeOf(page).evaluate((element) => element === document.activeElement)) {
      await page.keyboard.press("Escape");
      await page.keyboard.press("Tab");
    }
    await expect(codeOf(page)).not.toBeFocused({ timeout: 200 });
  }).toPass();

/** Tabs on until the button has the focus. */
async function reach(page: Page, name: string) {
  const button = sheetOf(page).getByRole("button", { name, exact: true });
  await expect(async () => {
    if (!(await button.evaluate((element) => element === document.activeElement)))
      await page.keyboard.press("Tab");
    await expect(button).toBeFocused({ timeout: 100 });
  }).toPass({ intervals: [0] });
}

async function pressTimes(page: Page, key: string, times: number) {
  for (let n = 0; n < times; n++) await page.keyboard.press(key);
}
