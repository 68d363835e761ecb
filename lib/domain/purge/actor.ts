import type { Actor } from "@/lib/domain/context";

/** Who does what was asked for seven days ago. */
export const operator: Actor = { type: "system", label: "deletion" };
