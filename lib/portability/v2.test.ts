import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Refusal } from "@/lib/refusal";
import type { ProjectDocument } from "./document";
import fixture from "./fixtures/project-v2-cases.json";
import { openFiles } from "./formats/open";
import { fromDocument } from "./from-document";
import type { ProjectSpec } from "./spec";
import { projects } from "./testing/projects";
import { toV2Files } from "./v2";

const [checkedOut, posted] = fixture.cases;
const server = checkedOut?.input.serverProject as unknown as ProjectDocument;

const said = (document: ProjectDocument): string => {
  try {
    toV2Files(document);
  } catch (error) {
    if (error instanceof Refusal && error.code === "conflict") return error.message;
  }
  return "not refused";
};

/** The workflows with what credentials are called instead of their keys. */
const withNames = ({ workflows, credentials }: ProjectSpec) =>
  JSON.parse(JSON.stringify(workflows), (key, value) =>
    key === "credential" && value !== null ? credentials[value] : value,
  );

describe("toV2Files", () => {
  it("writes the files that OpenFn's CLI checks out", () => {
    const { files, endpoint } = { ...checkedOut?.expect, ...checkedOut?.input } as {
      files: object;
      endpoint: string;
    };
    expect(toV2Files(server, { endpoint })).toEqual(files);
  });

  it("writes the project's own file with every id that a deploy of it sends", () => {
    const endpoint = "https://waybill.example.org:8443";
    const files = toV2Files(server, { endpoint, alias: "main" });
    const text = files[".projects/main@waybill.example.org.yaml"] ?? "";
    const ids = (value: unknown) => new Set(JSON.stringify(value).match(/[0-9a-f]{8}-[0-9a-f-]{27}/g));
    expect(ids(parse(text))).toEqual(ids((posted?.expect as { payload: object } | undefined)?.payload));
    expect(Object.keys(parse(text))).toEqual([
      "id",
      "name",
      "schema_version",
      "collections",
      "credentials",
      "openfn",
      "options",
      "workflows",
    ]);
  });

  it("refuses what has one id there, with both names, and what has none", () => {
    const [workflow] = server.workflows;
    if (!workflow) throw new Error("unreachable");
    const [job] = workflow.jobs;
    const named = (...names: string[]): ProjectDocument => ({
      ...server,
      workflows: [
        {
          ...workflow,
          edges: [],
          jobs: names.map((name, n) => ({ ...(job ?? expect.unreachable()), id: `${n}`, name })),
        },
      ],
    });
    expect(said(named("Fetch all", "fetch: all!"))).toBe(
      'OpenFn\'s version 2 cannot tell these apart. Two steps of the workflow "Sync patients now" would be "fetch-all": "Fetch all" and "fetch: all!". Rename one of each, or use project.yaml.',
    );
    expect(said(named("Webhook"))).toContain('would be "webhook": "webhook" and "Webhook"');
    expect(said(named("漢字"))).toContain('"漢字" would have no id');
    const again = { ...server, workflows: ["a b", "A-b"].map((name) => ({ ...workflow, name })) };
    expect(said(again)).toContain('Two workflows would be "a-b": "a b" and "A-b".');
    const edges = [...workflow.edges, ...workflow.edges.map((edge) => ({ ...edge, id: `${edge.id}x` }))];
    expect(said({ ...server, workflows: [{ ...workflow, edges }] })).toContain(
      'Two edges of the workflow "Sync patients now" lead from one step to "Store".',
    );
  });

  it("is read as the project that it was written of", { timeout: 60_000 }, () => {
    const words = ["true", "false", "always", "never", "on_job_success", "on_job_failure"];
    const adaptor = "@openfn/language-common@latest";
    let count = 0;
    fc.assert(
      fc.property(projects({ extensions: true, sameTriggers: false }), (made) => {
        // Keychains have no place there, a cursor is a server's id, and an expression that is a word means that word.
        const workflows = made.workflows.map((workflow) => ({
          ...workflow,
          jobs: workflow.jobs.map(({ keychain_credential_id: _, ...job }) => ({
            ...job,
            adaptor,
            // A mark of the byte order is no part of a file's text.
            body: job.body.replace(/^\ufeff/, ""),
          })),
          triggers: workflow.triggers.map(({ cron_cursor_job_id: _, ...trigger }) => trigger),
          edges: workflow.edges.filter(
            (edge) =>
              !words.includes(edge.condition_expression?.trim() ?? "-") &&
              edge.condition_expression?.trim() !== "",
          ),
        }));
        const document = { ...made, workflows };
        if (said(document) !== "not refused") return;
        count++;
        const opened = openFiles(toV2Files(document));
        expect(opened.problems, JSON.stringify(toV2Files(document), null, 1)).toEqual([]);
        expect(opened.spec && withNames(opened.spec)).toEqual(withNames(fromDocument(document)));
      }),
      { numRuns: 60, seed: 12 },
    );
    expect(count).toBeGreaterThan(10);
  });

  it("is read without a cursor that is named by a server's id, and says so", () => {
    const [workflow] = server.workflows;
    if (!workflow) throw new Error("unreachable");
    const cron = {
      id: workflow.triggers[0]?.id ?? "",
      type: "cron",
      enabled: true,
      cron_expression: "0 * * * *",
    };
    const triggers = [{ ...cron, cron_cursor_job_id: workflow.jobs[0]?.id ?? "" }];
    const opened = openFiles(toV2Files({ ...server, workflows: [{ ...workflow, triggers }] }));
    expect(opened.problems).toEqual([]);
    expect(opened.spec && opened.report.join("\n")).toContain("It names a job by its id on another server");
  });
});
