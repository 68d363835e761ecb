/** A hint that something of a project changed: refetch what you show of it. Never carries content. */
export type LiveHint = { projectId: string; topic: "messages" | "runs"; ids: string[] };

/** Postgres channels. `outbox` wakes the engine, `live` the pages that watch; `access` ends streams (access.ts). */
export const channels = { outbox: "outbox", live: "live", access: "access" } as const;

/** Ids beyond this many in one hint are left out: an empty list means "anything may have changed". */
export const maxHintIds = 50;
