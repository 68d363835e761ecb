import { createLoader, parseAsStringLiteral } from "nuqs/server";

export const starts = ["sample", "empty", "yaml"] as const;
export type Start = (typeof starts)[number];

export const newProjectParams = { from: parseAsStringLiteral(starts).withDefault("sample") };
export const loadNewProjectParams = createLoader(newProjectParams);
