import { http } from "@/lib/net/builtins";
import type { Problem } from "./readiness";

const patienceMs = 1_500;
const maxBytes = 4_096;

/** What another process of this machine says at a probe's path of the unix socket that it listens on. Never throws. */
export function askProbe(socketPath: string, path: "/livez" | "/readyz"): Promise<Problem> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(patienceMs);
    const request = http.get({ socketPath, path, agent: false, signal }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > maxBytes) request.destroy();
      });
      response.once("end", () => resolve(response.statusCode === 200 ? null : reasonIn(text)));
      response.once("error", () => resolve("ended before it answered"));
    });
    request.once("error", () =>
      resolve(signal.aborted ? `no answer within ${patienceMs / 1000} s` : "does not run"),
    );
  });
}

function reasonIn(text: string): string {
  try {
    const { reason } = JSON.parse(text) as { reason?: unknown };
    return typeof reason === "string" ? reason : "is not ready";
  } catch {
    return "is not ready";
  }
}
