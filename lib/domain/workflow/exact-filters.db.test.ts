import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { ownerContext } from "@/lib/domain/project/create";
import { importProject } from "@/lib/domain/project/import";
import { adaptorResolver } from "@/lib/domain/workflow/adaptors";
import { ExactNumber, stringifyExact } from "@/lib/exact-json";
import { checkedJson } from "@/lib/http/contract";
import { readBody } from "@/lib/http/input";
import { parseSpec } from "@/lib/portability/parse";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { userContextFor } from "@/lib/testing/fixtures";
import { getWorkflow, workflowDetail } from "./get";
import { saveWorkflow } from "./save";
import { saveWorkflowInput } from "./schemas";

const { db, query } = testDatabase();
const offline = { resolveAdaptor: adaptorResolver(db, null) };
let clinic: Clinic;

beforeAll(async () => {
  clinic = await createClinic();
});

const code = { name: "Job", body: "fn(s => s)", adaptor: "@openfn/language-common@3.3.4" };

/** A save as a client sends it: JSON text, read as the route reads it. */
async function savedWith(filter: string, id = randomUUID(), lockVersion: number | null = null) {
  const [trigger, job, edge] = [randomUUID(), randomUUID(), randomUUID()];
  const text = `{"id":"${id}","lockVersion":${lockVersion},"name":"Exact ${id}","positions":{"a":{"x":1.00000000000000000001,"y":2}},
    "triggers":[{"id":"${trigger}","type":"message_filter","inclusion":${filter}}],
    "jobs":[${JSON.stringify({ id: job, ...code })}],
    "edges":[{"id":"${edge}","sourceTriggerId":"${trigger}","targetJobId":"${job}","conditionType":"always"}]}`;
  const request = new Request("http://x", { method: "POST", body: text });
  const body = await readBody(saveWorkflowInput, request, "largeRequestBytes", true);
  return { ...(await saveWorkflow(clinic.ctx, body, offline)), text };
}

async function isStartedBy(workflowId: string, body: string): Promise<boolean> {
  const message = await clinic.receive(body);
  const sql = "select id from work_orders where message_id = $1 and workflow_id = $2";
  return (await query(sql, [message, workflowId])).length > 0;
}

test.each([
  ["9007199254740993", "9007199254740992"],
  ["0.1000000000000000055", "0.1"],
  ["123456789012345678901234567890", "123456789012345678901234567891"],
  ["1e400", "1e401"],
])("a filter for %s takes that number and not %s", async (wanted, near) => {
  const filter = `{"id":${wanted}}`;
  const { id } = await savedWith(filter);
  expect(await isStartedBy(id, `{"id":${wanted},"more":1}`)).toBe(true);
  expect(await isStartedBy(id, `{"id":${near}}`)).toBe(false);
  const workflow = await getWorkflow(clinic.ctx, { id });
  expect(workflow.graph.triggers[0]?.inclusion).toEqual({ id: expect.any(ExactNumber) });
  expect(workflow.graph.positions).toEqual({ a: { x: 1, y: 2 } });
  const [stored] = await query<{ same: boolean }>(
    "select inclusion = $2::jsonb as same from triggers where workflow_id = $1",
    [id, filter],
  );
  expect(stored?.same).toBe(true);
  const answer = checkedJson(workflowDetail, workflow, true);
  const [, shown = ""] = /"inclusion":\{"id":([^}]*)\}/.exec(answer) ?? [];
  expect(stringifyExact(new ExactNumber(shown))).toBe(shown);
  const [same] = await query<{ same: boolean }>("select $1::numeric = $2::numeric as same", [shown, wanted]);
  expect(same?.same).toBe(true);
});

test("a filter that differs in its last digit is another version", async () => {
  const first = await savedWith('{"id":9007199254740993}');
  const { text } = first;
  const again = async (body: string) => {
    const json = body.replace('"lockVersion":null', '"lockVersion":1');
    const read = await readBody(
      saveWorkflowInput,
      new Request("http://x", { method: "POST", body: json }),
      "largeRequestBytes",
      true,
    );
    return saveWorkflow(clinic.ctx, read, offline);
  };
  expect((await again(text)).changed).toBe(false);
  expect((await again(text.replace("740993}", "740992}"))).changed).toBe(true);
});

test.each([
  ["as YAML", "{ id: 9007199254740993, list: [+0.1000000000000000055] }"],
  ["as JSON text", `'{"id": 9007199254740993, "list": [0.1000000000000000055]}'`],
])("a project file keeps them, %s", async (_, filter) => {
  const yaml = `name: p
workflows:
  W:
    name: W
    jobs:
      A: { name: A, adaptor: '@openfn/language-common@3.3.4', body: 'fn(s => s)' }
    triggers:
      t: { type: message_filter, inclusion: ${filter} }
    edges:
      t->A: { source_trigger: t, target_job: A, condition_type: always }
`;
  const exact = { id: new ExactNumber("9007199254740993"), list: [new ExactNumber("0.1000000000000000055")] };
  const { spec } = parseSpec(yaml);
  expect(spec?.workflows.W?.triggers.t?.inclusion).toEqual(exact);
  const owner = userContextFor({ ...clinic.ctx.actor, id: actorId(), email: "e@example.org" });
  const { project, workflows } = await importProject(owner, { yaml, name: `p-${randomUUID()}` }, offline);
  const { graph } = await getWorkflow(ownerContext(owner, project), { id: workflows[0]?.id ?? "" });
  expect(graph.triggers[0]?.inclusion).toEqual(exact);
});

const actorId = (): string => ("userId" in clinic.ctx.actor ? clinic.ctx.actor.userId : "");
