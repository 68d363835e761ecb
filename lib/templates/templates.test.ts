import { randomUUID } from "node:crypto";
import * as common from "@openfn/language-common";
import * as http from "@openfn/language-http";
import { describe, expect, it } from "vitest";
import { workflowInput } from "@/lib/domain/workflow/schemas";
import { toGraph } from "@/lib/editor/graph";
import { compile } from "@/lib/runner/compiler";
import { shippedSpecifiers } from "@/lib/shipped";
import { mismatchOf } from "@/lib/workflow/containment";
import { validateGraph } from "@/lib/workflow/validate-graph";
import { templates } from ".";
import { freeWorkflowName, newWorkflow } from "./new-workflow";

const kit = { newId: randomUUID, adaptors: shippedSpecifiers };
const made = templates.map((template) => ({
  ...template,
  template,
  graph: newWorkflow(template.name, template, kit),
}));

it("there are five templates, each with a name of its own and something to learn", () => {
  expect(new Set(templates.map(({ key }) => key)).size).toBe(5);
  expect(new Set(templates.map(({ name }) => name)).size).toBe(5);
  for (const { does, teaches } of templates) expect([does, teaches].join(" ")).toMatch(/^[A-Z].+\.$/);
});

describe.each(made)("the template $key", ({ template, graph, sample }) => {
  it("is a sound workflow, as it is sent and as it is stored, and nothing of it is switched on", () => {
    expect(workflowInput.parse(graph)).toEqual(graph);
    expect(validateGraph(toGraph(graph))).toEqual([]);
    expect(graph.triggers.map(({ enabled }) => enabled)).toEqual([false]);
    expect(graph.jobs.length).toBeGreaterThan(1);
  });

  it("has ids of its own each time", () => {
    const idsOf = (one: typeof graph) => [...one.triggers, ...one.jobs, ...one.edges].map(({ id }) => id);
    const both = [...idsOf(graph), ...idsOf(newWorkflow("Again", template, kit))];
    expect(new Set(both).size).toBe(both.length);
  });

  it("has jobs that compile and explain themselves, with the adaptors that come with the installation", () => {
    const exportsOf: Record<string, string[]> = {
      [shippedSpecifiers.common]: [...Object.keys(common), "collections"],
      [shippedSpecifiers.http]: [...Object.keys(http), "collections"],
    };
    for (const { adaptor, body } of graph.jobs) {
      const exports = exportsOf[adaptor] ?? expect.unreachable(`${adaptor} does not come along`);
      expect(compile(body, { adaptor: adaptor.replace(/@[\d.]+$/, ""), exports }).operations).not.toEqual([]);
      expect(body).toMatch(/^\/\/ /m);
    }
  });

  it("takes its own sample", () => {
    const [trigger] = graph.triggers;
    if (!trigger?.inclusion) return;
    expect(mismatchOf(sample, trigger.inclusion)).toBeNull();
  });
});

it("a workflow without a template has neither a trigger nor a job", () => {
  const graph = newWorkflow("Empty", null, kit);
  expect(workflowInput.parse(graph)).toEqual(graph);
  expect([graph.triggers, graph.jobs, graph.edges]).toEqual([[], [], []]);
});

it("a name that is taken in any capitals gets a number", () => {
  expect(freeWorkflowName("Form to registry", [])).toBe("Form to registry");
  expect(freeWorkflowName("Form to registry", ["form to Registry", "Form to registry 2"])).toBe(
    "Form to registry 3",
  );
});
