import { limits } from "@/lib/limits";
import type { StepLimits } from "./contract";

const mb = 1024 * 1024;

/** What a step may use unless the request says otherwise. */
export const defaultStepLimits: StepLimits = {
  timeoutMs: 300_000,
  memoryMb: 128,
  maxStateBytes: limits.stateBytes,
  maxLogLines: limits.logLines,
  maxLogBytes: limits.logBytes,
  maxConnections: limits.connections,
  maxNetworkBytes: limits.networkBytes,
};

/** The most that a request may ask for, whatever a project's settings say. */
export const maxStepLimits: StepLimits = {
  timeoutMs: 24 * 3_600_000,
  memoryMb: 2048,
  maxStateBytes: 64 * mb,
  maxLogLines: 1_000_000,
  maxLogBytes: 64 * mb,
  maxConnections: 256,
  maxNetworkBytes: 4096 * mb,
};

export function stepLimits(asked: Partial<StepLimits> | undefined, defaults: StepLimits): StepLimits {
  const limit = (key: keyof StepLimits): number => {
    const value = asked?.[key] ?? defaults[key];
    return Math.min(
      Math.max(1, Math.floor(Number.isFinite(value) ? value : defaults[key])),
      maxStepLimits[key],
    );
  };
  return {
    timeoutMs: limit("timeoutMs"),
    memoryMb: Math.max(32, limit("memoryMb")),
    maxStateBytes: limit("maxStateBytes"),
    maxLogLines: limit("maxLogLines"),
    maxLogBytes: limit("maxLogBytes"),
    maxConnections: limit("maxConnections"),
    maxNetworkBytes: limit("maxNetworkBytes"),
  };
}

/** Resident memory at which a worker is ended: its heap, and what the runtime and buffers need besides. */
export const residentLimitMb = (heapMb: number): number => heapMb + 192;
/** `ulimit -d`: Deno reserves about 590 MB at rest, so anything lower than this would stop it from starting. */
export const dataLimitMb = (heapMb: number): number => heapMb + 896;

export const workerCpuSeconds = 600;
export const workerFileDescriptors = 64;
/** Deno takes a few per core. */
export const workerThreads = 512;
export const maxStderrChars = 16 * 1024;
