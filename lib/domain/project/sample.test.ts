import * as common from "@openfn/language-common";
import * as http from "@openfn/language-http";
import { describe, expect, it } from "vitest";
import { parseSpec } from "@/lib/portability/parse";
import { toDraftGraph } from "@/lib/portability/to-graph";
import { compile } from "@/lib/runner/compiler";
import { shippedSpecifiers } from "@/lib/shipped";
import { validateGraph } from "@/lib/workflow/validate-graph";
import { projectNameProblem } from "./name";
import { sampleFiles, sampleYaml } from "./sample-files";

const exportsOf: Record<string, string[]> = {
  [shippedSpecifiers.common]: Object.keys(common),
  [shippedSpecifiers.http]: Object.keys(http),
};

describe("the sample", () => {
  const { spec, problems } = parseSpec(sampleYaml, sampleFiles);

  it("is a sound project of two workflows under a name that is allowed", () => {
    expect(problems).toEqual([]);
    expect(projectNameProblem(spec?.name ?? "")).toBeUndefined();
    let n = 0;
    const graphs = Object.values(spec?.workflows ?? {}).map((one) => toDraftGraph(one, () => `id-${n++}`));
    expect(graphs.map((graph) => graph.name)).toEqual(["Referral", "Payment"]);
    for (const graph of graphs) {
      const jobs = graph.jobs.map((job) => ({
        ...job,
        adaptorVersion: "1.0.0",
        projectCredentialId: null,
        keychainCredentialId: null,
      }));
      expect(validateGraph({ ...graph, jobs })).toEqual([]);
    }
  });

  it("has jobs that compile, with the adaptors that come with the installation", () => {
    for (const { jobs } of Object.values(spec?.workflows ?? {}))
      for (const { adaptor, body } of Object.values(jobs)) {
        const exports = exportsOf[adaptor];
        if (!exports) throw new Error(`${adaptor} does not come with the installation`);
        const { operations } = compile(body, { adaptor: adaptor.replace(/@[\d.]+$/, ""), exports });
        expect(operations.length).toBeGreaterThan(0);
      }
  });
});
