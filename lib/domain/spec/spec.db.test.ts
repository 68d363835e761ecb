import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { listCollections } from "@/lib/domain/collection/list";
import { createCredential } from "@/lib/domain/credential/create";
import { getDrift } from "@/lib/domain/drift/get";
import { adaptorResolver } from "@/lib/domain/workflow/adaptors";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { listWorkflows } from "@/lib/domain/workflow/list";
import { listWorkflowVersions } from "@/lib/domain/workflow/versions";
import { unpack } from "@/lib/portability/archive";
import { type Clinic, createClinic, renameWorkflow } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectRefusal } from "@/lib/testing/fixtures";
import { applyFiles } from "./apply";
import { exportProject } from "./export";
import { previewFiles } from "./preview";

const database = testDatabase();
const deps = { resolveAdaptor: adaptorResolver(database.db, null) };
const origin = "https://waybill.example";
let clinic: Clinic;

beforeEach(async () => {
  clinic = await createClinic();
});

const text = (content: string | Uint8Array) =>
  typeof content === "string" ? content : Buffer.from(content).toString("latin1");

const filesOf = async (format: "yaml" | "zip" | "state" | "v2"): Promise<Record<string, string>> => {
  const { content } = await exportProject(clinic.ctx, { format }, origin);
  if (typeof content === "string") return { "project.yaml": content };
  const { files } = unpack(content);
  if (!files) throw new Error("The archive cannot be read.");
  return files;
};

const preview = (files: Record<string, string>, more: object = {}) =>
  previewFiles(clinic.ctx, { files, ...more }, deps);

describe("an export", () => {
  test("is the same, byte for byte, while nothing changes, and has no secret", async () => {
    for (const format of ["yaml", "zip", "state", "v2"] as const) {
      const [a, b] = [
        await exportProject(clinic.ctx, { format }, origin),
        await exportProject(clinic.ctx, { format }, origin),
      ];
      expect(text(a.content)).toBe(text(b.content));
      expect(a.name).toBe(`${clinic.ctx.project.name}.${format === "yaml" ? "yaml" : "zip"}`);
    }
    const state = await filesOf("state");
    expect(Object.keys(state).sort()).toEqual(["config.json", "project.yaml", "projectState.json"]);
    expect(JSON.parse(state["config.json"] ?? "")).toEqual({
      endpoint: origin,
      specPath: "project.yaml",
      statePath: "projectState.json",
    });
    expect(JSON.parse(state["projectState.json"] ?? "")).toMatchObject({
      id: clinic.ctx.project.id,
      workflows: { Hook: { id: clinic.workflows.hook, jobs: { Hooked: { id: clinic.jobs.hooked } } } },
    });
  });

  test("in each of its forms, brought back, changes nothing", async () => {
    for (const format of ["yaml", "zip", "state", "v2"] as const) {
      const shown = await preview(await filesOf(format));
      expect(shown, format).toMatchObject({ workflows: [], missing: [], unchanged: 2, report: [] });
    }
  });

  test("of code in files names one for each job, in a folder for each workflow", async () => {
    const files = await filesOf("zip");
    expect(Object.keys(files).sort()).toEqual([
      "project.yaml",
      "workflows/Hook/Hooked.js",
      "workflows/Visit/Notify.js",
      "workflows/Visit/Payment.js",
      "workflows/Visit/Referral.js",
    ]);
    expect(files["workflows/Hook/Hooked.js"]).toBe("fn(s => s)");
    expect(files["project.yaml"]).not.toContain("fn(");
  });
});

test("an export for OpenFn's newer commands has the folder that they check out", async () => {
  const files = await filesOf("v2");
  expect(Object.keys(files).sort()).toEqual([
    `.projects/main@${new URL(origin).hostname}.yaml`,
    "openfn.yaml",
    "workflows/hook/hook.yaml",
    "workflows/hook/hooked.js",
    "workflows/visit/notify.js",
    "workflows/visit/payment.js",
    "workflows/visit/referral.js",
    "workflows/visit/visit.yaml",
  ]);
  expect(files["openfn.yaml"]).toContain(`uuid: ${clinic.ctx.project.id}`);
});

describe("files for a project that is there", () => {
  const changed = async () => {
    const files = await filesOf("zip");
    return { ...files, "workflows/Hook/Hooked.js": "fn(s => ({ ...s, done: true }))\n" };
  };

  test("are shown with what they change, and change exactly that when they are applied", async () => {
    const files = await changed();
    const shown = await preview(files);
    expect(shown.workflows).toMatchObject([
      {
        id: clinic.workflows.hook,
        name: "Hook",
        change: "changed",
        difference: {
          workflow: [],
          triggers: [],
          edges: [],
          jobs: [{ name: "Hooked", change: "changed", fields: [], code: { added: 1, removed: 1 } }],
        },
      },
    ]);
    expect(shown).toMatchObject({ unchanged: 1, missing: [] });
    expect((await getWorkflow(clinic.ctx, { id: clinic.workflows.hook })).lockVersion).toBe(1);

    const applied = await applyFiles(clinic.ctx, { files, token: shown.token }, deps);
    expect(applied.workflows).toEqual([{ id: clinic.workflows.hook, name: "Hook", change: "changed" }]);
    const { graph, lockVersion } = await getWorkflow(clinic.ctx, { id: clinic.workflows.hook });
    expect([lockVersion, graph.jobs[0]?.body]).toEqual([2, "fn(s => ({ ...s, done: true }))\n"]);
    expect((await getWorkflow(clinic.ctx, { id: clinic.workflows.visit })).lockVersion).toBe(1);
    const { items } = await listWorkflowVersions(clinic.ctx, { id: clinic.workflows.hook });
    expect(items[0]).toMatchObject({ source: "import", createdBy: clinic.ctx.actor.label });
    expect(await getDrift(clinic.ctx)).toMatchObject({ deploy: { source: "import" }, workflows: [] });
  });

  test("are not applied when somebody has changed the project since they were shown", async () => {
    const files = await changed();
    const { token } = await preview(files);
    await renameWorkflow(clinic, clinic.workflows.hook, "Hook");
    await renameWorkflow(clinic, clinic.workflows.hook, "Hook 2");
    const refused = await expectRefusal(applyFiles(clinic.ctx, { files, token }, deps), "conflict");
    expect(refused.message).toContain("the project was changed");
    expect((await getWorkflow(clinic.ctx, { id: clinic.workflows.hook })).lockVersion).toBe(2);
  });

  test("are not applied when they are others than those that were shown", async () => {
    const { token } = await preview(await filesOf("zip"));
    await expectRefusal(applyFiles(clinic.ctx, { files: await changed(), token }, deps), "conflict");
    const other = await preview(await changed());
    const more = { files: await changed(), token: other.token, remove: [clinic.workflows.visit] };
    // The files have it: there is nothing to remove.
    expect((await applyFiles(clinic.ctx, more, deps)).workflows).toHaveLength(1);
    await expect(applyFiles(clinic.ctx, { files: {}, token: "x" }, deps)).rejects.toThrow("no token");
  });

  test("keep workflows that they do not have, unless a person says which are to go", async () => {
    const yaml = (await filesOf("yaml"))["project.yaml"] ?? "";
    const [head = "", hook = ""] = yaml
      .split(/^(?= {2}\w+:$)/m)
      .filter((part) => !part.startsWith("  Visit"));
    const files = { "project.yaml": head + hook };
    const shown = await preview(files);
    expect(shown).toMatchObject({
      workflows: [],
      missing: [{ id: clinic.workflows.visit, name: "Visit" }],
      unchanged: 1,
    });
    const removing = await preview(files, { remove: [clinic.workflows.visit.toUpperCase()] });
    expect(removing.workflows).toMatchObject([{ name: "Visit", change: "deleted" }]);
    expect(removing.workflows[0]?.difference.jobs).toHaveLength(3);
    const input = { files, token: removing.token };
    await expectRefusal(applyFiles(clinic.ctx, input, deps), "conflict");
    await applyFiles(clinic.ctx, { ...input, remove: [clinic.workflows.visit] }, deps);
    expect((await listWorkflows(clinic.ctx)).items.map(({ name }) => name)).toEqual(["Hook"]);
  });

  test("of another project bring its workflows, and not its name", async () => {
    await createCredential(
      { ...clinic.ctx, actor: { type: "user", userId: await ownerId(), label: "owner" } },
      { name: "Mine", body: { key: "v" } },
    );
    const yaml = `name: elsewhere
description: |
  Another one
credentials:
  a: { name: Mine, owner: ada@example.org }
  b: { name: Theirs, owner: ada@example.org }
workflows:
  new:
    name: New
    jobs:
      one: { name: One, adaptor: '@openfn/language-common@3.3.4', credential: a, body: "fn(s => s)" }
      two: { name: Two, adaptor: '@openfn/language-common@3.3.4', credential: b, body: "fn(s => s)" }
    triggers: { webhook: { type: webhook } }
    edges: { e: { source_trigger: webhook, target_job: one, condition_type: always } }
`;
    const shown = await preview({ "project.yaml": yaml });
    expect(shown.workflows).toMatchObject([{ name: "New", change: "made" }]);
    expect(shown.workflows[0]?.difference.jobs.map(({ name, change }) => [name, change])).toEqual([
      ["One", "added"],
      ["Two", "added"],
    ]);
    expect(shown.missing.map(({ name }) => name).sort()).toEqual(["Hook", "Visit"]);
    expect(shown.report.join("\n")).toContain(`The project stays ${clinic.ctx.project.name}`);
    expect(shown.report.join("\n")).toContain("keeps its description");
    expect(shown.report.join("\n")).toContain('no credential called "Theirs"');
    const input = { files: { "project.yaml": yaml }, token: shown.token };
    const applied = await applyFiles(clinic.ctx, input, deps);
    expect(applied.report).toEqual(shown.report);
    const [made] = applied.workflows;
    const { graph } = await getWorkflow(clinic.ctx, { id: made?.id ?? "" });
    expect(graph.jobs.map(({ projectCredentialId }) => projectCredentialId === null)).toEqual([false, true]);
    const again = await preview({ "project.yaml": yaml });
    expect(again).toMatchObject({ workflows: [], unchanged: 1 });
  });

  test("that only bring a collection, a credential or a keychain say so, and bring it", async () => {
    await createCredential(
      { ...clinic.ctx, actor: { type: "user", userId: await ownerId(), label: "owner" } },
      { name: "Mine", body: { key: "v" } },
    );
    const yaml = (await filesOf("yaml"))["project.yaml"] ?? "";
    const credentials = "credentials:\n  a: { name: Mine, owner: ada@example.org }\n";
    const collections = "collections:\n  visits: { name: visits }\n";
    const files = {
      "project.yaml": yaml.replace(/^credentials: null\n/m, credentials + collections),
    };
    const shown = await preview(files);
    expect(shown).toMatchObject({ workflows: [], unchanged: 2 });
    expect(shown.others.toSorted()).toEqual([
      'The collection "visits" is made.',
      'Your credential "Mine" is shared with the project.',
    ]);
    await expectRefusal(
      applyFiles(clinic.ctx, { files: { "project.yaml": yaml }, token: shown.token }, deps),
      "conflict",
    );
    await applyFiles(clinic.ctx, { files, token: shown.token }, deps);
    expect((await listCollections(clinic.ctx)).items.map(({ name }) => name)).toEqual(["visits"]);
    expect(await preview(files)).toMatchObject({ workflows: [], others: [] });
  });

  test("under keys of another tool are taken for the same workflows by their names", async () => {
    const yaml = ((await filesOf("yaml"))["project.yaml"] ?? "")
      .replace("  Hook:\n", "  some-key:\n")
      .replace("      Hooked:\n", "      first:\n")
      .replace("target_job: Hooked", "target_job: first");
    expect(await preview({ "project.yaml": yaml })).toMatchObject({ workflows: [], unchanged: 2 });
  });

  test("are refused with every problem, and for who may not deploy or is a stranger", async () => {
    const yaml = ((await filesOf("yaml"))["project.yaml"] ?? "").replace(
      "target_job: Hooked",
      "target_job: nobody",
    );
    const refused = await expectRefusal(preview({ "project.yaml": yaml }), "invalid");
    expect(refused.details?.problems).toMatchObject([{ line: expect.any(Number) }]);
    const input = { files: await filesOf("yaml") };
    await expectRefusal(previewFiles(clinic.as("editor"), input, deps), "forbidden");
    const token = `${randomUUID()}.${"0".repeat(32)}`;
    await expectRefusal(applyFiles(clinic.as("editor"), { ...input, token }, deps), "forbidden");
    await expectRefusal(applyFiles(clinic.ctx, { ...input, token }, deps), "conflict");
  });
});

const ownerId = async () => {
  const { actor } = clinic.ctx;
  return "userId" in actor ? actor.userId : "";
};
