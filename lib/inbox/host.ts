import { database } from "@/db/client";
import { asWork } from "@/db/deadline";
import { nodeDecoders } from "@/lib/body/node-decoders";
import { env, publicUrl } from "@/lib/env";
import { announce } from "@/lib/live/shared";
import type { InboxHost } from "./accept";
import { Callers } from "./callers";
import { type InboxKeys, inboxKeys } from "./keys";
import { DoorMemory } from "./memory";
import { InboxTurns } from "./turns";

let turns: InboxTurns | undefined;
let callers: Callers | undefined;
const memory = new DoorMemory();
let keys: Promise<InboxKeys> | undefined;

/** The inbox's surroundings on Node: the process's pool, and a wake-up for the engine after each commit. */
export async function nodeInboxHost(): Promise<InboxHost> {
  const secret = env().SECRET_KEY;
  if (!secret) throw new Error("SECRET_KEY is not set: start Waybill with `npm start`, which makes one.");
  keys ??= inboxKeys(secret);
  turns ??= new InboxTurns(env().DATABASE_POOL);
  callers ??= new Callers(database());
  const [shared, waiting] = [turns, callers];
  return {
    query: database().query,
    within: (ms, work) => asWork({ kind: "accept", endsAt: performance.now() + ms }, work),
    ended: (awaited) => waiting.wait(awaited),
    replyMs: env().WEBHOOK_RESPONSE_TIMEOUT_MS,
    turn: (of, urlId, ms, work) => shared.take(of, urlId, ms, work),
    onKnown: (urlId, projectId) => shared.learn(urlId, projectId),
    ...(await keys),
    maxBodyBytes: env().MAX_BODY_BYTES,
    origin: publicUrl(env()),
    memory,
    // The connection's process goes on by itself.
    later: () => {},
    decoders: nodeDecoders,
    onAccepted: ({ projectId, messageId, runs, tests = [] }) =>
      announce({ projectId, messages: [messageId], tests, wakesEngine: runs > 0 }),
  };
}
