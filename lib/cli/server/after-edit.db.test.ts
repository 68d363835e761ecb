import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cli } from "@/lib/cli/testing";
import { differenceOfTexts } from "@/lib/difference/lines";
import { promoteDraft } from "@/lib/domain/draft/promote";
import { saveDraft } from "@/lib/domain/draft/save";
import { createToken } from "@/lib/domain/token/create";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { addJob, setJob } from "@/lib/editor/edits";
import { type DraftGraph, toDraft } from "@/lib/editor/graph";
import { type Served, serveRoutes } from "@/lib/testing/api/served";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { userContextFor } from "@/lib/testing/fixtures";

testDatabase();
let server: Served;
let clinic: Clinic;
let cwd: string;
let token: string;

beforeAll(async () => {
  server = await serveRoutes();
  clinic = await createClinic();
  cwd = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-edit-"));
  const { actor } = clinic.ctx;
  if (actor.type !== "user") throw new Error("A person owns the clinic.");
  token = (await createToken(userContextFor({ id: actor.userId, email: actor.label }), { name: "cli" }))
    .token;
});
afterAll(async () => {
  await server.close();
  fs.rmSync(cwd, { recursive: true, force: true });
});

const file = () => path.join(cwd, "project.yaml");
const read = () => fs.readFileSync(file(), "utf8");

async function pull(): Promise<string> {
  const said = await cli(["pull", clinic.project.id], {
    cwd,
    env: { WAYBILL_ENDPOINT: server.url, WAYBILL_API_KEY: token },
  });
  expect(said).toMatchObject({ code: 0 });
  return read();
}

/** As the editor does it: a draft, kept and promoted. */
async function edit(change: (graph: DraftGraph) => DraftGraph): Promise<void> {
  const { visit: workflowId } = clinic.workflows;
  const { graph, lockVersion } = await getWorkflow(clinic.ctx, { id: workflowId });
  const draft = { workflowId, revision: null, baseVersion: lockVersion, graph: change(toDraft(graph)) };
  const { revision } = await saveDraft(clinic.ctx, draft);
  const resolveAdaptor = async (_: string, version: string) => ({ version });
  await promoteDraft(clinic.ctx, { workflowId, revision, lockVersion, note: "Edited" }, { resolveAdaptor });
}

const changed = (before: string, after: string) =>
  (differenceOfTexts(before, after)?.hunks.flat() ?? []).flatMap(({ kind, text }) =>
    kind === "kept" ? [] : [`${kind === "added" ? "+" : "-"}${text.trim()}`],
  );

it("a pull after an edit in the browser changes the lines of the edit alone; comments and order stay", async () => {
  const first = await pull();
  // A repository's own hand: comments everywhere, and a key that stands elsewhere.
  const commented = first
    .split("\n")
    .flatMap((line, n) => (/^ *\w[\w-]*:$/.test(line) ? [`${line} # note ${n}`] : [line]))
    .join("\n");
  fs.writeFileSync(file(), `# ours\n${commented}`);
  const before = await pull();
  expect(before).toBe(`# ours\n${commented}`);

  const { payment } = clinic.jobs;
  await edit(setJob(payment, { body: "fn(s => ({ ...s, paid: true }))" }));
  const coded = await pull();
  expect(changed(before, coded)).toEqual(["-fn(s => s)", "+fn(s => ({ ...s, paid: true }))"]);

  const ids = { job: crypto.randomUUID(), edge: crypto.randomUUID() };
  await edit(addJob(ids, { kind: "job", id: payment }));
  const grown = changed(coded, await pull());
  expect(grown.filter((line) => line.startsWith("-"))).toEqual([]);
  expect(grown.join("\n")).toContain("New job");
}, 60_000);
