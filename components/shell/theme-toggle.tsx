"use client";
import dynamic from "next/dynamic";
import { useState } from "react";
import { ThemeButton } from "./theme-button";

const load = () => import("./theme-menu");
const ThemeMenu = dynamic(() => load().then((module) => module.ThemeMenu), {
  ssr: false,
  loading: () => <ThemeButton aria-busy />,
});

/** Light, dark, or as the system has it. The menu is loaded when somebody wants it: the page of signing in has no other. */
export function ThemeToggle() {
  const [isWanted, setWanted] = useState(false);
  if (isWanted) return <ThemeMenu />;
  return <ThemeButton onPointerEnter={load} onFocus={load} onClick={() => setWanted(true)} />;
}
