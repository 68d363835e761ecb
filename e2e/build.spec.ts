import type { Locator, Page } from "@playwright/test";
import type { Destination } from "./support/destination";
import { finger, type Hand, keyboard, mouse } from "./support/hands";
import { jobStatesOf, stateIn } from "./support/inbox";
import { expectWell } from "./support/looked-at";
import { register } from "./support/people";
import { createProject, send, settled } from "./support/projects";
import { expect, test } from "./support/test";

/** What is asked of a server that is busy with other tests. */
const patience = { timeout: 60_000 };

const visit = (name: string) => ({ form: "home-visit", patient: { id: "P-1", name } });

const graphOf = (page: Page) => page.getByRole("region", { name: "Graph", exact: true });
const details = (page: Page) => page.getByRole("region", { name: "Details", exact: true });
const tryOf = (page: Page) => page.getByRole("region", { name: "Try", exact: true });
const button = (place: Page | Locator, name: string | RegExp) =>
  place.getByRole("button", typeof name === "string" ? { name, exact: true } : { name });

/** On a narrow screen the parts of the editor are behind tabs. */
async function show({ page, press, isNarrow }: Hand, part: "Outline" | "Details" | "Try"): Promise<void> {
  if (isNarrow) await press(page.getByRole("tab", { name: part, exact: true }).first());
}

/** Opens a list, looks at it and closes it: the focus is where it was. */
async function lookInto({ page, press }: Hand, opener: Locator, opened: Locator): Promise<void> {
  await press(opener);
  await expect(opened).toBeVisible();
  await expectWell(page);
  await page.keyboard.press("Escape");
  await expect(opened).toBeHidden();
  await expect(opener).toBeFocused();
}

/** An empty workflow of a project that has none. */
async function makeWorkflow(hand: Hand): Promise<void> {
  const { page, press, write } = hand;
  const dialog = page.getByRole("dialog", { name: "New workflow" });
  const open = button(page, "New workflow");
  await expectWell(page);
  // The page listens a moment after it is shown.
  await expect(async () => {
    if (!(await dialog.isVisible())) await press(open);
    await expect(dialog).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expect(dialog.getByLabel("Name", { exact: true })).toBeFocused();
  await expectWell(page);
  await write(dialog.getByLabel("Name", { exact: true }), "Home visits");
  await press(button(dialog, "Make workflow"));
  await expect(page.getByRole("heading", { name: "Home visits", level: 1 })).toBeVisible(patience);
}

/** A filter that is pressed together from a message that has just arrived. */
async function chooseMessages(hand: Hand, send: () => Promise<string>): Promise<string> {
  const { page, press } = hand;
  const starts = page.getByRole("region", { name: "What starts it?" });
  await expectWell(page);
  await press(button(starts, /^Message filter/));
  const panel = details(page);
  await expect(panel.getByRole("combobox", { name: "Starts on" })).toBeFocused();
  await expect(panel.getByText("No message has come yet.")).toBeVisible(patience);
  await expectWell(page);
  const messageId = await send();
  await press(button(panel, 'form is "home-visit"'));
  const count = panel.getByRole("region", { name: "Among the newest messages" });
  await expect(count).toContainText("1 of the last 1 message matches", patience);
  await expectWell(page);
  const types = page.getByRole("option", { name: "Schedule" });
  await lookInto(hand, panel.getByRole("combobox", { name: "Starts on" }), types);
  const messages = page.getByRole("option", { name: new RegExp(messageId.slice(-8)) });
  await lookInto(hand, panel.getByRole("combobox", { name: "Message" }), messages);
  return messageId;
}

/** The name of a job that was just added has the focus. */
async function nameJob({ page, write }: Hand, name: string): Promise<void> {
  const field = details(page).getByLabel("Name", { exact: true });
  await expect(field).toBeFocused();
  await write(field, name);
  await expect(details(page).getByRole("heading", { name, exact: true })).toBeVisible();
}

const codeOf = (page: Page, job: string) => page.getByRole("textbox", { name: `Code of ${job}` });

/** A job that sends the patient to the registry. */
async function addRequest(hand: Hand, url: string): Promise<void> {
  const { page, press, write } = hand;
  const first = page.getByRole("region", { name: "What is done?" });
  await press(button(first, /^Send it to another system/));
  await nameJob(hand, "Register");
  const panel = details(page);
  await lookInto(hand, button(panel, /^Adaptor: /), page.getByRole("dialog", { name: "Choose an adaptor" }));
  const newest = page.getByRole("option", { name: "Newest when saved" });
  await lookInto(hand, panel.getByRole("combobox", { name: "Version" }), newest);
  const none = page.getByRole("option", { name: "None: it signs in nowhere" });
  await lookInto(hand, panel.getByRole("combobox", { name: "Credential" }), none);
  await lookInto(hand, button(panel, "New credential"), page.getByRole("dialog", { name: "New credential" }));
  await write(codeOf(page, "Register"), `post("${url}/patients", $.data.patient);\n`);
  await expectWell(page);
}

/** A job for when the registry refuses. */
async function addCatch(hand: Hand): Promise<void> {
  const { page, press, write } = hand;
  await show(hand, "Outline");
  await press(button(graphOf(page), "Add after Register"));
  await expect(page.getByRole("menu")).toBeVisible();
  await expectWell(page);
  await press(page.getByRole("menuitem", { name: "A job when it fails" }));
  await nameJob(hand, "Alarm");
  await write(
    codeOf(page, "Alarm"),
    'fn(state => {\n  console.log("Not registered");\n  return state;\n});\n',
  );
  await expectWell(page);
  await show(hand, "Outline");
  await expect(graphOf(page)).toContainText("after Register, on failure");
  const discard = page.getByRole("alertdialog", { name: "Discard this draft?" });
  await lookInto(hand, button(page, "Discard"), discard);
}

/** The whole is tried on the message that has just arrived: what it would send is shown, and is not sent. */
async function tryIt(hand: Hand, messageId: string, { url, accepted }: Destination): Promise<void> {
  const { page, press } = hand;
  await show(hand, "Try");
  const panel = tryOf(page);
  await expect(panel.getByText(`Message ${messageId.slice(-8)}`)).toBeVisible(patience);
  await expect(panel.getByText("Taken by Message filter")).toBeVisible();
  await expectWell(page);
  await press(button(panel, "Choose another"));
  await expect(panel.getByRole("radio", { name: new RegExp(messageId.slice(-8)) })).toBeChecked(patience);
  await expectWell(page);
  await press(button(panel, "Done"));
  const run = button(panel, "Test the workflow");
  await press(run);
  const result = panel.getByRole("region", { name: "Result of the test" });
  await expect(result.getByRole("status").first()).toContainText("success", patience);
  await expect(result.getByRole("status").first()).toContainText("Nothing was sent.");
  await expect(result.getByText(`${url}/patients`)).toBeVisible();
  expect(accepted).toEqual([]);
  await expect(run).toBeFocused();
  await expectWell(page);
}

/** The trigger is switched on, and the draft becomes what runs. */
async function switchOn(hand: Hand): Promise<void> {
  const { page, press, write } = hand;
  await show(hand, "Outline");
  await press(button(graphOf(page), /^Message filter switched off/));
  const panel = details(page);
  await press(panel.getByRole("switch", { name: "Switched on" }));
  await expect(
    panel.getByText("It starts the workflow once this draft is saved as a version."),
  ).toBeVisible();
  await expectWell(page);
  const save = button(page, "Save as a version…");
  const dialog = page.getByRole("dialog", { name: "Save as a version" });
  await lookInto(hand, save, dialog);
  await press(save);
  await expect(dialog.getByRole("heading", { name: /^Job Register/ })).toBeVisible(patience);
  await expectWell(page);
  await write(dialog.getByLabel("Note"), "The first");
  await press(button(dialog, "Save as a version"));
  await expect(dialog).toBeHidden(patience);
  const done = page.getByRole("region", { name: "Saved", exact: true });
  await expect(done).toContainText("Version 2 is saved and counts from now on.");
  await expect(done.locator(":focus")).toHaveCount(1);
  await expectWell(page);
}

type Story = { projectId: string; destination: Destination };

/** From a project that has nothing to a workflow that runs. */
async function build(hand: Hand, { projectId, destination }: Story): Promise<void> {
  const { page } = hand;
  await page.goto(`/p/${projectId}/workflows`);
  await makeWorkflow(hand);
  const messageId = await chooseMessages(hand, () => send(page.request, projectId, visit("Amina")));
  await addRequest(hand, destination.url);
  await addCatch(hand);
  await tryIt(hand, messageId, destination);
  await switchOn(hand);
}

/** It runs live: what the registry takes is sent, and what it refuses is caught. The receipts say so. */
async function expectLive({ page, projectId, destination }: Story & { page: Page }): Promise<void> {
  const receiptOf = async (name: string) => {
    const id = await send(page.request, projectId, visit(name));
    await settled(page.request, projectId, id);
    await page.goto(`/p/${projectId}/inbox/${id}`);
  };
  await receiptOf("Basma");
  await expect(stateIn(jobStatesOf(page), "Register", "success")).toBeVisible();
  expect(destination.accepted).toEqual([{ id: "P-1", name: "Basma" }]);
  await expectWell(page);
  destination.break();
  await receiptOf("Chidi");
  await expect(stateIn(jobStatesOf(page), "Register", "failed, handled")).toBeVisible();
  await expect(stateIn(jobStatesOf(page), "Alarm", "success")).toBeVisible();
  expect(destination.accepted).toHaveLength(1);
  await expectWell(page);
}

const ways: { by: string; hand: (page: Page) => Hand; use: Parameters<typeof test.use>[0] }[] = [
  { by: "with the mouse", hand: mouse, use: { viewport: { width: 1440, height: 900 } } },
  {
    by: "with the keyboard alone, in the dark",
    hand: keyboard,
    use: { viewport: { width: 1440, height: 900 }, colorScheme: "dark" },
  },
  { by: "on a phone", hand: finger, use: { viewport: { width: 390, height: 844 }, hasTouch: true } },
];

for (const { by, hand, use } of ways)
  test.describe(by, () => {
    test.use(use);
    test("a workflow is built in an empty project, tried on a message that has just arrived, and switched on", async ({
      page,
      destination,
      consoleErrors: _,
    }) => {
      test.slow();
      await register(page.request);
      const { project } = await createProject(page.request);
      const story = { projectId: project.id, destination };
      await build(hand(page), story);
      await expectLive({ ...story, page });
    });
  });
