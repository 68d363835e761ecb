"use client";
import type { ComponentProps } from "react";
import { useHydrates } from "./use-hydrates";

/**
 * Submits once the page listens: before, the browser would do it by itself, and put what was typed, a password too, into
 * an address. A form whose button is disabled is not submitted by Enter either.
 */
export function Submit({ disabled, ...props }: ComponentProps<"button">) {
  const hydrates = useHydrates();
  return <button type="submit" disabled={disabled || hydrates} {...props} />;
}
