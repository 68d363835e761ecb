"use client";
import dynamic from "next/dynamic";
import { Skeleton } from "@/components/ui/skeleton";
import type { JobEditorProps } from "./job/props";

export type { JobEditorHandle } from "./job/props";

/** The editor of a job's code, loaded when it is first shown. It knows nothing of the workflow's editor. */
export const JobEditor = dynamic<JobEditorProps>(
  () => import("./job/editor").then((module) => module.LoadedJobEditor),
  { ssr: false, loading: () => <Skeleton className="m-3 h-40" /> },
);
