import fs from "node:fs";
import path from "node:path";
import type { Page } from "@playwright/test";
import { register } from "./support/people";
import { getJson } from "./support/projects";
import { expect, test } from "./support/test";

const body = (word: string) => `fn(state => {\n  console.log("${word}");\n  return state;\n});\n`;

const spec = (name: string) => `name: ${name}
workflows:
  Visits:
    name: Visits
    jobs:
      Register:
        name: Register
        adaptor: '@openfn/language-common@latest'
        shape: round
        body:
          path: ./jobs/register.js
      Tell:
        name: Tell
        adaptor: '@openfn/language-common@latest'
        body:
          path: ./jobs/tell.js
    triggers:
      webhook:
        type: webhook
        enabled: true
    edges:
      webhook->Register:
        source_trigger: webhook
        target_job: Register
        condition_type: always
        enabled: true
      Register->Tell:
        source_job: Register
        target_job: Tell
        condition_type: on_job_success
        enabled: true
`;

/** Drops a folder as a browser does, with what belongs to other tools in it. */
async function drop(page: Page, files: Record<string, string>): Promise<void> {
  const transfer = await page.evaluateHandle((texts) => {
    const folder = (name: string, inside: object[]) => ({
      isFile: false,
      isDirectory: true,
      name,
      createReader: () => {
        const parts = [inside, []];
        return { readEntries: (done: (some: object[]) => void) => done(parts.shift() ?? []) };
      },
    });
    const entriesOf = (paths: [string, string][]): object[] => {
      const here = new Map<string, [string, string][]>();
      for (const [whole, text] of paths) {
        const [first = "", ...rest] = whole.split("/");
        here.set(first, [...(here.get(first) ?? []), [rest.join("/"), text]]);
      }
      return [...here].map(([name, inside]) => {
        const [only] = inside;
        if (only?.[0] !== "") return folder(name, entriesOf(inside));
        const file = new File([only[1]], name);
        return { isFile: true, isDirectory: false, name, file: (done: (one: File) => void) => done(file) };
      });
    };
    const transfer = new DataTransfer();
    const items = entriesOf(Object.entries(texts)).map((entry) => ({ webkitGetAsEntry: () => entry }));
    Object.defineProperty(transfer, "items", { value: items });
    return transfer;
  }, files);
  const target = page.getByTestId("drop");
  await expect(target).toBeVisible();
  await target.dispatchEvent("drop", { dataTransfer: transfer });
}

const workflowsOf = async (page: Page, projectId: string) =>
  (
    await getJson<{ items: { id: string; name: string }[] }>(
      page.request,
      `/api/projects/${projectId}/workflows`,
    )
  ).items;

test("a folder is dropped, its report read, the project made, changed by files, and restored", async ({
  page,
}) => {
  await register(page.request);
  const name = `clinic-${Date.now()}`;
  const files = {
    "clinic/project.yaml": spec(name),
    "clinic/jobs/register.js": body("Registered"),
    "clinic/jobs/tell.js": body("Told"),
    "clinic/.env": "TOKEN=secret",
    "clinic/node_modules/x/index.js": "throw 1",
  };
  await page.goto("/projects/new?from=yaml");
  await drop(page, files);
  const made = page.getByRole("region", { name: "What will be made" });
  await expect(made.getByRole("heading", { name: `${name}: 1 workflow, 2 jobs` })).toBeVisible();
  await expect(made.getByRole("list", { name: "Report" })).toContainText("shape");
  await page.getByRole("button", { name: "Create project" }).click();
  await page.getByRole("link", { name: "Open the project" }).click();
  await expect(page).toHaveURL(/\/p\/[0-9a-f-]{36}\/workflows$/);
  const projectId = page.url().split("/")[4] ?? "";
  const [visits] = await workflowsOf(page, projectId);
  expect(visits?.name).toBe("Visits");

  // The same folder with another job: what is different is shown, and nothing is changed by that.
  await page.getByRole("navigation", { name: "Project" }).getByRole("link", { name: "Code" }).click();
  await page.getByRole("link", { name: "Import files" }).click();
  await drop(page, { ...files, "clinic/jobs/tell.js": body("Told by SMS") });
  const changes = page.getByRole("region", { name: "What changes" });
  await expect(changes.getByRole("heading", { name: "1 workflow will be different" })).toBeVisible();
  const difference = changes.getByRole("region", { name: "Code of Tell" });
  await expect(difference).toContainText('removed: console.log("Told")');
  await expect(difference).toContainText('console.log("Told by SMS")');
  await expect(changes.getByRole("region", { name: "Code of Register" })).toHaveCount(0);
  await page.getByRole("button", { name: "Apply to 1 workflow" }).click();
  await expect(page).toHaveURL(`/p/${projectId}/code`);
  await expect(page.getByText("It is what was last imported")).toBeVisible();

  // Two versions are compared, and the older one is restored.
  await page.goto(`/p/${projectId}/workflows/${visits?.id}/versions`);
  await expect(page.getByRole("heading", { name: "From version 1 to version 2" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Code of Tell" })).toContainText("Told by SMS");
  await page.getByRole("button", { name: "Restore… version 1" }).click();
  const dialog = page.getByRole("dialog", { name: "Restore version 1 of Visits" });
  await expect(dialog.getByRole("region", { name: "Code of Tell" })).toBeVisible();
  await dialog.getByRole("button", { name: "Restore version 1" }).click();
  await expect(page.getByText("restored from 1")).toBeVisible();

  // What is here now is not what the files were: the code page says so, and gives what is here.
  await page.goto(`/p/${projectId}/code`);
  await expect(
    page.getByRole("heading", { name: "1 workflow changed here since the last deploy" }),
  ).toBeVisible();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "project.yaml" }).click();
  const saved = await (await download).path();
  expect(fs.readFileSync(saved, "utf8")).toContain('console.log("Told");');
  expect(path.basename((await download).suggestedFilename())).toBe(`${name}.yaml`);
});

test("of a folder with several projects one is chosen, and then the other", async ({ page }) => {
  await register(page.request);
  const name = `several-${Date.now()}`;
  const folder = (project: string) => ({
    [`all/${project}/project.yaml`]: spec(`${name}-${project}`),
    [`all/${project}/jobs/register.js`]: body("Registered"),
    [`all/${project}/jobs/tell.js`]: body("Told"),
  });
  await page.goto("/projects/new?from=yaml");
  await drop(page, { ...folder("clinic"), ...folder("lab") });
  const made = page.getByRole("region", { name: "What will be made" });
  await page.getByRole("button", { name: `${name}-clinic`, exact: true }).click();
  await expect(made.getByRole("heading", { name: `${name}-clinic: 1 workflow, 2 jobs` })).toBeVisible();
  await page.getByRole("button", { name: "Choose another project" }).click();
  await page.getByRole("button", { name: `${name}-lab`, exact: true }).click();
  await expect(made.getByRole("heading", { name: `${name}-lab: 1 workflow, 2 jobs` })).toBeVisible();
});
