import { type LocalProvider, startProvider } from "@/lib/testing/oauth/provider";
import { register } from "./support/people";
import { createProject } from "./support/projects";
import { expect, otherBrowser, test } from "./support/test";

let provider: LocalProvider;

test.beforeAll(async ({ baseURL }) => {
  provider = await startProvider(
    [{ id: "waybill-e2e", secret: "e2e-secret", auth: "client_secret_basic" }],
    `${baseURL}/connect`,
  );
});
test.afterAll(() => provider.stop());

test("a credential is connected at its service's consent page, and handed over to a collaborator", async ({
  page,
  browser,
}) => {
  await register(page.request, "Ada Lovelace");
  const { project } = await createProject(page.request);
  await page.goto("/account#oauth-clients");
  await page.getByRole("button", { name: "New client" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Service").click();
  await page.getByRole("option", { name: "Another service" }).click();
  await dialog.getByLabel("Name").fill("Registry of the ministry");
  await dialog.getByLabel("Client id").fill("waybill-e2e");
  await dialog.getByLabel("How it proves itself").click();
  await page.getByRole("option", { name: /header/ }).click();
  await dialog.getByLabel("Client secret").fill("e2e-secret");
  await dialog.getByLabel("Address of the consent page").fill(provider.authorizationUrl);
  await dialog.getByLabel("Address of the token server").fill(provider.tokenUrl);
  await dialog.getByLabel("Scopes").fill("openid offline_access records");
  await dialog.getByRole("button", { name: "Save client" }).click();
  await expect(page.getByRole("region", { name: "OAuth2 clients" })).toContainText(
    "Registry of the ministry",
  );

  await page.goto(`/p/${project.id}/credentials`);
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await expect(dialog).toContainText(provider.host);
  await dialog.getByLabel("Name").fill("Records of Bo");
  await dialog.getByRole("button", { name: "Go to the service" }).click();
  await page.getByPlaceholder("Enter any login").fill("amina");
  await page.getByPlaceholder("and password").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByText("Records of Bo is connected.")).toBeVisible();
  // The code is good for nothing any more, and not in the address.
  await expect(page).toHaveURL(/\/connect$/);
  await page.getByRole("link", { name: "To the credentials" }).click();
  const row = page.getByRole("listitem").filter({ hasText: "Records of Bo" });
  await expect(row).toBeVisible();

  const colleague = await otherBrowser(browser);
  const { email } = await register(colleague.request, "Grace Hopper");
  const invited = await page.request.post(`/api/projects/${project.id}/invitations`, {
    data: { email, role: "editor" },
  });
  const { link } = await invited.json();
  await colleague.goto(link);
  await colleague.getByRole("button", { name: /accept/i }).click();
  await page.goto("/account#credentials");
  await page
    .getByRole("button", { name: /Records of Bo/ })
    .filter({ hasText: "Hand over" })
    .click();
  await dialog.getByLabel("E-mail of a collaborator").fill(email);
  await dialog.getByRole("button", { name: "Offer it" }).click();
  await expect(page.getByText(`Records of Bo is offered to ${email}`)).toBeVisible();
  await colleague.goto("/account#credentials");
  await colleague.getByRole("button", { name: "Accept Records of Bo" }).click();
  await colleague.getByRole("dialog").getByRole("button", { name: "Accept" }).click();
  await expect(colleague.getByText("Records of Bo is yours.")).toBeVisible();
  await page.reload();
  await expect(page.getByRole("region", { name: "Your credentials" })).toBeVisible();
  await expect(row).toHaveCount(0);
});
