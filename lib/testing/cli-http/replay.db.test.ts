import { randomUUID } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { diffString } from "json-diff";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCollections } from "@/lib/domain/collection/create";
import { createCredential } from "@/lib/domain/credential/create";
import { createToken } from "@/lib/domain/token/create";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { type Served, serveRoutes } from "@/lib/testing/api/served";
import { ownTestDatabase } from "@/lib/testing/database";
import { contextFor, createTestUser, type TestUser, userContextFor } from "@/lib/testing/fixtures";

/** What OpenFn's CLI 1.36.0 sent for a command, to whom it was answered as it expects. */
type Recording = {
  command: string;
  exit: number;
  requests: {
    method: string;
    path: string;
    headers: Record<string, string>;
    body?: string;
    answered: number;
  }[];
};
type Answered = { status: number; type: string; text: string };
// biome-ignore lint/suspicious/noExplicitAny: documents are looked into by key.
type Document = any;

const recordings = new Map<string, Recording>(
  fs
    .readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => [
      name.slice(0, -".json".length),
      JSON.parse(fs.readFileSync(path.join(import.meta.dirname, name), "utf8")),
    ]),
);

let server: Served;
let ada: TestUser;
let token: string;
/** By recording: what was answered, in order. */
const answers = new Map<string, Answered[]>();

/** Sends a request as it was recorded: the same path, headers and bytes, with the token that is good here. */
function send({ method, path: at, headers, body }: Recording["requests"][number]): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const authorization = headers.authorization?.replace("<token>", token);
    const request = http.request(
      {
        hostname,
        port,
        method,
        path: at,
        headers: { ...headers, ...(authorization ? { authorization } : {}) },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            type: String(response.headers["content-type"]),
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

const document = (name: string, at: number): Document => JSON.parse(answers.get(name)?.[at]?.text ?? "").data;
const sent = (name: string, at: number): Document =>
  JSON.parse(recordings.get(name)?.requests[at]?.body ?? "");

beforeAll(async () => {
  await ownTestDatabase();
  server = await serveRoutes();
  ada = await createTestUser({ email: "ada@example.org", name: "Ada" });
  token = (await createToken(userContextFor(ada), { name: "OpenFn's CLI" })).token;
  await createCredential(userContextFor(ada), {
    name: "Clinic API",
    schema: "raw",
    body: { baseUrl: "https://clinic.example.org" },
  });
});
afterAll(() => server.close());

describe("what OpenFn's CLI sends, byte for byte", () => {
  // In the order of the story: each builds on what the ones before have left.
  test.each([...recordings])("%s is answered as the CLI expects", async (name, { requests }) => {
    if (name === "23-v2-diverged") await changeInBrowser(document("21-v2-deploy", 2));
    if (name === "30-collections-set") await makeCollection(document("06-pull", 0));
    const got: Answered[] = [];
    for (const request of requests) {
      const answer = await send(request);
      got.push(answer);
      expect(answer.status, `${request.method} ${request.path}: ${answer.text.slice(0, 2_000)}`).toBe(
        request.answered,
      );
      const isYaml = request.path.startsWith("/api/provision/yaml");
      expect(answer.type).toMatch(isYaml ? /^text\/yaml/ : /^application\/json/);
    }
    answers.set(name, got);
  });
});

/** Somebody changes a job of the project's workflow on its page. */
async function changeInBrowser(project: Document): Promise<void> {
  const ctx = contextFor(ada, project);
  const workflow = await getWorkflow(ctx, { id: project.workflows[0].id });
  const { graph } = workflow;
  await saveWorkflow(
    ctx,
    {
      ...graph,
      id: workflow.id,
      lockVersion: workflow.lockVersion,
      jobs: graph.jobs.map(({ adaptorVersion: _, ...job }, i) =>
        i === 0 ? { ...job, body: `${job.body}\n// changed in the browser\n` } : job,
      ),
    },
    { resolveAdaptor: async (_, version) => ({ version }) },
  );
}

const makeCollection = (project: Document) =>
  createCollections(contextFor(ada, project), [{ id: randomUUID(), name: "patients" }]);

describe("what it makes of the answers", () => {
  const workflow = (name: string, at: number) => document(name, at).workflows[0];

  test("nothing to deploy where nothing was changed: what it would send is what it gets", () => {
    for (const [deploy, next] of [
      ["01-new-project", "02-no-changes"],
      ["15-more-grammar", "16-more-grammar-no-changes"],
    ] as const) {
      const [payload, project] = [sent(deploy, 1), document(next, 0)];
      expect(payload.workflows).toHaveLength(project.workflows.length);
      for (const [i, wanted] of payload.workflows.entries())
        for (const part of ["jobs", "triggers", "edges"])
          expect(diffString(project.workflows[i][part], wanted[part]), `${next} ${part}`).toBe("");
      expect(diffString(project.project_credentials, payload.project_credentials)).toBe("");
      expect(diffString(project.collections, payload.collections)).toBe("");
    }
  });

  test("a version for each deploy that changed something, and none for those that did not", () => {
    expect(workflow("01-new-project", 1)).toMatchObject({
      lock_version: 1,
      version_history: [expect.any(String)],
    });
    expect(workflow("02-no-changes", 0)).toEqual(workflow("01-new-project", 1));
    expect(workflow("03-change-a-body", 1)).toMatchObject({ lock_version: 2 });
    expect(workflow("04-delete-a-job", 1)).toMatchObject({ lock_version: 3 });
    expect(workflow("05-no-changes-after", 0)).toEqual(workflow("04-delete-a-job", 1));
    expect(workflow("06-pull", 0)).toEqual(workflow("04-delete-a-job", 1));
  });

  test("the change, and the job that is gone, in the answer and in the file that is pulled", () => {
    const { jobs } = workflow("04-delete-a-job", 1);
    expect(jobs.map((job: Document) => job.name)).not.toContain("Notify-CHW-upload-failed");
    expect(answers.get("06-pull")?.[1]?.text).toContain('console.log("some changes here!")');
    expect(answers.get("06-pull")?.[1]?.text).not.toContain("Notify-CHW-upload-failed");
  });

  test("seed 2's words for a key that is not the server's, and what to do", () => {
    const { errors } = JSON.parse(answers.get("12-extraneous")?.[1]?.text ?? "");
    expect(errors.workflows["OpenHIE Workflow"].base[0]).toBe("extraneous parameters: workflow_id");
    expect(errors.workflows["OpenHIE Workflow"].base[1]).toContain("openfn pull");
    expect(workflow("13-pull-mends-it", 0)).not.toHaveProperty("workflow_id");
  });

  test("conditions for edges of a file whose own ones today's CLI drops", () => {
    const conditions = workflow("11-older-spelling", 1).edges.map((edge: Document) => edge.condition_type);
    expect(conditions).toEqual(["always", "on_job_success", "on_job_success", "on_job_success"]);
  });

  test("that somebody else has changed a workflow since", () => {
    const known = workflow("21-v2-deploy", 2).version_history.at(-1);
    expect(workflow("22-v2-nothing", 0).version_history.at(-1)).toBe(known);
    expect(workflow("23-v2-diverged", 0).version_history.at(-1)).not.toBe(known);
  });

  test("items of collections as they were put", () => {
    const items = JSON.parse(answers.get("32-collections-get")?.[0]?.text ?? "").items;
    expect(items.map(({ key, value }: Document) => [key, JSON.parse(value)])).toEqual([
      ["p-1", { n: 1 }],
      ["p-2", { n: 2 }],
    ]);
    expect(JSON.parse(answers.get("34-collections-remove")?.[0]?.text ?? "")).toMatchObject({ deleted: 1 });
  });
});
