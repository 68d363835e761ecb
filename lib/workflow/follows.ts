import type { TriggerNode } from "./types";

/** A trigger that starts its workflow when a job of another one has ended. */
export const follows = ({ type }: Pick<TriggerNode, "type">): boolean => type === "flow" || type === "catch";
