import type { Database } from "@/db/client";
import type { EgressPolicy } from "@/lib/net/egress-policy";
import type { Settlement } from "./claim";
import type { ContentMaker } from "./contents";

export type NoticeHost = {
  database: Database;
  /** Under which channels are reached. */
  policy: EgressPolicy;
  /** Who makes texts; by default those of the product. */
  makers?: Partial<Record<string, ContentMaker>>;
};

/** What came of an attempt. `isAway`: the mail server, or the channel, need not be tried again just now. */
export type Attempt = { end: Settlement; subject?: string; isAway?: boolean };
