import type { Reached } from "@/lib/runner/contract";

/** First line of a life's journal. */
export type Heading = {
  life: string;
  /** Names the start of the machine: what was written without fsync survives the process, not the machine. */
  boot: string;
  /** Steps up to this id (UUIDv7) may have been dropped from it. "" when none were. */
  floor: string;
};

/** What an attempt of a step has sent to whom. */
export type Trace = { stepId: string; attempt: number; hosts: Reached[] };

export const keyOf = ({ stepId, attempt }: { stepId: string; attempt: number }): string =>
  `${attempt} ${stepId}`;

/** A line of what is known of a step: of one host, or that there is none yet. */
export const lineOf = ({ stepId, attempt }: Omit<Trace, "hosts">, reached?: Reached): string =>
  `${JSON.stringify([stepId, attempt, ...(reached ? [reached.host, reached.port, reached.bytesSent] : [])])}\n`;

export const headingLine = (heading: Heading): string => `${JSON.stringify(heading)}\n`;

const isText = (value: unknown): value is string => typeof value === "string";
const isCount = (value: unknown): value is number => typeof value === "number" && value >= 0;

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function headingOf(line: string): Heading | null {
  const { life, boot, floor } = (parsed(line) ?? {}) as Partial<Record<keyof Heading, unknown>>;
  return isText(life) && isText(boot) && isText(floor) ? { life, boot, floor } : null;
}

/**
 * Reads a journal. A last line that is cut was being written when the process ended, so what it tells of had not been
 * sent yet. Null for a file without a heading, or with a line that is cut elsewhere: it says nothing for sure.
 */
export function readJournal(text: string): { heading: Heading; traces: Map<string, Trace> } | null {
  const [first = "", ...lines] = text.split("\n");
  const heading = headingOf(first);
  if (!heading) return null;
  const traces = new Map<string, Trace>();
  const cut = lines.pop();
  if (cut === undefined) return null;
  for (const line of lines) {
    const fields = parsed(line);
    if (!Array.isArray(fields)) return null;
    note(traces, fields);
  }
  return { heading, traces };
}

function note(traces: Map<string, Trace>, [stepId, attempt, host, port, bytesSent]: unknown[]): void {
  if (!isText(stepId) || !isCount(attempt)) return;
  const key = keyOf({ stepId, attempt });
  const trace = traces.get(key) ?? { stepId, attempt, hosts: [] };
  traces.set(key, trace);
  if (!isText(host) || !isCount(port) || !isCount(bytesSent)) return;
  const known = trace.hosts.find((one) => one.host === host && one.port === port);
  if (known) known.bytesSent = Math.max(known.bytesSent, bytesSent);
  else trace.hosts.push({ host, port, bytesSent });
}
