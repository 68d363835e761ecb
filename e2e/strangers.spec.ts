import fs from "node:fs";
import path from "node:path";
import type { APIRequestContext } from "@playwright/test";
import { register, signIn } from "./support/people";
import {
  createProject,
  getJson,
  lastRefused,
  makeCertificate,
  makeIssue,
  postJson,
  send,
  settled,
} from "./support/projects";
import { expect, otherBrowser, test } from "./support/test";

const folder = path.join(import.meta.dirname, "../app/(app)/p/[project]");

/** Every page of a project as its path below /p, such as `[project]/inbox/[messageId]`. */
const pages = fs
  .readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => path.basename(file) === "page.tsx")
  .map((file) => path.posix.join("[project]", path.dirname(file).split(path.sep).join("/")))
  .sort();

type Ids = Record<string, string>;

/** The address of a page with these ids in it. */
function addressOf(page: string, ids: Ids): string {
  const filled = page.replaceAll(/\[(\w+)\]/g, (_, name: string) => {
    const id = ids[name];
    if (!id) throw new Error(`Say in idsOfProject which id the pages of ${page} have for [${name}].`);
    return id;
  });
  return `/p/${filled}`;
}

/** Nothing else is called so. */
const patientName = "Aminazqwk";

/** A project of the signed-in person with something of everything that has a page. */
async function idsOfProject(request: APIRequestContext): Promise<Ids> {
  const { project, workflows } = await createProject(request, "sample");
  const message = { form: "home-visit", patient: { id: "P-1", name: patientName } };
  const messageId = await send(request, project.id, message);
  const { workOrders } = await settled(request, project.id, messageId);
  const path = `/api/projects/${project.id}`;
  const act = await request.post(`${path}/bulk-acts`, {
    data: { name: "again", kind: "rerun", of: { target: "messages" } },
  });
  const { id: issueId } = await makeIssue(request, project.id);
  const collection = await postJson<{ id: string }>(request, `${path}/collections`, { name: "visits" });
  const certificate = await makeCertificate(request, project.id);
  await request.patch(path, { data: { inboxEnabled: false } });
  const { inboxId } = await getJson<{ inboxId: string }>(request, path);
  await request.post(`/i/${inboxId}`, { data: message });
  return {
    ...certificate,
    collection: collection.id,
    actId: (await act.json()).id,
    issueId,
    refusedId: await lastRefused(request, project.id),
    project: project.id,
    messageId,
    workflowId: workflows[0]?.id ?? "",
    runId: workOrders[0]?.runs[0]?.id ?? "",
  };
}

test("every page of a project is there for its owner and 404 for a stranger", async ({ page, browser }) => {
  await register(page.request);
  const ids = await idsOfProject(page.request);
  const stranger = await otherBrowser(browser);
  await register(stranger.request, "Mallory");
  expect(pages.length).toBeGreaterThanOrEqual(9);
  for (const one of pages) {
    const address = addressOf(one, ids);
    expect((await page.request.get(address)).status(), `a member, ${one}`).toBe(200);
    const refusal = await stranger.request.get(address);
    expect(refusal.status(), `a stranger, ${one}`).toBe(404);
    expect(await refusal.text()).not.toContain("home-visits");
  }
  await stranger.goto(addressOf("[project]/inbox", ids));
  await expect(stranger.getByRole("heading", { name: "Nothing at this address" })).toBeVisible();
});

test("one's own project does not open what belongs to another", async ({ page, browser }) => {
  await register(page.request);
  const ids = await idsOfProject(page.request);
  const stranger = await otherBrowser(browser);
  await register(stranger.request, "Mallory");
  const own = await createProject(stranger.request);
  for (const one of pages.filter((path) => /\/\[\w+\]$/.test(path))) {
    await page.goto(addressOf(one, ids));
    await expect(page.getByRole("heading", { level: 1 }), `a member, ${one}`).toBeVisible();
    await stranger.goto(addressOf(one, { ...ids, project: own.project.id }));
    await expect(stranger.getByRole("heading", { name: "Nothing at this address" }), one).toBeVisible();
    expect(await stranger.content()).not.toContain(patientName);
  }
});

test("no page tells a viewer what is masked for viewers", async ({ page, browser }) => {
  await register(page.request);
  const ids = await idsOfProject(page.request);
  const path = `/api/projects/${ids.project}`;
  const shown = await page.request.get(`/p/${ids.project}/inbox/${ids.messageId}`);
  expect(await shown.text()).toContain(patientName);
  const protection = { maskedRoles: ["viewer"], revealRoles: ["viewer"], noDownloadRoles: ["viewer"] };
  await page.request.put(`${path}/protection`, { data: { masks: ["$.patient.name"], ...protection } });
  const viewer = await otherBrowser(browser);
  const { email } = await register(viewer.request, "Grace Hopper");
  const invited = await page.request.post(`${path}/invitations`, { data: { email, role: "viewer" } });
  await viewer.goto(new URL((await invited.json()).link).pathname);
  await viewer.getByRole("button", { name: "Accept" }).click();
  await expect(viewer).toHaveURL(new RegExp(`/p/${ids.project}/inbox`));
  for (const one of pages) {
    const answer = await viewer.request.get(addressOf(one, ids));
    expect(await answer.text(), one).not.toContain(patientName);
  }

  await viewer.goto(addressOf("[project]/inbox/[messageId]", ids));
  const masks = viewer.getByRole("region", { name: "What is masked" });
  await expect(masks).toContainText("masks for your role");
  await expect(viewer.getByRole("link", { name: "Download body" })).toHaveCount(0);
  await masks.getByRole("button", { name: "Reveal…" }).click();
  await viewer.getByLabel("Why do you need to see it?").fill("A question of the clinic");
  await viewer.getByRole("button", { name: "Reveal", exact: true }).click();
  await expect(masks).toContainText("Revealed to you until");
  await expect(viewer.getByText(patientName).first()).toBeVisible();
  await page.goto(addressOf("[project]/inbox/[messageId]", ids));
  await expect(page.getByRole("region", { name: "What is masked" })).toContainText(
    "A question of the clinic",
  );
});

test("every page leads the signed-out to sign-in, and sign-in leads back", async ({ page, browser }) => {
  const person = await register(page.request);
  const ids = await idsOfProject(page.request);
  const visitor = await otherBrowser(browser);
  for (const one of pages) {
    const address = addressOf(one, ids);
    await visitor.goto(address);
    await expect(visitor).toHaveURL(`/sign-in?next=${encodeURIComponent(address)}`);
  }
  const filtered = `${addressOf("[project]/inbox", ids)}?state=success`;
  await visitor.goto(filtered);
  await signIn(visitor, person);
  await expect(visitor).toHaveURL(filtered);
});
