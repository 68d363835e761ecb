import type { LiveTopic } from "@/lib/words";

/** A hint that something of a project changed: refetch what you show of it. Never carries content. */
export type LiveHint = {
  projectId: string;
  topic: LiveTopic;
  ids: string[];
  /** Whom alone it concerns: what changed is this person's. */
  userId?: string | undefined;
};

/**
 * Postgres channels. `outbox` wakes the engine (with `onlyRuns` what executes runs is enough), `live` the pages that watch; `access` ends streams (access.ts); `ended` tells the
 * doors which runs have ended that a sender may wait for: ids, separated by commas.
 */
export const channels = { outbox: "outbox", live: "live", access: "access", ended: "ended" } as const;

/** The notice of an outbox in which nothing is new but requests for runs. */
export const onlyRuns = "runs";

/** Ids beyond this many in one hint are left out: an empty list means "anything may have changed". */
export const maxHintIds = 50;

/** Ids of ended runs in one notice: PostgreSQL takes 8,000 bytes. */
export const maxEndedIds = 200;
