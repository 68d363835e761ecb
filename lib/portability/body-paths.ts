import { isMap, isScalar, type YAMLMap } from "yaml";
import { own } from "./merge-items";
import { entriesOf, valueIn } from "./nodes";
import { normalised, type SpecFiles } from "./sent-files";
import type { ProjectSpec } from "./spec";

/** The file that a job's code is in, as `body: {path: …}` or `path: …`. */
export function bodyPathOf(job: YAMLMap): string | null {
  const body = valueIn(job, "body");
  const path = isMap(body)
    ? valueIn(body, "path")
    : body === undefined || isNull(body)
      ? valueIn(job, "path")
      : null;
  return isScalar(path) && typeof path.value === "string" ? path.value : null;
}

const isNull = (node: unknown) => node === null || (isScalar(node) && node.value === null);

/** Which files the code of a project.yaml's jobs is in, and what they must hold. */
export class BodyPaths {
  readonly #texts: Map<string, string>;
  /** What each file must hold; null where two jobs want it otherwise. */
  readonly #wanted = new Map<string, string | null>();

  constructor(root: YAMLMap, spec: ProjectSpec, files: SpecFiles) {
    this.#texts = new Map(Object.entries(files).map(([path, text]) => [normalised(path), text]));
    for (const { workflow, job, path } of jobPaths(root)) {
      const body = bodyAt(spec, workflow, job);
      if (!this.#texts.has(normalised(path))) this.#texts.set(normalised(path), missing(path));
      if (body === undefined) continue;
      const other = this.#wanted.get(normalised(path));
      this.#wanted.set(normalised(path), other === undefined || other === body ? body : null);
    }
  }

  /** The texts of all files that are named, with a stand-in for those that are not there. */
  known(): SpecFiles {
    return Object.fromEntries(this.#texts);
  }

  /** Whether the code may stand in its file: every job of the file wants the same. */
  canHold(path: string, body: string): boolean {
    return this.#wanted.get(normalised(path)) === body;
  }

  isAsItWas(path: string, body: string): boolean {
    return this.#texts.get(normalised(path)) === body;
  }
}

/** No code is this. */
const missing = (path: string) => `\u0001${path} is not there.`;

/** The code of a job of a spec. */
export const bodyAt = (spec: ProjectSpec, workflow: string, job: string): string | undefined =>
  own(own(spec.workflows, workflow)?.jobs ?? {}, job)?.body;

/** Every job whose code is in a file. */
export function* jobPaths(root: YAMLMap): Generator<{ workflow: string; job: string; path: string }> {
  for (const [workflow, map] of entriesOf(valueIn(root, "workflows")))
    for (const [job, node] of entriesOf(isMap(map) ? valueIn(map, "jobs") : null)) {
      const path = isMap(node) ? bodyPathOf(node) : null;
      if (path !== null) yield { workflow, job, path };
    }
}
