import { describe, expect, it } from "vitest";
import { finalRunStates, type RunState, runStates } from "@/lib/words";
import {
  changesOf,
  isFinal,
  type Machine,
  messageMachine,
  runMachine,
  stepMachine,
  unfinishedRunStates,
  workOrderMachine,
} from "./states";
import { messageStatuses, reasons, runStatuses, stepStatuses } from "./status";

const machines: [string, Machine<string>, Record<string, object>][] = [
  ["run", runMachine, runStatuses],
  ["work order", workOrderMachine, runStatuses],
  ["step", stepMachine, stepStatuses],
  ["message", messageMachine, messageStatuses],
];

function reached(machine: Machine<string>): Set<string> {
  const found = new Set<string | null>([null]);
  for (const _ of machine.states)
    for (const [from, to] of changesOf(machine)) if (found.has(from) && to) found.add(to);
  return new Set([...found].filter((state) => state !== null));
}

describe.each(machines)("the states of a %s", (_, machine, statuses) => {
  it("are the list of words, each explained", () => {
    expect(Object.keys(statuses).sort()).toEqual([...machine.states].sort());
  });

  it("are all reached, but for those that are named as unused, which nothing speaks of", () => {
    expect([...reached(machine), ...machine.unused].sort()).toEqual([...machine.states].sort());
    const named = changesOf(machine).flat();
    for (const state of machine.unused) expect(named).not.toContain(state);
  });

  it("have ways between them that say what happened in a sentence", () => {
    for (const way of machine.ways) expect(way.meaning, way.by).toMatch(/^[A-Z].*\.$/);
  });
});

describe("ends", () => {
  const finals: readonly RunState[] = finalRunStates;
  const leave = (machine: Machine<string>, state: string) =>
    machine.ways.filter((way) => way.from.includes(state));

  it("of a run are the final states, and are never left", () => {
    expect(runStates.filter(isFinal)).toEqual(finals);
    expect(unfinishedRunStates).toEqual(["pending", "running"]);
  });

  it("of a work order are left for pending only, by one way", () => {
    for (const state of finals.filter((one) => !workOrderMachine.unused.includes(one)))
      expect(leave(workOrderMachine, state).map((way) => way.to)).toEqual([["pending"]]);
  });

  it("of a step are its exit reasons, never left, and each leads the run to its state", () => {
    for (const [reason, { runState }] of Object.entries(reasons)) {
      expect(leave(stepMachine, reason)).toEqual([]);
      expect(changesOf<string>(stepMachine)).toContainEqual(["running", reason]);
      expect(changesOf<string>(runMachine)).toContainEqual(["running", runState]);
    }
  });
});

describe("a work order", () => {
  it("can follow its run wherever that goes", () => {
    expect(changesOf(workOrderMachine)).toEqual(expect.arrayContaining(changesOf(runMachine)));
  });
});
