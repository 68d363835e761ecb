import { hyphenated } from "./keys";
import type { ProjectSpec } from "./spec";
import type { SpecProblem } from "./yaml";

type Places = {
  lineOf(path: readonly string[]): number | null;
  fileOf(path: readonly string[]): string | null;
};

/**
 * What is wrong with a spec whose workflows, or jobs of a workflow, have names that one key in project.yaml would stand
 * for, each with both names: once it is a project, nobody could pull it. That two workflows have one name is found when
 * they are written.
 */
export function sameKeyProblems(spec: ProjectSpec, places: Places): SpecProblem[] {
  const of = (path: string[], found: Found[], things = "") =>
    found.map(({ key, name, other }): SpecProblem => {
      const at = [...path, key];
      const file = places.fileOf(at);
      const message =
        other === name
          ? `Two ${things} are called "${name}". Rename one of them.`
          : `"${other}" and "${name}" would both be "${hyphenated(name)}" in project.yaml. Rename one of them.`;
      return { path: at.join("/"), message, line: places.lineOf(at), ...(file !== null && { file }) };
    });
  return [
    ...of(
      ["workflows"],
      sameKeys(spec.workflows).filter(({ name, other }) => name !== other),
    ),
    ...Object.entries(spec.workflows).flatMap(([key, { name, jobs }]) =>
      of(["workflows", key, "jobs"], sameKeys(jobs), `jobs of the workflow "${name}"`),
    ),
  ];
}

/** A thing, and the name of an earlier one that has its key. */
type Found = { key: string; name: string; other: string };

function sameKeys(items: Record<string, { name: string }>): Found[] {
  const names = new Map<string, string>();
  return Object.entries(items).flatMap(([key, { name }]) => {
    const other = names.get(hyphenated(name));
    if (other !== undefined) return [{ key, name, other }];
    names.set(hyphenated(name), name);
    return [];
  });
}
