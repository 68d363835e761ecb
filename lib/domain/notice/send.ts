import { log } from "@/lib/log";
import {
  type Claimed,
  claimNext,
  claimTogether,
  dueLanes,
  forgetNotices,
  type NoticeWay,
  type Settlement,
  settle,
  sweepClaims,
} from "./claim";
import type { Content, ContentMaker } from "./contents";
import type { Attempt, NoticeHost } from "./host";
import { makers as productMakers } from "./makers";
import { isStillWanted } from "./rules/wanted";
import { mailNotices } from "./send-mail";
import { requestNotice } from "./send-request";

/** Mails go through one server; a request that stands still costs a place for ten seconds at most. */
const places: Record<NoticeWay, number> = { mail: 4, request: 16 };

/**
 * Sends what is due by mail, or by requests, for about `budgetMs`: project after project and channel after channel, one of
 * each at a time. Any number may do so at once, and end anywhere: what somebody had in hand is given back, or stays uncertain
 * when it may have arrived. Returns how many were sent.
 */
export async function sendNotices(host: NoticeHost, way: NoticeWay, budgetMs: number): Promise<number> {
  const { database } = host;
  if (way === "mail") {
    await sweepClaims(database);
    await forgetNotices(database);
  }
  const turn: Turn = {
    ...{ host, way, endsAt: performance.now() + budgetMs },
    ...{ lanes: [], sent: 0, isAway: false, failures: [] },
  };
  while (goesOn(turn)) {
    turn.lanes = await dueLanes(database, way);
    if (turn.lanes.length === 0) break;
    await Promise.all(Array.from({ length: places[way] }, () => takeLanes(turn)));
    // Its lane would be due again at once.
    if (turn.failures.length > 0) throw turn.failures[0];
  }
  return turn.sent;
}

type Turn = {
  host: NoticeHost;
  way: NoticeWay;
  endsAt: number;
  lanes: string[];
  sent: number;
  isAway: boolean;
  failures: unknown[];
};

const goesOn = ({ endsAt, isAway }: Turn): boolean => !isAway && performance.now() < endsAt;

async function takeLanes(turn: Turn): Promise<void> {
  for (let lane = turn.lanes.shift(); lane !== undefined && goesOn(turn); lane = turn.lanes.shift())
    try {
      await takeOne(turn, lane);
    } catch (error) {
      // The other lanes do not wait for it.
      turn.failures.push(error);
    }
}

async function takeOne(turn: Turn, lane: string): Promise<void> {
  const first = await claimNext(turn.host.database, lane);
  if (!first) return;
  const { end, isAway } = await attempt(turn.host, turn.way, first);
  if (end.state === "sent") turn.sent++;
  if (!isAway) turn.lanes.push(lane);
  else if (turn.way === "mail") turn.isAway = true;
}

async function attempt(host: NoticeHost, way: NoticeWay, first: Claimed): Promise<Attempt> {
  const { database, makers = productMakers } = host;
  const maker = makers[first.kind];
  const mine = maker?.togetherOf ? await claimTogether(database, first) : [first];
  const done = maker
    ? await made(host, way, maker, mine).catch((error) => broken(first, error))
    : { end: again("This release does not know what to say of it.") };
  await settle(database, mine, done.end, done.subject);
  return done;
}

/** Not the other side's doing, but ours. */
function broken({ id, kind }: Claimed, error: unknown): Attempt {
  log.error("a notice could not be sent", { notice: id, kind, error });
  return {
    end: { state: "again", error: "It could not be sent; the log of Waybill says why.", isUnknown: true },
  };
}

async function made(
  host: NoticeHost,
  way: NoticeWay,
  maker: ContentMaker,
  mine: Claimed[],
): Promise<Attempt> {
  const [first] = mine;
  const { db } = host.database;
  if (first && !(await isStillWanted(host.database, first)))
    return {
      end: { state: "stopped", error: "Whoever it was for has stopped it, or may not be told any more." },
    };
  let content: Content | null | undefined;
  try {
    content = first && (await (mine.length > 1 ? maker.togetherOf?.(db, mine) : maker.contentOf(db, first)));
  } catch (error) {
    log.error("a notice has no text", { notice: first?.id, kind: first?.kind, error });
    return { end: again("Its text could not be made; the log of Waybill says why.") };
  }
  if (!first || !content)
    return { end: { state: "stopped", error: "There is nothing to say of it any more." } };
  const subject = content.subject;
  const done = await (way === "mail"
    ? mailNotices(host, mine, content)
    : requestNotice(host, first, content));
  return { subject, ...done };
}

const again = (error: string): Settlement => ({ state: "again", error });
