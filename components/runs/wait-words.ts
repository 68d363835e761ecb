import type { RunRow } from "@/lib/domain/run/types";

type WaitsFor = RunRow["waitsFor"];

/** Why a run that waits must not start yet, in a few words. */
export const waitWords: Record<NonNullable<WaitsFor>, string> = {
  turn: "an earlier run with its key is unfinished",
  resume: "its workflow or project is paused",
};

/** When the first job of a run that waits will start, in a sentence. */
export function startWords(waitsFor: WaitsFor): string {
  if (waitsFor === "turn") return "Its first job starts when the earlier runs with its key have ended.";
  return waitsFor === "resume"
    ? "Its first job starts when somebody resumes its workflow or project."
    : "The run is queued. Its first job starts as soon as a worker is free.";
}
