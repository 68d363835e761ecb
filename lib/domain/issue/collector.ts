import type { Db } from "@/db/client";
import type { Announce } from "@/lib/queue/announce";

/** What collects failures. */
export type Collector = { db: Db; announce: Announce };
