"use client";
import { useState } from "react";
import type { AnswerOf } from "@/components/api";

/** How the person at the screen can show to be there. */
export type Ways = AnswerOf<"GET /api/account/reauthentication">;

type Way = "password" | "code";

/** Which of two proofs is asked for, and the other where there is one. The password comes first. */
export function useWay(ways: Ways) {
  const [way, change] = useState<Way>(ways.password ? "password" : "code");
  const other: Way | null = ways.password && ways.code ? (way === "password" ? "code" : "password") : null;
  return { way, other, change };
}
