import type { Socket } from "node:net";
import { errorCode } from "@/lib/error-code";
import { http, https } from "./builtins";
import { EgressError, type EgressPolicy } from "./egress-policy";
import { requireNetwork } from "./offline";
import { assertAllowed, guardedAgent } from "./outbound";

export type PostRequest = {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Gives up when it is aborted; by default after ten seconds. */
  signal?: AbortSignal;
  /** Called before the first byte goes out, over a connection that stands. What it throws keeps the request here. */
  onHand?: () => Promise<void>;
};

/**
 * What came of it. `unreached`: nothing was sent, for this reason (the end of a sentence). `unanswered`: all of it may have
 * arrived.
 */
export type PostOutcome =
  | { outcome: "answered"; status: number }
  | { outcome: "unreached"; reason: string }
  | { outcome: "unanswered" };

const patienceMs = 10_000;

/**
 * Posts to an address that a user gave, under the policy that jobs are under. The answer is its status: nothing else of it is
 * read, and no redirect followed. Never throws.
 */
export async function postOutbound(policy: EgressPolicy, request: PostRequest): Promise<PostOutcome> {
  requireNetwork("A request to another server");
  const { signal = AbortSignal.timeout(patienceMs), onHand } = request;
  let isHanded = false;
  try {
    const url = await assertAllowed(policy, request.url);
    signal.throwIfAborted();
    const status = await post(policy, url, request, signal, async () => {
      await onHand?.();
      signal.throwIfAborted();
      isHanded = true;
    });
    return { outcome: "answered", status };
  } catch (error) {
    return isHanded ? { outcome: "unanswered" } : { outcome: "unreached", reason: reasonOf(error) };
  }
}

async function post(
  policy: EgressPolicy,
  url: URL,
  { headers, body }: PostRequest,
  signal: AbortSignal,
  beforeSending: () => Promise<void>,
): Promise<number> {
  const isSecure = url.protocol === "https:";
  const agent = guardedAgent(policy, isSecure);
  const length = { "content-length": String(Buffer.byteLength(body)) };
  try {
    const options = { method: "POST", headers: { ...headers, ...length }, agent, signal };
    return await new Promise<number>((resolve, reject) => {
      const outgoing = (isSecure ? https() : http).request(url, options);
      outgoing.on("error", reject);
      outgoing.once("response", (response) => {
        resolve(response.statusCode ?? 0);
        // However long the rest may be, and whenever it comes: nobody reads it.
        response.destroy();
      });
      outgoing.once("socket", (socket) =>
        connected(socket, isSecure)
          .then(beforeSending)
          .then(
            () => outgoing.end(body),
            (error) => outgoing.destroy(error),
          ),
      );
    });
  } finally {
    agent.destroy();
  }
}

/** Its failure is the request's error, which ends the waiting of everybody. */
const connected = (socket: Socket, isSecure: boolean): Promise<unknown> =>
  socket.connecting || isSecure
    ? new Promise((resolve) => socket.once(isSecure ? "secureConnect" : "connect", resolve))
    : Promise.resolve();

function reasonOf(error: unknown): string {
  if (error instanceof EgressError && error.code === "EACCES")
    return "its address may not be reached (the operator can allow it in EGRESS_ALLOW)";
  if (error instanceof EgressError && error.code === "EINVAL") return "it is no plain http or https address";
  if (error instanceof Error && /^(Abort|Timeout)Error$/.test(error.name)) return "it did not answer in time";
  const code = errorCode(error);
  return `it could not be reached${/^[A-Z][A-Z0-9_]+$/.test(code) ? ` (${code})` : ""}`;
}
