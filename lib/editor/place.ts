import type { DraftGraph } from "./graph";

/** From one node of the canvas to the next. */
const step = { x: 252, y: 124 };
const size = { x: 208, y: 60 };

/** The draft with a place for a new node below another one, where its nodes have places that somebody chose. */
export function withPlace(graph: DraftGraph, id: string, nearId: string | null): DraftGraph {
  const { positions } = graph;
  if (positions === null) return graph;
  const places = Object.values(positions);
  const near = nearId === null ? undefined : positions[nearId];
  const lowest = places.reduce((low, { y }) => Math.max(low, y), 0);
  const place = near ? { x: near.x, y: near.y + step.y } : { x: 0, y: lowest + step.y };
  const isTaken = () =>
    places.some(({ x, y }) => Math.abs(x - place.x) < size.x && Math.abs(y - place.y) < size.y);
  while (isTaken()) place.x += step.x;
  return { ...graph, positions: { ...positions, [id]: place } };
}
