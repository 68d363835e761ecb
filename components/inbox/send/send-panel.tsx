"use client";
import type { ComponentProps } from "react";
import { Skeleton } from "@/components/ui/skeleton";
import { SendCorner } from "./send-corner";
import { useSendChoices } from "./use-send-choices";

/** Begins with a message that something asks for, once that is known. */
export function SendPanel(props: Omit<ComponentProps<typeof SendCorner>, "first">) {
  const { data, error } = useSendChoices(props.place, true);
  if (error) return <p role="alert">{error.message}</p>;
  if (!data) return <Skeleton className="h-64" />;
  return <SendCorner {...props} first={{ url: props.place.inboxUrl, body: data.body }} />;
}
