import { expect, test } from "vitest";
import { nodeSize } from "./layout";
import { startView, type View, viewWith, wholeView } from "./view";

const size = { width: 800, height: 600 };
const at = (...places: [number, number][]) =>
  new Map(places.map(([x, y], index) => [String(index), { x, y }]));
const isWithin = ({ x, y, zoom }: View, place: { x: number; y: number }) => {
  const [left, top] = [place.x * zoom + x, place.y * zoom + y];
  return (
    left >= 0 &&
    top >= 0 &&
    left + nodeSize.width * zoom <= size.width &&
    top + nodeSize.height * zoom <= size.height
  );
};

test("the whole graph is shown while it can be read", () => {
  const places = at([0, 0], [252, 124], [-300, 248]);
  const view = wholeView(places, size);
  for (const place of places.values()) expect(view && isWithin(view, place)).toBe(true);
  expect(wholeView(at([0, 0]), size)?.zoom).toBeLessThanOrEqual(1.1);
  expect(wholeView(at([0, 0], [5_000, 0]), size)).toBeNull();
  expect(wholeView(at(), size)).toBeNull();
});

test("what is selected is moved into view, and what is in view stays", () => {
  const view = { x: 0, y: 0, zoom: 1 };
  for (const place of [
    { x: 2_000, y: 0 },
    { x: -500, y: 50 },
    { x: 100, y: 9_000 },
  ]) {
    const moved = viewWith(place, view, size);
    expect(moved && isWithin(moved, place)).toBe(true);
  }
  expect(viewWith({ x: 100, y: 100 }, view, size)).toBeNull();
});

test("a graph that is too large to be read begins with its beginning, or with what is selected, at a size that is read", () => {
  const column = at(...Array.from({ length: 40 }, (_, row): [number, number] => [100, row * 124]));
  const view = startView(column, size);
  expect(view.zoom).toBeGreaterThanOrEqual(0.6);
  expect(isWithin(view, { x: 100, y: 0 })).toBe(true);
  const selected = { x: 100, y: 20 * 124 };
  expect(isWithin(startView(column, size, selected), selected)).toBe(true);
  expect(startView(at([0, 0]), size)).toEqual(wholeView(at([0, 0]), size));
  expect(startView(at(), size).zoom).toBe(1);
});
