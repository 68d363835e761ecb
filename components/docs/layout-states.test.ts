import { describe, expect, it } from "vitest";
import {
  type Machine,
  messageMachine,
  runMachine,
  stepMachine,
  workOrderMachine,
} from "@/lib/workflow/states";
import { layoutStates } from "./layout-states";

type Box = { x: number; y: number; width: number; height: number };

const overlap = (a: Box, b: Box) =>
  Math.abs(a.x - b.x) * 2 < a.width + b.width && Math.abs(a.y - b.y) * 2 < a.height + b.height;

describe.each<[string, Machine<string>]>([
  ["run", runMachine],
  ["work order", workOrderMachine],
  ["step", stepMachine],
  ["message", messageMachine],
])("the drawing of a %s", (_, machine) => {
  const drawing = layoutStates(machine);

  it("shows every state that is used once, and what happens between them", () => {
    const shown = drawing.groups.flatMap((group) => group.states);
    expect(shown.sort()).toEqual(machine.states.filter((state) => !machine.unused.includes(state)).sort());
    expect(drawing.causes.map((cause) => cause.text)).toEqual(machine.ways.map((way) => way.by));
  });

  it("has no two boxes in one place, and all of them inside", () => {
    const boxes: Box[] = [...drawing.groups, ...drawing.causes, ...drawing.dots];
    for (const [index, a] of boxes.entries()) {
      expect(boxes.slice(index + 1).filter((b) => overlap(a, b))).toEqual([]);
      expect(a.x - a.width / 2).toBeGreaterThanOrEqual(0);
      expect(a.x + a.width / 2).toBeLessThanOrEqual(drawing.width);
    }
  });

  it("fits a desk", () => {
    expect(drawing.width).toBeLessThanOrEqual(1120);
  });
});
