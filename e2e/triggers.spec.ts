import type { APIRequestContext, Page } from "@playwright/test";
import type { WorkflowDetail } from "@/lib/domain/workflow/get";
import { expectWell } from "./support/looked-at";
import { register } from "./support/people";
import { getJson, importProject, send, workflowNamed } from "./support/projects";
import { expect, test } from "./support/test";
import { paymentTo, projectOf, referral } from "./support/yaml";

/** A project with the workflows Referral and Payment, each begun by home visits. */
async function makeProject(request: APIRequestContext): Promise<{ projectId: string; made: WorkflowDetail }> {
  await register(request);
  const imported = await importProject(request, projectOf(referral, paymentTo("http://127.0.0.1:9")));
  return { projectId: imported.project.id, made: await workflowNamed(request, imported, "Referral") };
}

/** Opens the editor at the workflow's trigger. */
async function openTrigger(page: Page, projectId: string, { id, graph }: WorkflowDetail): Promise<string> {
  const triggerId = graph.triggers[0]?.id ?? "";
  await page.goto(`/p/${projectId}/workflows/${id}/edit?node=${triggerId}`);
  await expect(details(page).getByRole("combobox", { name: "Starts on" })).toBeVisible({ timeout: 30_000 });
  return triggerId;
}

const details = (page: Page) => page.getByRole("region", { name: "Details", exact: true });

/** The draft as the server has it, once it is there; as text, because its numbers are exact. */
const draftOf = (request: APIRequestContext, projectId: string, { id }: WorkflowDetail) =>
  getJson<{ draft: { graph: WorkflowDetail["graph"] } | null }>(
    request,
    `/api/projects/${projectId}/workflows/${id}/draft`,
  );

async function expectDraft(
  request: APIRequestContext,
  { projectId, made }: { projectId: string; made: WorkflowDetail },
  trigger: Record<string, unknown>,
): Promise<void> {
  await expect
    .poll(async () => (await draftOf(request, projectId, made)).draft?.graph.triggers[0], { timeout: 30_000 })
    .toMatchObject(trigger);
}

/** A count is read anew after each change: on a loaded machine that takes its time. */
const patience = { timeout: 60_000 };

test("a filter is built from a message that has just arrived, by clicks and by keyboard, and counts what it takes", async ({
  page,
}) => {
  test.slow();
  const { request } = page;
  const { projectId, made } = await makeProject(request);
  await send(request, projectId, { form: "stock", clinic: "B" });
  await openTrigger(page, projectId, made);
  const panel = details(page);
  const count = panel.getByRole("region", { name: "Among the newest messages" });
  await expect(count).toContainText("0 of the last 1 message", patience);
  await expect(count).toContainText('form is "home-visit" stopped 1', patience);

  const id = await send(request, projectId, {
    form: "lab-result",
    clinic: "B",
    sample: { number: 7, tags: ["urgent", "blood"] },
  });
  await expect(count).toContainText("0 of the last 2 messages", patience);
  await panel.getByRole("combobox", { name: "Message" }).click();
  await page.getByRole("option", { name: new RegExp(id.slice(-8)) }).click();
  const takes = panel.getByRole("region", { name: "A message starts the workflow when" });
  await panel.getByRole("button", { name: 'form is "lab-result"', exact: true }).click();
  await expect(takes.getByRole("listitem")).toHaveText([/form is "lab-result"/]);
  await expect(count).toContainText("1 of the last 2 messages", patience);
  await expect(count).toContainText('form is "lab-result" stopped 1', patience);
  await expectWell(page);

  // The rest by keyboard alone: from the button that was pressed to others, and back by the tabulator.
  await panel.getByRole("button", { name: 'form is "lab-result"', exact: true }).focus();
  await page.keyboard.press("ArrowDown");
  await expect(panel.getByRole("button", { name: 'clinic is "B"', exact: true })).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  const leaves = panel.getByRole("region", { name: "and is left out when" });
  await expect(leaves.getByRole("listitem")).toHaveText([/clinic is "B"/]);
  await expect(count).toContainText("0 of the last 2 messages", patience);
  await expect(count).toContainText("what is left out stopped 2", patience);
  await page.keyboard.press("Enter");
  await expect(leaves.getByRole("listitem")).toHaveCount(0);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowLeft");
  await expect(panel.getByRole("button", { name: "sample is there", exact: true })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(takes.getByRole("listitem")).toHaveText([/form is "lab-result"/, /sample is there/]);
  await expect(count).toContainText("1 of the last 2 messages", patience);

  await panel.getByText("As JSON").click();
  const json = panel.getByRole("textbox", { name: "The message contains" });
  await expect(json).toHaveValue(/"form": "lab-result"/);
  await json.fill('{"form":"lab-result","sample":{"number":12345678901234567890}}');
  await expect(takes.getByRole("listitem").nth(1)).toContainText("sample.number is 12345678901234567890");
  await expect(json).toHaveValue('{"form":"lab-result","sample":{"number":12345678901234567890}}');
  await takes
    .getByRole("button", { name: "Change the value: sample.number is 12345678901234567890" })
    .click();
  await takes.getByRole("textbox", { name: "Value of sample.number" }).fill("7");
  await page.keyboard.press("Enter");
  await expect(takes.getByRole("listitem").nth(1)).toContainText("sample.number is 7");
  await expectDraft(
    request,
    { projectId, made },
    { inclusion: { form: "lab-result", sample: { number: 7 } } },
  );
});

test.describe("in a zone that is not the reader's", () => {
  test.use({ timezoneId: "America/New_York" });

  test("a schedule is daily at 8 in another zone, with its next times in both", async ({ page }) => {
    const { request } = page;
    const { projectId, made } = await makeProject(request);
    await openTrigger(page, projectId, made);
    const panel = details(page);
    await panel.getByRole("combobox", { name: "Starts on" }).click();
    await page.getByRole("option", { name: "Schedule" }).click();
    const asked = page.getByRole("alertdialog");
    await expect(asked).toContainText("It loses what messages must have");
    await asked.getByRole("button", { name: "Change it" }).click();
    await panel.getByRole("combobox", { name: "Repeats" }).click();
    await page.getByRole("option", { name: "Every day" }).click();
    await panel.getByLabel("At", { exact: true }).fill("08:00");
    await expect(panel.getByRole("textbox", { name: "Cron expression" })).toHaveValue("0 8 * * *");
    await panel.getByRole("combobox", { name: "Time zone" }).click();
    await page.getByRole("searchbox", { name: "Find a time zone" }).fill("nairobi");
    await page.getByRole("option", { name: /Africa\/Nairobi/ }).click();
    const times = panel.getByRole("table", { name: "The next five times" }).getByRole("row");
    await expect(times).toHaveCount(6);
    // Kenya has no summer time; New York is 7 or 8 hours behind it.
    await expect(times.nth(1).getByRole("cell")).toHaveText([/, 08:00$/, /, 0[01]:00$/]);
    await expectWell(page);
    await panel.getByRole("textbox", { name: "Cron expression" }).fill("30 17 * * 1-5");
    await expect(panel.getByRole("combobox", { name: "Repeats" })).toHaveText("On days of the week");
    await expect(panel.getByRole("checkbox", { name: "Friday" })).toBeChecked();
    await expect(panel.getByRole("checkbox", { name: "Sunday" })).not.toBeChecked();
    await expectDraft(
      request,
      { projectId, made },
      { type: "cron", cronExpression: "30 17 * * 1-5", timeZone: "Africa/Nairobi", inclusion: null },
    );
  });
});

test("a catch follows a job of another workflow, and a webhook has a path of its own", async ({ page }) => {
  const { request } = page;
  const { projectId, made } = await makeProject(request);
  await openTrigger(page, projectId, made);
  const panel = details(page);
  const startOn = async (type: string) => {
    await panel.getByRole("combobox", { name: "Starts on" }).click();
    await page.getByRole("option", { name: type }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Change it" }).click();
  };
  await startOn("After a failure");
  await panel.getByRole("combobox", { name: "Job" }).click();
  await page.getByRole("searchbox", { name: "Find a job" }).fill("Pay");
  await page.getByRole("option", { name: "Payment" }).click();
  await expect(panel.getByRole("link", { name: "Payment of Payment" })).toBeVisible();
  await expectWell(page);
  await expectDraft(request, { projectId, made }, { type: "catch", sourceJobId: expect.any(String) });

  await startOn("Webhook");
  await panel.getByRole("textbox", { name: "Custom path" }).fill("Lab Results");
  await expect(panel.getByRole("alert")).toContainText("lower-case letters");
  await panel.getByRole("textbox", { name: "Custom path" }).fill("lab-results");
  await expect(panel.getByText(`/i/${projectId}/lab-results`)).toBeVisible();
  await panel.getByRole("combobox", { name: "Senders are answered" }).click();
  await page.getByRole("option", { name: "when the run has ended" }).click();
  await panel.getByRole("textbox", { name: "Status after a success" }).fill("200");
  await expectWell(page);
  await expectDraft(
    request,
    { projectId, made },
    {
      ...{ type: "webhook", customPath: "lab-results", webhookReply: "after_completion", sourceJobId: null },
      webhookResponseConfig: { success_code: 200 },
    },
  );
  // Senders' methods belong to what is saved: the way there is one button, and the URL is never open in between.
  await panel.getByRole("button", { name: "Switch it off and save it as a version…" }).click();
  const promote = page.getByRole("dialog", { name: "Save as a version" });
  await expect(promote).toContainText("nothing starts this version until it is switched on");
  await promote.getByRole("button", { name: "Save as a version" }).click();
  await expect(promote).toHaveCount(0, { timeout: 30_000 });
  await expect(page.getByRole("button", { name: "Show what starts it" })).toBeVisible();
  await expect(panel.getByRole("switch", { name: "Switched on" })).not.toBeChecked();
  await expect(panel.getByRole("button", { name: "New method" })).toBeVisible();
});
