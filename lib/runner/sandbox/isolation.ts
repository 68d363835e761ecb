import { workerFile } from "@/lib/runner/pool/worker-file";
import { WorkerProcess } from "@/lib/runner/pool/worker-process";
import { reachableByAll } from "./reachable";
import { denoBinary, type SandboxPaths, type SandboxPlan, sandboxPlans } from "./sandbox";

const bootTimeoutMs = 20_000;
const probeHeapMb = 64;

export type Isolation = { plan: SandboxPlan; paths: SandboxPaths };

/** The strongest plan under which a worker really boots here. Throws a sentence when none does. */
export async function probeIsolation(): Promise<Isolation> {
  const paths = { deno: reachableByAll(denoBinary()), worker: reachableByAll(await workerFile()) };
  const complaints: string[] = [];
  for (const plan of sandboxPlans()) {
    const complaint = await bootComplaint(plan, paths);
    if (complaint === null) return { plan, paths };
    complaints.push(`${plan.layers.at(-1)}: ${complaint}`);
  }
  throw new Error(`No job worker starts on this machine. ${complaints.join(" | ")}`);
}

async function bootComplaint(plan: SandboxPlan, paths: SandboxPaths): Promise<string | null> {
  const worker = new WorkerProcess({ plan, paths, heapMb: probeHeapMb });
  const timer = setTimeout(
    () => worker.kill({ type: "Lost", message: "It did not boot in time" }),
    bootTimeoutMs,
  );
  try {
    await worker.booted;
    return null;
  } catch {
    const end = await worker.ended;
    return end.kind === "exited" ? end.stderr.trim().slice(0, 200) : end.kind;
  } finally {
    clearTimeout(timer);
    worker.kill({ type: "Lost", message: "The probe is over" });
    await worker.ended;
  }
}
