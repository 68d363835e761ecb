import type { YamlSource } from "./yaml";

/** Where something is written: `file` where there are several, and `line` from 1. */
export type Places = Pick<YamlSource, "lineOf" | "file">;

/** Something that was read otherwise than the file says. `level` and `key` gather what is alike. */
export type Note = { level: string; key: string; path: string[]; said: string; source: Places };

/** A sentence for each kind of note, with its first place and how many there are. */
export function reportLines(notes: readonly Note[]): string[] {
  const kinds = new Map<string, { first: Note; others: number }>();
  for (const note of notes) {
    const kind = `${note.level} ${note.key} ${note.said}`;
    const known = kinds.get(kind);
    if (known) known.others += 1;
    else kinds.set(kind, { first: note, others: 0 });
  }
  return [...kinds.values()].map(({ first: { path, said, source }, others }) => {
    const more = others === 0 ? "" : ` and ${others} more ${others === 1 ? "place" : "places"}`;
    return `${placeText(path, source)}${more}: ${said}`;
  });
}

/** `Line 4 (workflows/w)`, `jobs.yaml, line 4 (jobs/a)`, or what of it is known. */
export function placeText(path: readonly string[], source: Places): string {
  const line = source.lineOf(path);
  const file = source.file?.(path) ?? null;
  const item = path.join("/");
  if (file !== null) return line === null ? `${file} (${item})` : `${file}, line ${line} (${item})`;
  return line === null ? item : `Line ${line} (${item})`;
}
