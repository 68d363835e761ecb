import { database } from "@/db/client";
import { env } from "@/lib/env";
import { type Announce, announcer } from "@/lib/queue/announce";
import { Bell } from "./bell";
import { LiveHub } from "./hub";
import { Notifier } from "./notifier";

/** One each a process. On `globalThis`, because the server's bundle and Next's are two module worlds in one process. */
const shared = globalThis as { waybillNotifier?: Notifier; waybillLiveHub?: LiveHub };

const made = (): Notifier => {
  const { ENGINE_SOCKET } = env();
  return new Notifier(database(), ENGINE_SOCKET ? new Bell(ENGINE_SOCKET) : undefined);
};

export const notifier = (): Notifier => {
  shared.waybillNotifier ??= made();
  return shared.waybillNotifier;
};

/** Tells this process's neighbours what a commit changed. */
export const announce: Announce = (announcement) => announcer(notifier())(announcement);

/** Resolves when all of it is told. Before a short process closes its pool. */
export const announcementsTold = async (): Promise<void> => shared.waybillNotifier?.settle();

export const liveHub = (): LiveHub => {
  shared.waybillLiveHub ??= new LiveHub(database());
  return shared.waybillLiveHub;
};
