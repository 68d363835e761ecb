import { type CheckOptions, checkJob, type Remark } from "@/lib/runner/compiler/check";

export type CheckRequest = { id: number; source: string; options: CheckOptions };
export type CheckAnswer = { id: number; remarks: Remark[] };

self.addEventListener("message", ({ data }: MessageEvent<CheckRequest>) => {
  const { id, source, options } = data;
  self.postMessage({ id, remarks: checkJob(source, options) } satisfies CheckAnswer);
});
