import { currentWork, stopIfHungUp } from "@/db/deadline";
import { FairQueue } from "@/lib/net/fair-queue";
import { Refusal } from "@/lib/refusal";
import type { Context } from "./context";

/**
 * Reads that cost more than a page of a list, at once: of everybody in this process, and of one project. On `globalThis`,
 * because pages and routes are module worlds of their own.
 */
const shared = globalThis as {
  waybillHeavyReads?: FairQueue;
  waybillOwnReads?: FairQueue;
  waybillOwnSearches?: FairQueue;
};
shared.waybillHeavyReads ??= new FairQueue({ total: 4, perTenant: 2, maxWaiting: 8 });
const lines = shared.waybillHeavyReads;
/** Of one person, or token: a page asks again while somebody types, and one who asks in many tabs keeps nobody else waiting. */
shared.waybillOwnReads ??= new FairQueue({ total: 100, perTenant: 1, maxWaiting: 1 });
const ownLines = shared.waybillOwnReads;
const patienceMs = 4_000;
const retryAfterSeconds = 3;

/**
 * Does an expensive read in the project's turn, so that nobody's searches hold all connections. Throws `limit` with the
 * seconds to wait when it does not come soon, and the reason of the work's signal when its client hangs up meanwhile.
 */
export const heavyRead = <T>(projectId: string, read: () => Promise<T>): Promise<T> =>
  inTurn({ lines, whose: projectId, busy: "Two searches of a project run at a time" }, read);

/** Does a part of such a read beside the rest, in a second turn of the project's; null when none is free at once. */
export const heavyReadBeside = <T>(projectId: string, read: () => Promise<T>): Promise<T> | null =>
  lines.runNow(projectId, read);

/** As `heavyRead`, and one at a time of whoever asks. */
export const heavyReadOfOne = <T>(ctx: Context, read: () => Promise<T>): Promise<T> =>
  inTurn({ lines: ownLines, whose: whoAsks(ctx), busy: "One such preview of yours runs at a time" }, () =>
    heavyRead(ctx.project.id, read),
  );

/** Of one person, or token: searches that go on while they are read. */
shared.waybillOwnSearches ??= new FairQueue({ total: 100, perTenant: 1, maxWaiting: 1 });
const ownSearches = shared.waybillOwnSearches;

/** Waits until no other search of whoever asks runs, and answers what ends the turn. Throws as `heavyRead` does. */
export function turnOfOne(ctx: Context): Promise<() => void> {
  return new Promise((begin, refuse) => {
    const turn = () => new Promise<void>((leave) => begin(leave));
    inTurn(
      { lines: ownSearches, whose: whoAsks(ctx), busy: "One search of yours runs at a time" },
      turn,
    ).catch(refuse);
  });
}

const whoAsks = ({ actor }: Context): string =>
  "userId" in actor ? actor.userId : "tokenId" in actor ? actor.tokenId : actor.label;

type Turn = { lines: FairQueue; whose: string; busy: string };

async function inTurn<T>({ lines, whose, busy }: Turn, read: () => Promise<T>): Promise<T> {
  const result = await lines
    .runWithin(whose, patienceMs, read, currentWork()?.signal)
    .catch((error: unknown) => {
      stopIfHungUp();
      throw error;
    });
  if (result !== "full" && result !== "late") return result;
  stopIfHungUp();
  throw new Refusal(
    "limit",
    `${busy}, and others wait already. Try again in ${retryAfterSeconds} seconds.`,
    undefined,
    retryAfterSeconds,
  );
}
