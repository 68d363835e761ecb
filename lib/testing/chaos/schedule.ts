import { type Dice, dice, pick } from "@/lib/testing/dice";

export const faultKinds = [
  "kill",
  "term",
  "freeze",
  "freeze-long",
  "worker",
  "backends",
  "disk",
  "cut",
  "refuse",
  "blackhole",
  "delay",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** One fault: when it begins, counted from the start of the load, what it happens to, and how long it lasts. */
export type Fault = { atMs: number; kind: FaultKind; target: string; ms: number };

/** What faults can happen to, by name: processes, and parts with the networks that they are reached over. */
export type Field = { targets: string[]; parts: string[] };

type Plan = { weight: number; targets(field: Field): string[]; ms(roll: Dice): number };

const between = (from: number, to: number) => (roll: Dice) => from + roll(to - from);
const atOnce = () => 0;

/** A freeze beyond this is one that somebody has to replace. */
const shortFreeze = between(500, 4_000);

const plans: Record<FaultKind, Plan> = {
  kill: { weight: 8, targets: ({ targets }) => targets, ms: atOnce },
  term: { weight: 4, targets: ({ targets }) => targets, ms: atOnce },
  freeze: { weight: 3, targets: ({ targets }) => targets, ms: shortFreeze },
  "freeze-long": { weight: 2, targets: ({ targets }) => targets, ms: () => 25_000 },
  worker: {
    weight: 3,
    targets: ({ targets }) => targets.filter((name) => name.startsWith("runner")),
    ms: atOnce,
  },
  backends: { weight: 4, targets: () => ["one", "all", "transactions"], ms: atOnce },
  disk: { weight: 1, targets: () => ["data"], ms: between(3_000, 9_000) },
  cut: { weight: 3, targets: ({ parts }) => parts, ms: between(2_000, 25_000) },
  refuse: { weight: 2, targets: ({ parts }) => parts, ms: between(500, 6_000) },
  blackhole: { weight: 3, targets: ({ parts }) => parts, ms: between(1_000, 20_000) },
  delay: { weight: 2, targets: ({ parts }) => parts, ms: between(3_000, 15_000) },
};

/** After a fault its target is left alone for so long: it is to be hit while it works, not while it starts. */
const restMs = 2_000;

/** The same faults for the same seed and field. The last one is over when `totalMs` is. */
export function schedule(
  seed: number,
  field: Field,
  { totalMs, kinds = faultKinds }: { totalMs: number; kinds?: readonly FaultKind[] },
): Fault[] {
  const roll = dice(seed);
  const possible = kinds.filter((kind) => plans[kind].targets(field).length > 0);
  const urn = possible.flatMap((kind) => Array.from({ length: plans[kind].weight }, () => kind));
  const faults: Fault[] = [];
  if (urn.length === 0) return faults;
  const busyUntil = new Map<string, number>();
  for (let atMs = between(1_000, 2_500)(roll); atMs < totalMs; atMs += between(1_000, 4_500)(roll)) {
    const kind = pick(roll, urn);
    const target = pick(roll, plans[kind].targets(field));
    const ms = plans[kind].ms(roll);
    const hit = hitBy(kind, target);
    const isBusy = (busyUntil.get(hit) ?? 0) > atMs;
    if (isBusy || atMs + ms > totalMs) continue;
    busyUntil.set(hit, atMs + ms + restMs);
    faults.push({ atMs, kind, target, ms });
  }
  return faults;
}

/** What is busy with a fault: the database with its backends and its disk. */
const hitBy = (kind: FaultKind, target: string): string =>
  kind === "backends" || kind === "disk" ? "database" : target;

/** One line of the programme that is printed. */
export const describeFault = ({ atMs, kind, target, ms }: Fault): string =>
  `${(atMs / 1000).toFixed(1).padStart(6)} s  ${kind.padEnd(11)} ${target}${ms > 0 ? ` for ${(ms / 1000).toFixed(1)} s` : ""}`;
