import { nodeSize, type Place } from "./layout";

/** How a picture is moved and zoomed, as the canvas takes it. */
export type View = { x: number; y: number; zoom: number };
type Size = { width: number; height: number };

const margin = 28;
/** Smaller, and nobody reads it; larger, and it looks broken. */
const zooms = { least: 0.6, most: 1.1 };

/** The view that shows all nodes; null where they would be too small to be read. */
export function wholeView(places: ReadonlyMap<string, Place>, size: Size): View | null {
  const all = [...places.values()];
  if (all.length === 0) return null;
  const [left, top] = [Math.min(...all.map(({ x }) => x)), Math.min(...all.map(({ y }) => y))];
  const width = Math.max(...all.map(({ x }) => x)) + nodeSize.width - left;
  const height = Math.max(...all.map(({ y }) => y)) + nodeSize.height - top;
  const fit = Math.min((size.width - 2 * margin) / width, (size.height - 2 * margin) / height);
  if (fit < zooms.least) return null;
  const zoom = Math.min(fit, zooms.most);
  return {
    x: (size.width - width * zoom) / 2 - left * zoom,
    y: (size.height - height * zoom) / 2 - top * zoom,
    zoom,
  };
}

/** The view moved as far as is needed to show a node; null where it is shown. */
export function viewWith(place: Place, { x, y, zoom }: View, size: Size): View | null {
  const dx = shift(place.x * zoom + x, nodeSize.width * zoom, size.width);
  const dy = shift(place.y * zoom + y, nodeSize.height * zoom, size.height);
  return dx === 0 && dy === 0 ? null : { x: x + dx, y: y + dy, zoom };
}

/** By how much something has to be moved to be within a length. */
function shift(from: number, size: number, length: number): number {
  if (from < margin) return margin - from;
  return Math.min(0, length - margin - (from + size));
}

/** Of a graph that is too large to be read as a whole. */
const partZoom = 0.75;

/** What is shown first: all of it, else its beginning, and what is selected. */
export function startView(places: ReadonlyMap<string, Place>, size: Size, selected?: Place): View {
  const whole = wholeView(places, size);
  const [first] = [...places.values()].sort((a, b) => a.y - b.y || a.x - b.x);
  if (whole || !first) return whole ?? { x: 0, y: 0, zoom: 1 };
  const view = {
    x: size.width / 2 - (first.x + nodeSize.width / 2) * partZoom,
    y: margin - first.y * partZoom,
    zoom: partZoom,
  };
  return (selected && viewWith(selected, view, size)) ?? view;
}
