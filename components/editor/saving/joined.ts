import type { Collision } from "@/lib/editor/collision";
import type { DraftGraph } from "@/lib/editor/graph";
import { mergeDrafts } from "@/lib/editor/merge";

type Joined = {
  /** Both sides' changes; where they collide, what is here. */
  ours: DraftGraph;
  /** The same, but where they collide, what is there. */
  theirs: DraftGraph;
  collisions: readonly Collision[];
};

/** Joins what two windows changed of one draft. Whatever one of them alone changed is in both results. */
export function joined(common: DraftGraph, here: DraftGraph, there: DraftGraph): Joined {
  const { graph: ours, collisions } = mergeDrafts(common, here, there);
  const choices = new Map(collisions.map(({ key }) => [key, "theirs" as const]));
  return { ours, theirs: mergeDrafts(common, here, there, choices).graph, collisions };
}
