import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { unstorable } from "@/lib/domain/fields";
import { limits } from "@/lib/limits";
import { testDatabase } from "@/lib/testing/database";
import { createTestUser } from "@/lib/testing/fixtures";
import { type Json, provisioningOf, sentJob, sentProject, sentWorkflow } from "@/lib/testing/provision";

/** Documents that no command line sends: each has an answer that says what is wrong, and changes nothing. */

testDatabase();
let api: Awaited<ReturnType<typeof provisioningOf>>;
beforeAll(async () => {
  api = await provisioningOf(await createTestUser());
});

/** A document whose first workflow, job or trigger is made otherwise. */
function edited(edit: (parts: Record<"project" | "workflow" | "job" | "trigger", Json>) => void): Json {
  const project: Json = sentProject();
  const [workflow] = project.workflows;
  edit({ project, workflow, job: workflow.jobs[0], trigger: workflow.triggers[0] });
  return project;
}

async function errorsOf(document: unknown): Promise<Json> {
  const { status, body, text } = await api.post(document, "?extensions=true");
  expect([status, text]).toEqual([422, text]);
  return body.errors;
}

/** What has no text: turning it into one throws. */
const noText = { toString: 1, valueOf: 1 };
const invalid = "is invalid";

describe("a field that holds something else", () => {
  test.each<[string, Parameters<typeof edited>[0], Json]>([
    ["id", ({ project }) => Object.assign(project, { id: noText }), { id: [invalid] }],
    [
      "a job's name",
      ({ job }) => Object.assign(job, { name: noText }),
      { workflows: { Visits: { jobs: { "": { name: expect.arrayContaining([invalid]) } } } } },
    ],
    [
      "a collection's name",
      ({ project }) => Object.assign(project, { collections: [{ id: randomUUID(), name: noText }] }),
      { collections: { "": { name: expect.arrayContaining([invalid]) } } },
    ],
    [
      "a credential's name",
      ({ project }) =>
        Object.assign(project, {
          project_credentials: [{ id: randomUUID(), name: "a\0", owner: "\0" }],
        }),
      { project_credentials: { "": { name: [unstorable], owner: [unstorable] } } },
    ],
    [
      "a library entry",
      ({ job }) => Object.assign(job, { library_entry: "a\0", library_version: 1 }),
      { workflows: { Visits: { jobs: { Load: { library_entry: [unstorable] } } } } },
    ],
    [
      "the name of a library entry",
      ({ job }) => Object.assign(job, { library_entry: "x".repeat(100_000), library_version: 1 }),
      {
        workflows: {
          Visits: { jobs: { Load: { library_entry: [expect.stringContaining("at most")] } } },
        },
      },
    ],
    [
      "a retry",
      ({ job }) =>
        Object.assign(job, {
          retry: { attempts: "1", delay_seconds: {}, max_delay_seconds: [], error_types: noText },
        }),
      {
        workflows: {
          Visits: { jobs: { Load: { retry: expect.objectContaining({ attempts: [invalid] }) } } },
        },
      },
    ],
    [
      "a delivery",
      ({ trigger }) => Object.assign(trigger, { delivery_id: { path: {}, hours: "x" } }),
      {
        workflows: {
          Visits: { triggers: { webhook: { delivery_id: { path: [invalid], hours: [invalid] } } } },
        },
      },
    ],
    [
      "a delivery of unknown keys",
      ({ trigger }) => Object.assign(trigger, { delivery_id: noText }),
      {
        workflows: {
          Visits: {
            triggers: {
              webhook: { delivery_id: [expect.stringContaining("Unrecognized keys"), expect.any(String)] },
            },
          },
        },
      },
    ],
    [
      "the moment of a deletion",
      ({ workflow }) => Object.assign(workflow, { deleted_at: false }),
      { workflows: { Visits: { deleted_at: [invalid] } } },
    ],
  ])("%s", async (_, edit, errors) => {
    expect(await errorsOf(edited(edit))).toMatchObject(errors);
  });

  test("an empty moment of a deletion deletes nothing", async () => {
    const document = edited(({ workflow }) => Object.assign(workflow, { deleted_at: "" }));
    for (const _ of [1, 2]) {
      const { status, body } = await api.post(document);
      expect([status, body.data.workflows.length]).toEqual([201, 1]);
    }
  });
});

describe("a document of too much", () => {
  const many = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
  const count = limits.documentRecords + 1;
  const only = (lists: Json) => ({ id: randomUUID(), name: "large", ...lists });

  test.each<[string, () => Json]>([
    ["workflows", () => ({ workflows: many(count, () => ({ id: randomUUID() })) })],
    ["jobs", () => ({ workflows: [{ ...sentWorkflow(), jobs: many(count, (i) => sentJob(`${i}`)) }] })],
    [
      "credentials",
      () => ({ workflows: [], project_credentials: many(count, () => ({ id: randomUUID() })) }),
    ],
    [
      "collections, in a map",
      () => ({ workflows: [], collections: { ...many(count, () => ({ id: randomUUID() })) } }),
    ],
  ])("%s is refused as a whole", async (_, lists) => {
    expect(await errorsOf(only(lists()))).toEqual({
      base: [
        expect.stringContaining(`at most ${limits.documentRecords.toLocaleString("en-US")} are allowed`),
      ],
    });
  });

  test("that is wrong everywhere is told as far as anybody would read it", async () => {
    const workflows = many(4_000, (i) => ({ [`unknown-${i}`]: 1 }));
    const { workflows: of, base } = await errorsOf(only({ workflows }));
    expect(base).toEqual([expect.stringContaining("More than this is wrong")]);
    expect(of[""].base.length).toBeLessThanOrEqual(1_000);
  });

  test("more collections than a project may have are not begun with", async () => {
    const collections = many(limits.collections + 1, (i) => ({ id: randomUUID(), name: `c${i}` }));
    expect(await errorsOf(only({ workflows: [], collections }))).toEqual({
      base: [expect.stringContaining(`at most ${limits.collections} are allowed`)],
    });
  });
});

test("names of everything that an object has by itself are names like others", async () => {
  const own = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  const document: Json = sentProject();
  const [workflow] = document.workflows;
  workflow.jobs = own.map((name) => sentJob(name));
  workflow.edges = [];
  const text = JSON.stringify({ ...document, workflows: "W" });
  const map = `{"__proto__":${JSON.stringify({ ...workflow, name: "__proto__" })}}`;
  const { status, body } = await api.post(text.replace('"W"', map));
  expect(status).toBe(201);
  expect(body.data.workflows[0].name).toBe("__proto__");
  expect(body.data.workflows[0].jobs.map(({ name }: Json) => name)).toEqual(own);
  expect(({} as Json).jobs).toBeUndefined();
  workflow.jobs[0].adaptor = 3;
  const errors = await errorsOf({ ...document, workflows: [{ ...workflow, name: "__proto__" }] });
  expect(Object.entries(errors.workflows)).toEqual([
    ["__proto__", { jobs: JSON.parse('{"__proto__":{"adaptor":["is invalid"]}}') }],
  ]);
});
