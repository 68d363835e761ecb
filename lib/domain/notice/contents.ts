import type { Db } from "@/db/client";
import type { NoticeKind, StopKind } from "@/lib/words";

/** A notice that is about to be sent. */
export type DueNotice = {
  id: string;
  projectId: string | null;
  kind: NoticeKind;
  key: string;
  userId: string | null;
  channelId: string | null;
  data: Record<string, unknown>;
  notBefore: Date;
  createdAt: Date;
};

/**
 * What a notice says: plain text, made into a mail, a webhook's JSON and a Slack message by one renderer. Nobody escapes
 * anything here. Each text of somebody else's (a quote, a name) is masked already.
 */
export type Content = {
  /** One line. */
  subject: string;
  /** What happened, in a sentence or two. */
  lead: string;
  facts: { label: string; value: string }[];
  /** An error's first line, as the strictest role may see it. */
  quote?: string;
  /** What to do about it. */
  todo?: string;
  /** Absolute addresses (`publicUrl`); the first one is the main one. */
  actions: { label: string; url: string }[];
  /** What its link stops for its reader in its project; null for what cannot be stopped, and for channels. */
  stop: StopKind | null;
};

export type ContentMaker = {
  /** What the notice says now; null when there is nothing to say any more (gone, resolved), and it is dropped. */
  contentOf(db: Db, notice: DueNotice): Promise<Content | null>;
  /**
   * Several of one project to one person that waited for the same moment (quiet hours), as one mail. Without it, each is sent
   * by itself.
   */
  togetherOf?(db: Db, notices: DueNotice[]): Promise<Content | null>;
};
