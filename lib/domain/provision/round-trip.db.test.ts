import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { parseDocument } from "yaml";
import { fromDocument } from "@/lib/portability/from-document";
import { openfnDifference } from "@/lib/portability/openfn-difference";
import { parseSpec } from "@/lib/portability/parse";
import { stateOf } from "@/lib/portability/state";
import { mergeSpec, toDocument } from "@/lib/portability/to-document";
import { testDatabase } from "@/lib/testing/database";
import { contextFor, createTestProject, createTestUser } from "@/lib/testing/fixtures";
import { getDocument, getSpecYaml } from "./get";
import { provision } from "./provision";

testDatabase();
const deps = { resolveAdaptor: async () => ({ version: "3.3.4" }) };

const names = [
  ...[
    "plain",
    "two words",
    "yes",
    "no",
    "null",
    "1e3",
    "0x1f",
    "10",
    "9",
    "2026-11-22",
    "a: b",
    "# a",
    "- a",
  ],
  ...["it's", '"quoted"', "{a}", "*alias", "!tag", "é 🙂 漢字", "العربية", "constructor", "__proto__", "<<"],
];
const bodies = [
  ...["fn(s => s)", "fn(s => s);\n", "a\n\n\n", "\n a", "  a\nb", "a \nb\t\n", "a\r\nb\r\n", "a\rb"],
  ...["a\u0085b\u2028c\u2029", "\ufeffa", "key: value\n- list\n# no\n", "'\"`\\", "---\n...\n"],
];
const expressions = ["state.data.length > 0", "true", "  state.a\n  && state.b\n", "'x: y' // #"];

test("a pull and then a deploy changes nothing, whatever things are called and whatever is in them", async () => {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  const ctx = contextFor(owner, project);
  const ids = names.map(() => randomUUID());
  const cursor = ids[3] ?? "";
  const [webhook, cron] = [randomUUID(), randomUUID()];
  const sent = {
    id: project.id,
    name: project.name,
    description: "yes: no\n\n",
    workflows: names.slice(0, 4).map((name, n) => ({
      id: randomUUID(),
      name,
      jobs:
        n > 0
          ? []
          : names.map((job, at) => ({
              id: ids[at] ?? "",
              name: job,
              adaptor: "@openfn/language-common@latest",
              body: bodies[at % bodies.length] ?? "",
            })),
      triggers:
        n > 0
          ? []
          : [
              {
                id: webhook,
                type: "webhook",
                enabled: false,
                webhook_reply: "after_completion",
                custom_path: "a",
              },
              {
                id: cron,
                type: "cron",
                enabled: true,
                cron_expression: "0 2 * * *",
                cron_cursor_job_id: cursor,
              },
            ],
      edges:
        n > 0
          ? []
          : names.map((_, at) => ({
              id: randomUUID(),
              target_job_id: ids[at] ?? "",
              ...(at === 0 ? { source_trigger_id: webhook } : { source_job_id: ids[at - 1] ?? "" }),
              enabled: at % 2 === 0,
              ...(at < 2
                ? { condition_type: "always" }
                : {
                    condition_type: "js_expression",
                    condition_label: names[at] ?? "",
                    condition_expression: expressions[at % expressions.length] ?? "",
                  }),
            })),
    })),
  };
  await provision(ctx, sent, { source: "cli", extensions: true }, deps);
  const none = () => expect.unreachable("an id was made");

  const document = await getDocument(ctx);
  const yaml = await getSpecYaml(ctx);
  const plainly = mergeSpec(parseDocument(yaml).toJSON(), stateOf(document), none).payload;
  expect(openfnDifference(document, plainly)).toBe("");
  expect(plainly).toEqual(document);

  const extended = await getDocument(ctx, { extensions: true });
  const { spec } = parseSpec(yaml);
  expect(spec).toEqual(fromDocument(extended));
  const ours = spec && toDocument(spec, stateOf(extended), none, { extensions: true });
  expect(ours).toEqual(extended);
  expect(extended.workflows[0]?.jobs.map(({ name }) => name).sort()).toEqual([...names].sort());

  const again = await provision(ctx, plainly, { source: "cli" }, deps);
  expect(again).toMatchObject({ changed: [], document });
  const withOurs = await provision(ctx, ours, { source: "cli", extensions: true }, deps);
  expect(withOurs).toMatchObject({ changed: [], document: extended });
});
