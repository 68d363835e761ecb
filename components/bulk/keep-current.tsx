"use client";
import { useRouter } from "next/navigation";
import { useEffect } from "react";

const lookMs = 3_000;

/** Asks the server for the page again now and then: for lists of what is under way. */
export function KeepCurrent() {
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => router.refresh(), lookMs);
    return () => clearInterval(timer);
  }, [router]);
  return null;
}
