/** Texts of the files that job bodies refer to, by their path relative to project.yaml. */
export type SpecFiles = Record<string, string>;

/** Where the code is that a job names by a path. */
export type BodyFiles = {
  /** Returns the text of a file, or why there is none: a sentence for the problem. */
  read(path: string): { text: string } | { problem: string };
};

/** The files that were sent along, and which of them a job names. */
export class SentFiles implements BodyFiles {
  readonly #texts: Map<string, string>;
  readonly #used = new Set<string>();

  constructor(files: SpecFiles) {
    this.#texts = new Map(Object.entries(files).map(([path, text]) => [normalised(path), text]));
  }

  read(path: string): { text: string } | { problem: string } {
    this.#used.add(normalised(path));
    const text = this.#texts.get(normalised(path));
    return text === undefined ? { problem: notSent(path) } : { text };
  }

  /** A line for the report when some were sent in vain. */
  unused(): string[] {
    return leftOut([...this.#texts.keys()].filter((path) => !this.#used.has(path)));
  }
}

export const notSent = (path: string, beside = "project.yaml"): string =>
  `Failed to read file ${path}: it was not sent along. Add it beside ${beside}.`;

/** A line for the report about files that no job names. */
export function leftOut(paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  const shown = paths.length > 5 ? [...paths.slice(0, 5), "…"] : paths;
  const [files, were] = paths.length === 1 ? ["file was", "was"] : ["files were", "were"];
  return [`${paths.length} ${files} sent that no job names, and ${were} left out: ${shown.join(", ")}.`];
}

/** A path as files are known by. */
export const normalised = (path: string) => path.replaceAll("\\", "/").replace(/^(\.?\/)+/, "");
