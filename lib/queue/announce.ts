import type { Notifier } from "@/lib/live/notifier";

/** What a commit changed, for those who should look now: ids of what pages show, and whether engines have work. */
export type Announcement = {
  projectId: string;
  messages?: string[];
  runs?: string[];
  issues?: string[];
  /** Tests of drafts. */
  tests?: string[];
  /** Whose versions, switches or people with a draft changed. */
  workflows?: string[];
  /** Workflows of which one person's draft changed, which concerns nobody else. */
  drafts?: { userId: string; workflows: string[] };
  /** Runs that have ended, and that a sender may wait for. */
  ended?: string[];
  /** Rows were written to the outbox; "runs" when nothing but requests for runs. */
  wakesEngine?: boolean | "runs";
};

/** Tells pages and engines, after the commit and apart from it. Losing one costs a poll interval, nothing else. */
export type Announce = (announcement: Announcement) => void;

export const announcer =
  (notifier: Pick<Notifier, "touch" | "wakeEngine" | "tellEnded">): Announce =>
  ({
    projectId,
    messages = [],
    runs = [],
    issues = [],
    workflows = [],
    tests = [],
    drafts,
    ended = [],
    wakesEngine = false,
  }) => {
    for (const id of ended) notifier.tellEnded(id);
    if (wakesEngine) notifier.wakeEngine(wakesEngine === "runs");
    for (const id of messages) notifier.touch(projectId, "messages", id);
    for (const id of runs) notifier.touch(projectId, "runs", id);
    for (const id of issues) notifier.touch(projectId, "issues", id);
    for (const id of workflows) notifier.touch(projectId, "workflows", id);
    for (const id of tests) notifier.touch(projectId, "tests", id);
    for (const id of drafts?.workflows ?? []) notifier.touch(projectId, "workflows", id, drafts?.userId);
  };

const pending = new WeakMap<object, Announcement[]>();

/** Begins to keep what is announced in this transaction. `write` does it; `announced` reads it after the commit. */
export const beginAnnouncements = (tx: object): void => void pending.set(tx, []);

/** Whether this is a transaction whose announcements are kept. */
export const keepsAnnouncements = (tx: object): boolean => pending.has(tx);

/** Notes in its transaction what a statement will have changed. Throws outside of one that is kept: it would be lost. */
export function announceIn(tx: object, announcement: Announcement): void {
  const kept = pending.get(tx);
  if (!kept) throw new Error("Runs are queued inside write(): nobody would be told of these.");
  kept.push(announcement);
}

export const announced = (tx: object): Announcement[] => pending.get(tx) ?? [];
