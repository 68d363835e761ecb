import { changesOf, type Machine } from "./states";

/** A machine as a Mermaid state diagram: one line a way, ends marked as such. */
export function mermaidOf<S extends string>(machine: Machine<S>): string {
  const used = machine.states.filter((state) => !machine.unused.includes(state));
  const name = (state: S | null) => state ?? "[*]";
  const left = new Set(changesOf(machine).map(([from]) => from));
  return [
    "stateDiagram-v2",
    "  direction LR",
    ...machine.ways.flatMap(({ from, to, by }) =>
      from.flatMap((a) => to.filter((b) => b !== a).map((b) => `  ${name(a)} --> ${name(b)}: ${by}`)),
    ),
    ...used.filter((state) => !left.has(state)).map((state) => `  ${state} --> [*]`),
    ...used.flatMap((state) => {
      const note = machine.notes?.[state];
      return note ? [`  note right of ${state}: ${note.replace(":", ",")}`] : [];
    }),
  ].join("\n");
}
