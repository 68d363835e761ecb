import { expectAccessible } from "./support/accessible";
import { mailPage } from "./support/mail";
import { newEmail, password, register, signIn } from "./support/people";
import { createProject } from "./support/projects";
import { expect, otherBrowser, test } from "./support/test";

test("a newcomer registers and is signed in, at the door of a first project", async ({ page }) => {
  await page.goto("/");
  await expect(page).toHaveURL(/\/sign-in$/);
  await expectAccessible(page);
  await page.getByRole("link", { name: "Create an account" }).click();
  await page.getByLabel("Name").fill("Ada");
  await page.getByLabel("E-mail").fill(newEmail());
  await page.getByLabel("Password").fill(password);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { name: "Welcome, Ada" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Start empty" }).click();
  await expect(page.getByRole("radio", { name: /Empty/ })).toBeChecked();
  await page.getByLabel("Name", { exact: true }).fill("My First Project");
  await page.getByRole("button", { name: "Use my-first-project" }).click();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Create project" }).click();
  await expect(page).toHaveURL(/\/p\/[0-9a-f-]{36}\/inbox/);
});

test("sign-in says the same for a wrong password and an unknown e-mail, and leads back", async ({ page }) => {
  const { email } = await register(page.request);
  await page.context().clearCookies();
  await page.goto("/account");
  await expect(page).toHaveURL(/\/sign-in\?next=%2Faccount/);
  const problem = page.getByText("The e-mail address or the password is not right.");
  for (const address of [email, newEmail()]) {
    await signIn(page, { email: address }, "not the password");
    await expect(problem).toBeVisible();
  }
  await signIn(page, { email });
  await expect(page).toHaveURL(/\/account$/);
});

test("a mailed link signs in once", async ({ page, browser }) => {
  const { email } = await register(page.request);
  const mailbox = await otherBrowser(browser);
  await page.context().clearCookies();
  await page.goto("/sign-in");
  await page.getByLabel("E-mail", { exact: true }).fill(email);
  await page.getByRole("button", { name: "E-mail me a sign-in link" }).click();
  await expect(page.getByRole("heading", { name: "Check your mail" })).toBeVisible();
  await expectAccessible(page);
  await mailbox.goto(mailPage());
  await expectAccessible(mailbox);
  const link = await mailbox
    .getByRole("listitem")
    .filter({ hasText: email })
    .getByRole("link")
    .getAttribute("href");
  await page.goto(link ?? "");
  await expect(page).toHaveURL(/\/projects$/);
  await page.goto("/account");
  await expect(page.getByText(`${email} is confirmed.`)).toBeVisible();
  await mailbox.goto(link ?? "");
  await expect(mailbox.getByText("This link was used already")).toBeVisible();
});

test("whoever wrong guesses keep from the password gets in by a mailed link, and is known from then on", async ({
  page,
  browser,
}) => {
  const { email } = await register(page.request);
  await page.context().clearCookies();
  await page.goto("/sign-in");
  const tooMany = page.getByText(/Too many attempts.*Or have a sign-in link e-mailed to you/);
  const wrong = page.getByText("is not right");
  // Ten in a quarter of an hour: twice that at most, where this crosses from one into the next.
  for (let i = 0; i < 21 && (i < 10 || (await wrong.isVisible())); i++) {
    await signIn(page, { email }, `not the password ${i}`);
    await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeEnabled();
    await expect(i < 10 ? wrong : wrong.or(tooMany)).toBeVisible();
  }
  await expect(tooMany).toBeVisible();
  await signIn(page, { email });
  await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeEnabled();
  await expect(tooMany).toBeVisible();
  await page.getByRole("button", { name: "E-mail me a sign-in link" }).click();
  await expect(page.getByRole("heading", { name: "Check your mail" })).toBeVisible();
  // Asking again mails nothing: the link that is there is good.
  await page.goto("/sign-in");
  await page.getByLabel("E-mail", { exact: true }).fill(email);
  await page.getByRole("button", { name: "E-mail me a sign-in link" }).click();
  await expect(page.getByRole("heading", { name: "Check your mail" })).toBeVisible();
  const mailbox = await otherBrowser(browser);
  await mailbox.goto(mailPage());
  const links = mailbox.getByRole("listitem").filter({ hasText: email }).getByRole("link");
  await expect(links).toHaveCount(1);
  await page.goto((await links.getAttribute("href")) ?? "");
  await expect(page).toHaveURL(/\/projects$/);
  await page.goto("/sign-out");
  await expect(page).toHaveURL(/\/sign-in/);
  await page.goto("/sign-in");
  await page.getByLabel("E-mail", { exact: true }).fill(email);
  await page.getByRole("button", { name: "E-mail me a sign-in link" }).click();
  await expect(page.getByRole("heading", { name: "Check your mail" })).toBeVisible();
  await mailbox.reload();
  await expect(links).toHaveCount(2);
  await page.goto("/sign-in");
  await signIn(page, { email });
  await expect(page).toHaveURL(/\/projects$/);
});

test("signing out ends the session itself, not only its cookie", async ({ page }) => {
  await register(page.request);
  const cookies = await page.context().cookies();
  await page.goto("/projects");
  await page.getByRole("button", { name: "Your account" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.context().addCookies(cookies);
  await page.goto("/projects");
  await expect(page).toHaveURL(/\/sign-in/);
});

test("another browser is signed out from the account page", async ({ page, browser }) => {
  const { email } = await register(page.request);
  const other = await otherBrowser(browser);
  await other.goto("/sign-in");
  await signIn(other, { email });
  await expect(other).toHaveURL(/\/projects/);
  await page.goto("/account");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect(page.getByText("Every other browser is signed out.")).toBeVisible();
  await other.goto("/projects");
  await expect(other).toHaveURL(/\/sign-in/);
});

test("an invited person joins by the link, gets another role, and is removed", async ({ page, browser }) => {
  await register(page.request);
  const { project } = await createProject(page.request);
  const guest = await otherBrowser(browser);
  const { email } = await register(guest.request, "Grace Hopper");
  await page.goto(`/p/${project.id}/collaborators`);
  await page.getByRole("button", { name: "Invite" }).click();
  await page.getByLabel("E-mail").fill(email);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Send invitation" }).click();
  const link = await page.getByRole("textbox", { name: "Invitation link" }).inputValue();
  await page.getByRole("button", { name: "Done" }).click();

  expect((await guest.goto(`/p/${project.id}/inbox`))?.status()).toBe(404);
  await guest.goto(new URL(link).pathname);
  await expectAccessible(guest);
  await guest.getByRole("button", { name: "Accept" }).click();
  await expect(guest).toHaveURL(new RegExp(`/p/${project.id}/inbox`));

  await page.reload();
  await expectAccessible(page);
  await page.getByRole("combobox", { name: "Role of Grace Hopper" }).click();
  await page.getByRole("option", { name: "viewer" }).click();
  await expect(page.getByText("Grace Hopper has another role now.")).toBeVisible();
  await guest.goto(`/p/${project.id}/settings`);
  await expect(guest.getByText("Only the owner and admins can change these.")).toBeVisible();

  await page.getByRole("button", { name: "More about Grace Hopper" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await page.getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("Grace Hopper is no longer a collaborator.")).toBeVisible();
  expect((await guest.goto(`/p/${project.id}/inbox`))?.status()).toBe(404);
});

test("settings rename, protect and delete a project", async ({ page }) => {
  await register(page.request);
  const { project } = await createProject(page.request);
  await page.goto(`/p/${project.id}/settings`);
  await expectAccessible(page);
  await page.getByLabel("Name", { exact: true }).fill(`${project.name}-2`);
  await page.getByRole("button", { name: "Save" }).first().click();
  await expect(page.getByText("Saved.")).toBeVisible();

  const url = await page.getByRole("textbox", { name: "Inbox URL" }).inputValue();
  const path = new URL(url).pathname;
  expect((await page.request.post(path, { data: { a: 1 } })).status()).toBe(202);
  await page.getByRole("button", { name: "New method" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("Kobo server");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Add method" }).click();
  const key = await page.getByLabel("API key", { exact: true }).inputValue();
  await page.getByRole("button", { name: "Done" }).click();
  expect((await page.request.post(path, { data: { a: 1 } })).status()).toBe(401);
  expect((await page.request.post(path, { data: { a: 1 }, headers: { "x-api-key": key } })).status()).toBe(
    202,
  );

  await page.getByRole("button", { name: "Delete project" }).click();
  const confirm = page.getByRole("dialog");
  await expect(confirm.getByRole("button", { name: "Delete project" })).toBeDisabled();
  await confirm.getByRole("textbox").fill(`${project.name}-2`);
  await confirm.getByRole("button", { name: "Delete project" }).click();
  await expect(page).toHaveURL(/\/projects/);
  expect((await page.request.post(path, { data: { a: 1 }, headers: { "x-api-key": key } })).status()).toBe(
    404,
  );
  await page.goto(`/p/${project.id}/inbox`);
  await expect(page.getByText(`${project.name}-2 is deleted for good on`)).toBeVisible();
});

test("a credential is made, shared, and read by its owner only", async ({ page }) => {
  await register(page.request);
  const { project } = await createProject(page.request);
  await page.goto(`/p/${project.id}/credentials`);
  await expectAccessible(page);
  await page.getByRole("button", { name: "New credential" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("HAPI FHIR");
  await page.getByLabel("Secret (JSON)").fill("{ not json");
  await page.getByRole("button", { name: "Save credential" }).click();
  await expect(page.getByText("This is not valid JSON")).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Secret (JSON)").fill('{"password": "p4ss"}');
  await page.getByRole("button", { name: "Save credential" }).click();
  await expect(page.getByText("yours, used by no job")).toBeVisible();
  expect(await page.content()).not.toContain("p4ss");
  await page.getByRole("button", { name: "Edit HAPI FHIR" }).click();
  await page.getByRole("button", { name: "Show and change it" }).click();
  await expect(page.getByLabel("Secret (JSON)")).toHaveValue(/p4ss/);
});

test("a credential is filled in by its adaptor's form, or as JSON", async ({ page }) => {
  await register(page.request);
  const { project } = await createProject(page.request, "sample");
  await page.goto(`/p/${project.id}/credentials`);
  await page.getByRole("button", { name: "New credential" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Clinic");
  await page.getByLabel("Adaptor").click();
  await page.getByRole("option", { name: "@openfn/language-http" }).click();
  await page.getByLabel("Username").fill("ada");
  await expect(page.getByLabel("Password")).toHaveAttribute("type", "password");
  await page.getByLabel("Password").fill("p4ss-word");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Save credential" }).click();
  await expect(page.getByText("yours, used by no job")).toBeVisible();
  await page.getByRole("button", { name: "Edit Clinic" }).click();
  await page.getByRole("button", { name: "Show and change it" }).click();
  await expect(page.getByLabel("Password")).toHaveValue("p4ss-word");
  await page.getByRole("button", { name: "Write it as JSON" }).click();
  const json = await page.getByLabel("Secret (JSON)").inputValue();
  expect(JSON.parse(json)).toEqual({ username: "ada", password: "p4ss-word" });
});

test("an API token is shown once and works for a script, in its project only", async ({
  page,
  playwright,
  baseURL,
}) => {
  await register(page.request);
  const [{ project }, { project: other }] = [
    await createProject(page.request),
    await createProject(page.request),
  ];
  await page.goto("/account");
  await page.getByRole("button", { name: "New token" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("deploy script");
  await page.getByRole("combobox", { name: "Works in" }).click();
  await page.getByRole("option", { name: "Chosen projects" }).click();
  await page.getByRole("checkbox", { name: project.name }).click();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Make token" }).click();
  const token = await page.getByLabel("Token", { exact: true }).inputValue();
  await page.getByRole("button", { name: "I have copied it" }).click();
  await page.reload();
  expect(await page.content()).not.toContain(token);
  const script = await playwright.request.newContext({
    baseURL: baseURL ?? "",
    extraHTTPHeaders: { authorization: `Bearer ${token}` },
  });
  expect((await script.get(`/api/projects/${project.id}`)).status()).toBe(200);
  expect((await script.get(`/api/projects/${other.id}`)).status()).toBe(404);
  const seen = await (await script.get("/api/projects")).json();
  expect(seen.items.map(({ id }: { id: string }) => id)).toEqual([project.id]);
  const change = await script.patch(`/api/projects/${project.id}`, { data: { description: "d" } });
  expect([change.status(), (await change.json()).error.details]).toEqual([403, { scope: ["write"] }]);
  await page.getByRole("button", { name: "Revoke deploy script" }).click();
  await page.getByRole("button", { name: "Revoke token" }).click();
  await expect(page.getByText("The token is revoked.")).toBeVisible();
  expect((await script.get(`/api/projects/${project.id}`)).status()).toBe(401);
});
