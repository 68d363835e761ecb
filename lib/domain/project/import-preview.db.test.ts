import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { createCredential } from "@/lib/domain/credential/create";
import { adaptorResolver } from "@/lib/domain/workflow/adaptors";
import { testDatabase } from "@/lib/testing/database";
import { createTestUser, expectRefusal, type TestUser, userContextFor } from "@/lib/testing/fixtures";
import { importProject, previewImport } from "./import";

const { db, query } = testDatabase();
const offline = { resolveAdaptor: adaptorResolver(db, null) };
let user: TestUser;

beforeAll(async () => {
  user = await createTestUser();
  await createCredential(userContextFor(user), { name: "Mine", body: { key: "v" } });
});

const yaml = `name: Clinic One
credentials:
  a: { name: Mine, owner: ada@example.org }
  b: { name: Theirs, owner: ada@example.org }
collections:
workflows:
  visits:
    name: Visits
    jobs:
      load: { name: Load, adaptor: '@openfn/language-http@latest', credential: a, body: "fn(s => s)", shape: round }
      store: { name: Store, adaptor: '@openfn/language-common@3.3.4', credential: b, body: "fn(s => s)" }
    triggers:
      webhook: { type: webhook, enabled: true }
    edges:
      webhook->load: { source_trigger: webhook, target_job: load, condition_type: always }
`;

const projectsOf = async () =>
  (
    await query<{ n: number }>("select count(*)::int as n from project_members where user_id = $1", [user.id])
  )[0]?.n;

test("what an import would make is shown with its report, and nothing is made", async () => {
  const ctx = userContextFor(user);
  const input = { yaml, name: `p-${randomUUID()}` };
  const shown = await previewImport(ctx, input, offline);
  expect(await projectsOf()).toBe(0);
  expect(shown).toMatchObject({
    name: input.name,
    workflows: [
      {
        name: "Visits",
        triggers: ["webhook"],
        jobs: [
          { name: "Load" },
          { name: "Store", adaptor: "@openfn/language-common@3.3.4", isMarked: false },
        ],
      },
    ],
  });
  expect(shown.warnings.join("\n")).toContain("shape");
  expect(shown.warnings.join("\n")).toContain('no credential called "Theirs"');
  expect(shown.warnings.join("\n")).not.toContain('"Mine"');
  const made = await importProject(ctx, input, offline);
  expect(made.warnings).toEqual(shown.warnings);
  expect(made.workflows.map(({ name }) => name)).toEqual(shown.workflows.map(({ name }) => name));
});

test("what cannot be imported is refused as by the import", async () => {
  const input = { yaml: yaml.replace("target_job: load", "target_job: lod") };
  const ctx = userContextFor(user);
  const shown = await expectRefusal(previewImport(ctx, input, offline), "invalid");
  const imported = await expectRefusal(importProject(ctx, input, offline), "invalid");
  expect([shown.message, shown.details]).toEqual([imported.message, imported.details]);
});
