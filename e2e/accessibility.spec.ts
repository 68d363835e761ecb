import type { APIRequestContext, BrowserContext, Locator } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { mailPage } from "./support/mail";
import { newEmail, register } from "./support/people";
import {
  createProject,
  makeCertificate,
  makeIssue,
  postJson,
  refuse,
  send,
  settled,
  workflowNamed,
} from "./support/projects";
import { test as base, expect } from "./support/test";

/** Where things stand that every page needs, made once for all tests of a worker. */
type Place = {
  filled: string;
  empty: string;
  receipt: string;
  run: string;
  workflow: string;
  editor: Record<"start" | "whole" | "trigger" | "job" | "edge", string>;
  versions: string;
  refused: string;
  bulk: string;
  person: string;
  certificate: string;
  issue: string;
  invitation: string;
  collection: string;
};
type World = { cookies: Awaited<ReturnType<BrowserContext["cookies"]>>; place: Place };

const test = base.extend<object, { world: World }>({
  world: [
    async ({ browser }, use) => {
      const context = await browser.newContext({ baseURL: base.info().project.use.baseURL ?? "" });
      await register(context.request);
      const place = await furnish(context);
      await use({ cookies: await context.cookies(), place });
      await context.close();
    },
    { scope: "worker" },
  ],
});

/** A project that a payment failed in, and one that nothing was sent to. */
async function furnish({ request }: BrowserContext): Promise<Place> {
  const sample = await createProject(request, "sample");
  const filled = `/p/${sample.project.id}`;
  const form = { form: "home-visit", patient: { id: "P-1", name: "Amina" }, payment: { amount: -1 } };
  const messageId = await send(request, sample.project.id, form);
  const { workOrders } = await settled(request, sample.project.id, messageId);
  const payment = workOrders.find((order) => order.workflowName === "Payment");
  const { id, graph } = await workflowNamed(request, sample, "Payment");
  const referral = await workflowNamed(request, sample, "Referral");
  const api = `/api/projects/${sample.project.id}`;
  const [job] = referral.graph.jobs;
  const nothing = { name: "Nothing yet", triggers: [], jobs: [], edges: [] };
  const { id: begun } = await postJson<{ id: string }>(request, `${api}/workflows`, nothing);
  await postJson(request, `${api}/library`, { name: "Refer", workflowId: referral.id, jobId: job?.id });
  const channel = { name: "On-call", type: "webhook", url: "http://127.0.0.1:9/nobody-listens" };
  const { id: channelId } = await postJson<{ id: string }>(request, `${api}/notice-channels`, channel);
  await postJson(request, `${api}/notice-channels/${channelId}/test`, {});
  const nothingToCancel = { kind: "cancel", name: "Cancel", of: { target: "messages", ids: [messageId] } };
  const act = await postJson<{ id: string }>(request, `${api}/bulk-acts`, nothingToCancel);
  const collection = await postJson<{ id: string }>(request, `${api}/collections`, { name: "visits" });
  const empty = await createProject(request);
  const invited = await request.post(`/api${filled.replace("/p/", "/projects/")}/invitations`, {
    data: { email: newEmail(), role: "viewer" },
  });
  const { link } = await invited.json();
  return {
    filled,
    empty: `/p/${empty.project.id}`,
    receipt: `${filled}/inbox/${messageId}`,
    run: `${filled}/runs/${payment?.runs[0]?.id}`,
    workflow: `${filled}/workflows/${id}`,
    editor: {
      start: `${filled}/workflows/${begun}/edit`,
      whole: `${filled}/workflows/${id}/edit`,
      trigger: `${filled}/workflows/${id}/edit?node=${graph.triggers[0]?.id}`,
      job: `${filled}/workflows/${id}/edit?node=${graph.jobs[0]?.id}`,
      edge: `${filled}/workflows/${id}/edit?node=${graph.edges[0]?.id}`,
    },
    // The library has made a second one of it.
    versions: `${filled}/workflows/${referral.id}/versions`,
    refused: `${filled}/inbox/refused/${await refuse(request, sample.project.id)}`,
    bulk: `${filled}/bulk/${act.id}`,
    ...(await personPages(request, filled, sample.project.id)),
    issue: `${filled}/issues/${(await makeIssue(request, sample.project.id)).id}`,
    invitation: new URL(link).pathname,
    collection: `${filled}/collections/${collection.id}`,
  };
}

/** A search for somebody, and the certificate of another one. */
async function personPages(request: APIRequestContext, filled: string, projectId: string) {
  const { personId, certificateId } = await makeCertificate(request, projectId);
  return {
    person: `${filled}/persons/${personId}`,
    certificate: `${filled}/persons/certificates/${certificateId}`,
  };
}

type Case = {
  name: string;
  path: (place: Place) => string;
  heading: string | RegExp;
  isSignedOut?: true;
  /** So long a page that looking at all of it takes minutes on a busy machine. */
  isLong?: true;
};

const pages: Case[] = [
  { name: "sign-in", path: () => "/sign-in", heading: "Sign in", isSignedOut: true },
  { name: "sign-up", path: () => "/sign-up", heading: "Create an account", isSignedOut: true },
  { name: "invitation", path: (at) => at.invitation, heading: /^Join /, isSignedOut: true },
  { name: "local mail", path: mailPage, heading: "Local mail", isSignedOut: true },
  { name: "API", path: () => "/docs/api", heading: "API", isSignedOut: true, isLong: true },
  { name: "documentation of the states", path: () => "/docs/states", heading: "States", isSignedOut: true },
  { name: "documentation for hosts of git", path: () => "/docs/git", heading: "Git", isSignedOut: true },
  { name: "no such page", path: () => "/nowhere", heading: "Nothing at this address" },
  { name: "projects", path: () => "/projects", heading: "Projects" },
  { name: "new project", path: () => "/projects/new", heading: "New project" },
  { name: "new project from YAML", path: () => "/projects/new?from=yaml", heading: "New project" },
  { name: "account", path: () => "/account", heading: "Your account" },
  { name: "connecting a credential", path: () => "/connect", heading: "Connect a credential" },
  { name: "empty inbox", path: (at) => `${at.empty}/inbox`, heading: "Inbox" },
  { name: "inbox", path: (at) => `${at.filled}/inbox`, heading: "Inbox" },
  { name: "inbox, nothing found", path: (at) => `${at.filled}/inbox?text=nothing`, heading: "Inbox" },
  { name: "refused requests", path: (at) => `${at.filled}/inbox/refused`, heading: "Refused requests" },
  { name: "refused request", path: (at) => at.refused, heading: "Refused request" },
  { name: "receipt", path: (at) => at.receipt, heading: "Receipt" },
  { name: "empty activity history", path: (at) => `${at.empty}/activity`, heading: "Activity history" },
  { name: "activity history", path: (at) => `${at.filled}/activity`, heading: "Activity history" },
  { name: "run", path: (at) => at.run, heading: /^Run of Payment/ },
  { name: "run's details", path: (at) => `${at.run}?tab=details`, heading: /^Run of Payment/ },
  { name: "empty workflows", path: (at) => `${at.empty}/workflows`, heading: "Workflows" },
  { name: "workflows", path: (at) => `${at.filled}/workflows`, heading: "Workflows" },
  { name: "workflow", path: (at) => at.workflow, heading: "Payment" },
  { name: "editor of nothing yet", path: (at) => at.editor.start, heading: "Nothing yet" },
  { name: "editor", path: (at) => at.editor.whole, heading: "Payment" },
  { name: "editor, a trigger", path: (at) => at.editor.trigger, heading: "Payment" },
  { name: "editor, a job", path: (at) => at.editor.job, heading: "Payment" },
  { name: "editor, an edge", path: (at) => at.editor.edge, heading: "Payment" },
  { name: "versions", path: (at) => at.versions, heading: "Versions" },
  { name: "code", path: (at) => `${at.filled}/code`, heading: "Code" },
  { name: "collections", path: (at) => `${at.filled}/collections`, heading: "Collections" },
  { name: "collection", path: (at) => at.collection, heading: "visits" },
  { name: "importing files", path: (at) => `${at.filled}/code/import`, heading: "Import files" },
  { name: "library", path: (at) => `${at.filled}/library`, heading: "Library" },
  { name: "issues", path: (at) => `${at.filled}/issues`, heading: "Issues" },
  { name: "no issue", path: (at) => `${at.empty}/issues`, heading: "Issues" },
  { name: "issue", path: (at) => at.issue, heading: /^Referral/ },
  { name: "bulk acts", path: (at) => `${at.filled}/bulk`, heading: "Bulk" },
  { name: "bulk act", path: (at) => at.bulk, heading: "Cancel" },
  { name: "persons", path: (at) => `${at.filled}/persons`, heading: "One person's data" },
  { name: "person", path: (at) => at.person, heading: "Amina" },
  { name: "certificate", path: (at) => at.certificate, heading: "Certificate" },
  { name: "notices", path: (at) => `${at.filled}/notices`, heading: "Notices" },
  { name: "no notice", path: (at) => `${at.empty}/notices`, heading: "Notices" },
  {
    name: "a mail's link that stops nothing",
    path: () => "/n/stop/nothing",
    heading: "There is nothing to stop",
    isSignedOut: true,
  },
  { name: "usage", path: (at) => `${at.filled}/usage`, heading: "Usage" },
  { name: "adaptors", path: (at) => `${at.filled}/adaptors`, heading: "Adaptors" },
  { name: "credentials", path: (at) => `${at.filled}/credentials`, heading: "Credentials" },
  { name: "collaborators", path: (at) => `${at.filled}/collaborators`, heading: "Collaborators" },
  { name: "settings", path: (at) => `${at.filled}/settings`, heading: "Settings" },
];

test.use({ contextOptions: { reducedMotion: "reduce" } });

for (const { name, path, heading, isSignedOut, isLong } of pages)
  test(`${name}: accessible in light and dark, one heading, a title, fits a phone`, async ({
    page,
    context,
    world,
  }) => {
    if (isLong) test.slow();
    if (!isSignedOut) await context.addCookies(world.cookies);
    await page.goto(path(world.place));
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    await expect(page.locator("h1")).toHaveCount(1);
    await expect(page).toHaveTitle(/\S+ · Waybill$/);
    await expect(page.locator("html")).not.toHaveClass(/\bdark\b/);
    await expectAccessible(page);
    await page.emulateMedia({ colorScheme: "dark" });
    await expect(page.locator("html")).toHaveClass(/\bdark\b/);
    await expectAccessible(page);
    await page.setViewportSize({ width: 390, height: 844 });
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expectAccessible(page);
    const overflow = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth - clientWidth;
    });
    expect(overflow).toBe(0);
  });

/** Nothing that is read, filled in or pressed is beyond its right edge: it could not be scrolled to. */
async function expectWithin(overlay: Locator) {
  const beyond = await overlay.evaluate((box) => {
    const { right } = box.getBoundingClientRect();
    const isScrolled = (element: Element) =>
      element.closest("pre, .cm-scroller, [role=tablist], .overflow-x-auto") !== null;
    return [...box.querySelectorAll("input, textarea, button, p, h1, h2, h3, label")]
      .filter((element) => element.getBoundingClientRect().right > right + 1 && !isScrolled(element))
      .map((element) => element.outerHTML.slice(0, 200));
  });
  expect(beyond).toEqual([]);
}

type Overlay = {
  name: string;
  path: (place: Place) => string;
  /** A key, or the name of the button that opens it, and of the entry in its menu. */
  open: { key: string } | { button: string | RegExp; item?: string };
  role: "dialog" | "alertdialog" | "menu";
  shown?: string | RegExp;
};

const receipt = (at: Place) => at.receipt;
const inbox = (at: Place) => `${at.filled}/inbox`;
const workflow = (at: Place) => at.workflow;
const editor = (at: Place) => at.editor.whole;
const settings = (at: Place) => `${at.filled}/settings`;
const overlays: Overlay[] = [
  { name: "edit and resend", path: receipt, open: { key: "e" }, role: "dialog", shown: "Edit and resend" },
  { name: "keyboard shortcuts", path: receipt, open: { key: "?" }, role: "dialog", shown: "Keyboard" },
  { name: "read as", path: receipt, open: { button: "Read as …" }, role: "dialog", shown: "Read as …" },
  { name: "rerun", path: receipt, open: { button: "Rerun" }, role: "menu" },
  {
    name: "rerun of what succeeded",
    path: receipt,
    open: { key: "r" },
    role: "alertdialog",
    shown: /^Rerun /,
  },
  {
    name: "dry run",
    path: (at) => at.run,
    open: { button: "Dry run" },
    role: "dialog",
    shown: /^Dry run of /,
  },
  {
    name: "send a message",
    path: inbox,
    open: { button: "Send a message" },
    role: "dialog",
    shown: "Send a message",
  },
  { name: "bulk act", path: inbox, open: { button: "Do with all…" }, role: "dialog", shown: /^Do with all / },
  { name: "wipe", path: (at) => at.person, open: { button: "Wipe…" }, role: "dialog", shown: /^Wipe this/ },
  {
    name: "rerun of what an issue affects",
    path: (at) => at.issue,
    open: { button: "Rerun affected" },
    role: "dialog",
    shown: "Rerun what is affected",
  },
  {
    name: "ignore an issue",
    path: (at) => at.issue,
    open: { button: "Ignore…" },
    role: "dialog",
    shown: "Ignore this issue",
  },
  { name: "run by hand", path: workflow, open: { button: "Run" }, role: "dialog", shown: "Run Payment" },
  { name: "adding to a graph", path: editor, open: { button: "Add after Payment" }, role: "menu" },
  {
    name: "connecting a job from its menu",
    path: editor,
    open: { button: "Add after Payment", item: "Connect it to a job…" },
    role: "dialog",
    shown: "Connect Payment to a job",
  },
  {
    name: "what can be done with a job",
    path: editor,
    open: { button: "What can be done with Payment" },
    role: "menu",
  },
  {
    name: "new credential for a job",
    path: (at) => at.editor.job,
    open: { button: "New credential" },
    role: "dialog",
    shown: "New credential",
  },
  { name: "problems", path: editor, open: { button: "No problems" }, role: "dialog", shown: "No problems" },
  { name: "the editor's keys", path: editor, open: { key: "?" }, role: "dialog", shown: "Keyboard" },
  {
    name: "connecting a job",
    path: (at) => at.editor.job,
    open: { key: "c" },
    role: "dialog",
    shown: "Connect Payment to a job",
  },
  {
    name: "restoring a version",
    path: (at) => at.versions,
    open: { button: "Restore… version 1" },
    role: "dialog",
    shown: /^Restore version 1 of /,
  },
  {
    name: "new workflow",
    path: (at) => `${at.filled}/workflows`,
    open: { button: "New workflow" },
    role: "dialog",
    shown: "New workflow",
  },
  { name: "acts on a workflow", path: workflow, open: { button: "More of Payment" }, role: "menu" },
  {
    name: "renaming a workflow",
    path: workflow,
    open: { button: "More of Payment", item: "Rename…" },
    role: "dialog",
    shown: "Rename Payment",
  },
  {
    name: "switching a workflow off",
    path: workflow,
    open: { button: "More of Payment", item: "Switch off…" },
    role: "dialog",
    shown: "Switch Payment off?",
  },
  {
    name: "deleting a workflow",
    path: workflow,
    open: { button: "More of Payment", item: "Delete…" },
    role: "dialog",
    shown: "Delete Payment?",
  },
  { name: "pause", path: workflow, open: { button: "Pause Payment" }, role: "alertdialog", shown: /^Pause / },
  {
    name: "new version of an entry",
    path: (at) => `${at.filled}/library`,
    open: { button: "New version" },
    role: "dialog",
    shown: /^Version 2 of /,
  },
  { name: "your account", path: (at) => at.empty, open: { button: "Your account" }, role: "menu" },
  { name: "projects", path: (at) => at.empty, open: { button: /^Project .*: switch$/ }, role: "menu" },
  { name: "theme", path: (at) => at.empty, open: { button: "Theme" }, role: "menu" },
  {
    name: "new credential",
    path: (at) => `${at.filled}/credentials`,
    open: { button: "New credential" },
    role: "dialog",
  },
  {
    name: "new keychain",
    path: (at) => `${at.filled}/credentials`,
    open: { button: "New keychain" },
    role: "dialog",
  },
  {
    name: "environments of a credential",
    path: () => "/account",
    open: { button: /^Environments of / },
    role: "dialog",
  },
  { name: "invite", path: (at) => `${at.filled}/collaborators`, open: { button: "Invite" }, role: "dialog" },
  { name: "new method", path: settings, open: { button: "New method" }, role: "dialog" },
  { name: "new channel", path: settings, open: { button: "New channel" }, role: "dialog" },
  { name: "change a channel", path: settings, open: { button: "Change On-call" }, role: "dialog" },
  {
    name: "what goes to a channel",
    path: settings,
    open: { button: "Choose what goes to On-call" },
    role: "dialog",
  },
  {
    name: "new secret of a channel",
    path: settings,
    open: { button: "New secret of On-call" },
    role: "dialog",
  },
  {
    name: "delete a channel",
    path: settings,
    open: { button: "Delete On-call" },
    role: "alertdialog",
    shown: "Delete On-call?",
  },
  { name: "new inbox URL", path: settings, open: { button: "New inbox URL" }, role: "alertdialog" },
  { name: "delete project", path: settings, open: { button: "Delete project" }, role: "dialog" },
  { name: "new token", path: () => "/account", open: { button: "New token" }, role: "dialog" },
  { name: "delete account", path: () => "/account", open: { button: "Delete account" }, role: "dialog" },
];

for (const { name, path, open, role, shown } of overlays)
  test(`${name}: the ${role} is accessible in light and dark and on a phone, and Escape gives the focus back`, async ({
    page,
    context,
    world,
  }) => {
    await context.addCookies(world.cookies);
    await page.goto(path(world.place));
    const overlay = page.getByRole(role, shown ? { name: shown } : {});
    const button =
      "button" in open ? page.getByRole("button", { name: open.button, exact: true }).first() : null;
    // The page listens a moment after it is shown.
    await expect(async () => {
      if (await overlay.isVisible()) return;
      if ("key" in open) await page.keyboard.press(open.key);
      else await button?.click({ timeout: 1000 });
      if ("item" in open) await page.getByRole("menuitem", { name: open.item }).click({ timeout: 1000 });
      await expect(overlay).toBeVisible({ timeout: 1000 });
    }).toPass();
    await expectAccessible(page);
    await page.emulateMedia({ colorScheme: "dark" });
    await expect(page.locator("html")).toHaveClass(/\bdark\b/);
    await expectAccessible(page);
    await page.setViewportSize({ width: 390, height: 844 });
    await expect(overlay).toBeVisible();
    await expectAccessible(page);
    await expectWithin(overlay);
    await page.keyboard.press("Escape");
    await expect(overlay).toBeHidden();
    if (button) await expect(button).toBeFocused();
  });
