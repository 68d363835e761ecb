import { mendJsonParse } from "@/lib/json-keys";
import { runCommandLine } from "./run";

/**
 * The command line of one bundle: called by the launcher, which knows where it is. Resolves to the exit code.
 * Ctrl-C ends what waits; a second one ends everything.
 */
export async function main(name: string, args: readonly string[], version: string): Promise<number> {
  mendJsonParse();
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort(new DOMException("Stopped.", "AbortError"));
  };
  // Whoever reads it has seen enough, as `head` does.
  process.stdout.on("error", () => process.exit(0));
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    return await runCommandLine(name, args, {
      cwd: process.cwd(),
      env: process.env,
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      signal: stop.signal,
      version,
    });
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}
