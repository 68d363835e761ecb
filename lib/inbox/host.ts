import { database } from "@/db/client";
import { asWork } from "@/db/deadline";
import { nodeDecoders } from "@/lib/body/node-decoders";
import { env, publicUrl } from "@/lib/env";
import { announce } from "@/lib/live/shared";
import type { Announcement } from "@/lib/queue/announce";
import type { InboxHost } from "./accept";
import { Callers } from "./callers";
import { Company } from "./company";
import { executeTogether } from "./execute";
import { inboxKeys } from "./keys";
import { DoorMemory } from "./memory";
import { InboxTurns } from "./turns";
import { WaitingWork, workWaitsStatement } from "./waiting-work";

const within = <T>(ms: number, work: () => Promise<T>): Promise<T> =>
  asWork({ kind: "accept", endsAt: performance.now() + ms }, work);

let host: Promise<InboxHost> | undefined;

/** The inbox's surroundings on Node, one a process: its pool, and a wake-up for the engine after each commit. */
export function nodeInboxHost(): Promise<InboxHost> {
  host ??= made();
  return host;
}

async function made(): Promise<InboxHost> {
  const secret = env().SECRET_KEY;
  if (!secret) throw new Error("SECRET_KEY is not set: start Waybill with `npm start`, which makes one.");
  const { query } = database();
  const turns = new InboxTurns();
  const callers = new Callers(database());
  const company = new Company({
    turns,
    connections: env().DATABASE_POOL,
    work: new WaitingWork({
      look: async () =>
        (await query<{ waits: boolean }>(workWaitsStatement, [], "inbox-work"))[0]?.waits === true,
    }),
    execute: (sent, ms, kind) => within(ms, () => executeTogether({ query }, sent, kind)),
  });
  return {
    query,
    within,
    together: (sent, how) => company.store(sent, how),
    ended: (awaited) => callers.wait(awaited),
    replyMs: env().WEBHOOK_RESPONSE_TIMEOUT_MS,
    turn: (of, urlId, ms, work) => turns.take(of, urlId, ms, work),
    onKnown: (urlId, projectId) => turns.learn(urlId, projectId),
    ...(await inboxKeys(secret)),
    maxBodyBytes: env().MAX_BODY_BYTES,
    origin: publicUrl(env()),
    memory: new DoorMemory(),
    // The connection's process goes on by itself.
    later: () => {},
    decoders: nodeDecoders,
    onAccepted: (accepted) => announce(announcementOf(accepted)),
  };
}

/** What pages and engine are told of a message. A test is requested from the engine otherwise than a run. */
export const announcementOf = ({
  projectId,
  messageId,
  runs,
  tests = [],
}: Parameters<NonNullable<InboxHost["onAccepted"]>>[0]): Announcement => ({
  projectId,
  messages: [messageId],
  tests,
  wakesEngine: tests.length > 0 || (runs > 0 && "runs"),
});
