import type { Remember } from "@/lib/execution/execute-run";

/** Inngest waits two hours for an answer; a call that has lasted this long ends with the step that it is at. */
const longCallMs = 60 * 60_000;

/**
 * What a run's steps are to a real Inngest: nothing, our own rows remember them. Of an answer with steps in it Inngest
 * makes further calls; so there is one event, one call and one answer. A long call gives its last step back as one of
 * Inngest's, by which the call ends and the next goes on.
 */
export function rememberRarely(remember: Remember, now = () => performance.now()): Remember {
  const begin = now();
  return (name, work) => (now() - begin < longCallMs ? work() : remember(name, work));
}
