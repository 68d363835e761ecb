/** Something that was read otherwise than the file says. `level` and `key` gather what is alike. */
export type Note = { level: string; key: string; path: string[]; said: string };

/** A sentence for each kind of note, with its first place and how many there are. */
export function reportLines(
  notes: readonly Note[],
  lineOf: (path: readonly string[]) => number | null,
): string[] {
  const kinds = new Map<string, { first: Note; others: number }>();
  for (const note of notes) {
    const kind = `${note.level} ${note.key} ${note.said}`;
    const known = kinds.get(kind);
    if (known) known.others += 1;
    else kinds.set(kind, { first: note, others: 0 });
  }
  return [...kinds.values()].map(({ first: { path, said }, others }) => {
    const line = lineOf(path);
    const place = line === null ? path.join("/") : `Line ${line} (${path.join("/")})`;
    const more = others === 0 ? "" : ` and ${others} more ${others === 1 ? "place" : "places"}`;
    return `${place}${more}: ${said}`;
  });
}
