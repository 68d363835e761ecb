import { describe, expect, test } from "vitest";
import { addJob, setJob } from "@/lib/editor/edits";
import type { DraftGraph } from "@/lib/editor/graph";
import { plainWorkflow } from "@/lib/workflow/complete";
import { agreementOf, credentialWords, sentWith } from "./send-words";

const empty: DraftGraph = {
  name: "w",
  ...plainWorkflow,
  concurrency: null,
  triggers: [],
  jobs: [],
  edges: [],
  positions: null,
};
const graph = [
  addJob({ job: "a", edge: "1" }, null),
  addJob({ job: "b", edge: "2" }, null),
  addJob({ job: "c", edge: "3" }, null),
  setJob("a", { projectCredentialId: "registry" }),
  setJob("b", { projectCredentialId: "registry" }),
  setJob("c", { keychainCredentialId: "by-region" }),
].reduce((now, edit) => edit(now), empty);

describe("what is said before a test really sends", () => {
  test("are the credentials and keychains of the jobs that it may reach, each once", () => {
    expect(sentWith(graph, new Set(["a", "b"]))).toEqual({ credentials: ["registry"], keychains: [] });
    expect(sentWith(graph, new Set(["c"]))).toEqual({ credentials: [], keychains: ["by-region"] });
  });

  test("is where each credential may go", () => {
    const known = [
      { id: "1", name: "Registry", allowedHosts: ["a.example.org", "b.example.org"] },
      { id: "2", name: "SMS", allowedHosts: null },
    ];
    expect(credentialWords(["1", "2", "3"], known)).toEqual([
      "Registry, to a.example.org and b.example.org alone.",
      "SMS, wherever the code sends it.",
      "A credential of this project.",
    ]);
  });

  test("is asked again for other jobs or credentials, and for the same ones not", () => {
    const of = (jobs: string[], credentials: string[]) =>
      agreementOf(new Set(jobs), { credentials, keychains: [] });
    expect(of(["b", "a"], ["x"])).toBe(of(["a", "b"], ["x"]));
    expect(of(["a"], ["x"])).not.toBe(of(["a", "b"], ["x"]));
    expect(of(["a"], ["x"])).not.toBe(of(["a"], ["y"]));
  });
});
