"use client";
import dynamic from "next/dynamic";
import { useEffect, useState } from "react";
import { Skeleton } from "@/components/ui/skeleton";
import { GraphKeys } from "./graph-keys";
import { EditorOutline } from "./outline";

const EditorCanvas = dynamic(() => import("./canvas").then((module) => module.EditorCanvas), {
  ssr: false,
  loading: () => <Skeleton className="m-4 h-40" />,
});

/** The draft as a picture and as a list. */
export function EditorGraph() {
  const isUsable = useAfterStart();
  return (
    <div className="grid grid-cols-1 gap-4 lg:sticky lg:top-4">
      <div
        data-editor-canvas
        className="h-[min(26rem,46vh)] overflow-hidden rounded-lg border bg-card max-sm:hidden"
      >
        {isUsable ? <EditorCanvas /> : <Skeleton className="m-4 h-40" />}
      </div>
      <EditorOutline />
      <GraphKeys />
    </div>
  );
}

/** True once the page can be used: what is loaded for the picture's sake comes after that. */
function useAfterStart(): boolean {
  const [isStarted, setStarted] = useState(false);
  useEffect(() => {
    const start = () => setStarted(window.matchMedia("(min-width: 40rem)").matches);
    // Safari has no such callback.
    if (!("requestIdleCallback" in window)) {
      const timer = setTimeout(start, 300);
      return () => clearTimeout(timer);
    }
    const handle = window.requestIdleCallback(start, { timeout: 1_500 });
    return () => window.cancelIdleCallback(handle);
  }, []);
  return isStarted;
}
