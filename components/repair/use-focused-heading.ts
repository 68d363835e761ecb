"use client";
import { useEffect, useRef } from "react";

/** For the heading of what has taken another's place: the keyboard, and readers of the page, are there then. */
export function useFocusedHeading() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return heading;
}
