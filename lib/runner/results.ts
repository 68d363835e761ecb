import type { Reached, StepRef, StepRequest, StepResult } from "./contract";

/** The reference of a request, whose absent numbers are 0. */
export const refOf = ({ stepId, epoch = 0, attempt = 0 }: StepRequest): StepRef => ({
  stepId,
  epoch,
  attempt,
});

const listed = 5;

/** `a.org:443 (1,024 bytes)`, and how many more there are. */
function sentTo(hosts: Reached[]): string {
  const named = hosts
    .slice(0, listed)
    .map(({ host, port, bytesSent }) => `${host}:${port} (${bytesSent.toLocaleString("en")} bytes)`);
  const more = hosts.length - named.length;
  return `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function sentence(hosts: Reached[] | null): string {
  if (hosts === null)
    return "Contact with the worker was lost while the job ran. It may have done part of its work: check the destination, then rerun it.";
  if (hosts.length === 0)
    return "The job runner ended while it had the job, before the job sent anything to anybody. It can be rerun.";
  return `The job runner ended while the job ran. It had sent something to ${sentTo(hosts)}, at least: check there, then rerun it.`;
}

/** The result of a step whose own is not to be had. `hosts` is what it had reached by then; null when nobody knows. */
export const lostResult = (hosts: Reached[] | null): StepResult => ({
  reason: "lost",
  output: null,
  error: { type: "Lost", message: sentence(hosts) },
  conditions: {},
  durationMs: null,
  peakMemoryMb: null,
  connections: (hosts ?? []).map((reached) => ({
    ...reached,
    address: null,
    bytesReceived: null,
    durationMs: null,
  })),
  ...(hosts?.length === 0 ? { untouched: true } : {}),
});

/** The result of a step that was cancelled before it began. */
export const cancelledResult = (): StepResult => ({
  reason: "cancel",
  output: null,
  error: { type: "CancelledError", message: "The run was cancelled" },
  conditions: {},
  durationMs: null,
  peakMemoryMb: null,
  connections: [],
});
