import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { collections, deploys, projects } from "@/db/schema";
import { adaptorResolver } from "@/lib/domain/workflow/adaptors";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { testDatabase } from "@/lib/testing/database";
import { createTestUser, expectRefusal, type TestUser, userContextFor } from "@/lib/testing/fixtures";
import { ownerContext } from "./create";
import { importProject } from "./import";

const { db } = testDatabase();
const offline = { resolveAdaptor: adaptorResolver(db, null) };
let user: TestUser;

beforeAll(async () => {
  user = await createTestUser();
});

const unique = () => `p-${randomUUID()}`;
const visits = `id: visits
name: Visits
steps:
  - { id: webhook, type: webhook, enabled: true, next: { load: true } }
  - id: load
    name: Load
    adaptor: '@openfn/language-http@latest'
    expression: ./load.js
    next: { store: { condition: on_job_success } }
  - { id: store, name: Store, adaptor: '@openfn/language-common@latest', expression: fn(s => s) }
`;
const folder = {
  "clinic/openfn.yaml": "project: { name: clinic }\nworkspace: {}\n",
  "clinic/workflows/visits/visits.yaml": visits,
  "clinic/workflows/visits/load.js": "get('/visits');\n",
};

describe("a folder", () => {
  it("is imported as it stands, without a project.yaml", async () => {
    const ctx = userContextFor(user);
    const { project, workflows } = await importProject(ctx, { files: folder, name: unique() }, offline);
    const { graph } = await getWorkflow(ownerContext(ctx, project), { id: workflows[0]?.id ?? "" });
    expect(graph.jobs.map(({ name, body }) => [name, body])).toEqual([
      ["Load", "get('/visits');\n"],
      ["Store", "fn(s => s)"],
    ]);
    expect(graph.edges).toHaveLength(2);
  });

  it("is refused with every problem of every workflow, its file and line, and nothing is made", async () => {
    const name = unique();
    const circle = visits.replace("- { id: store,", "- { next: load, id: store,");
    const files = {
      ...folder,
      "clinic/workflows/a/a.yaml": circle.replace("name: Visits", "name: A").replace("./load.js", "get()"),
      "clinic/workflows/b/b.yaml": circle
        .replace("name: Visits", `name: ${"b".repeat(300)}`)
        .replace("./load.js", "get()"),
    };
    const refusal = await expectRefusal(
      importProject(userContextFor(user), { files, name }, offline),
      "invalid",
    );
    expect(refusal.message).toMatch(
      /^clinic\/workflows\/a\/a.yaml, line 10 .*Circular dependency.* And 1 more\.$/,
    );
    expect(refusal.details?.problems).toEqual([
      expect.objectContaining({ file: "clinic/workflows/a/a.yaml", line: 10 }),
      expect.objectContaining({ file: "clinic/workflows/b/b.yaml" }),
    ]);
    expect(await db.$count(projects, eq(projects.name, name))).toBe(0);
  });

  it("with several projects asks which, and reads the one that is chosen", async () => {
    const yaml = (name: string) => `name: ${name}\nworkflows: { w: { name: ${name} } }\n`;
    const files = { "east/project.yaml": yaml("east"), "west/project.yaml": yaml("west") };
    const asked = await expectRefusal(importProject(userContextFor(user), { files }, offline), "invalid");
    expect(asked.message).toBe(
      "The folder holds 2 projects: east/project.yaml (east), west/project.yaml (west). Choose one of them.",
    );
    expect(asked.details?.choices).toEqual([
      { path: "east/project.yaml", format: "spec", name: "east" },
      { path: "west/project.yaml", format: "spec", name: "west" },
    ]);
    const choose = "west/project.yaml";
    const { workflows } = await importProject(
      userContextFor(user),
      { files, choose, name: unique() },
      offline,
    );
    expect(workflows.map(({ name }) => name)).toEqual(["west"]);
  });

  it("brings its collections, and is what later changes are told from", async () => {
    const yaml =
      "name: p\ncollections: { seen: { name: seen-visits }, Other: {} }\nworkflows: { w: { name: w } }\n";
    const name = unique();
    const refusal = await expectRefusal(
      importProject(userContextFor(user), { files: { "project.yaml": yaml }, name }, offline),
      "invalid",
    );
    expect(refusal.details?.problems).toEqual([
      expect.objectContaining({
        file: "project.yaml",
        line: 2,
        path: "collections/Other",
        message: expect.stringContaining("URL safe"),
      }),
    ]);
    const files = { "project.yaml": yaml.replace("Other: {}", "other: {}") };
    const { project, workflows, warnings } = await importProject(
      userContextFor(user),
      { files, name },
      offline,
    );
    expect(warnings).toEqual([]);
    const made = await db.select().from(collections).where(eq(collections.projectId, project.id));
    expect(made.map((one) => one.name).sort()).toEqual(["other", "seen-visits"]);
    const [deploy] = await db.select().from(deploys).where(eq(deploys.projectId, project.id));
    expect(deploy).toMatchObject({ source: "import", versions: { [workflows[0]?.id ?? ""]: 1 } });
  });

  it("with what cannot be had here is imported all the same, and that is told", async () => {
    const kafka = "      kafka: { type: kafka, kafka_configuration: { topics: [a] } }\n";
    const yaml = `name: p\nworkflows:\n  w:\n    name: w\n    jobs: { a: { name: A, adaptor: '@openfn/language-common@latest', credential: gone, body: fn(s => s) } }\n    triggers:\n${kafka}`;
    const { warnings } = await importProject(userContextFor(user), { yaml, name: unique() }, offline);
    expect(warnings).toEqual([
      expect.stringMatching(/^Line 5 .*The file does not say what "gone" is/),
      expect.stringMatching(/^Line 7 .*There are no Kafka triggers here/),
    ]);
  });

  it("needs to hold something, inside it", async () => {
    const say = async (input: { files?: Record<string, string> }) =>
      (await expectRefusal(importProject(userContextFor(user), input, offline), "invalid")).message;
    expect(await say({})).toBe("Paste a project.yaml, or choose the file.");
    expect(await say({ files: { "../project.yaml": "name: p" } })).toContain(
      '"../project.yaml" is no path inside',
    );
  });
});
