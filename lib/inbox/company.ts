import { DeadlineError } from "@/db/deadline";
import { isConflict, isOutage } from "@/db/outage";
import { Gathering } from "@/lib/gathering";
import { LruMap } from "@/lib/lru-map";
import { type Kind, kindOf, leastMs, shortAfter, type Turnless, type Verdict } from "./execute";
import { isShort } from "./short";
import type { Sent } from "./statement";
import type { InboxTurns } from "./turns";
import type { WaitingWork } from "./waiting-work";

type CompanyOptions = {
  /** Executes one statement for all of these, which are of one kind, in `ms` at most. The verdict of each. */
  execute(sent: Sent[], ms: number, kind: Kind): Promise<(Verdict | undefined)[]>;
  turns: Pick<InboxTurns, "tenantOf">;
  /** Of the pool. One is left for notices. */
  connections: number;
  /** The work of the same machine; absent where it does not matter. */
  work?: Pick<WaitingWork, "isThere" | "stored" | "spentMs">;
  /** After how many milliseconds a statement takes long: then nobody waits for it any more. */
  longMs?: number;
  /** How many milliseconds those that come often wait at most for others. */
  gatherMs?: number;
};

/** Statements under way, while others gather. One that takes long does not count, so that nobody waits for its locks. */
const width = 2;
const usualLongMs = 50;
const usualGatherMs = 2;
/** While runs wait, so long a rest follows each statement for as long as the door has worked; and the longest one. */
const restShare = 1;
const longestRestMs = 100;
/** What one statement takes at most: requests, and what they cost together (`costOf`). */
const maxRows = 32;
const maxCost = 64;
/** A statement for several may take so long: who has not waited yet has time for another one, alone. */
const togetherMs = 2_000;
/** Waiting of one project; what comes beyond is refused at once. */
const maxWaiting = 500;
/** How long a URL is remembered by whose fault a statement for several failed, perhaps. */
const mindMs = 60_000;
const maxUrls = 50_000;

/** What is remembered of a URL's last message: it saves time and decides nothing. */
type Known = {
  /** What it started, and with whom the next one may go. */
  runs: number;
  company: Verdict["company"];
  /** The short statement that may do for the next one. */
  short: Kind | undefined;
  /** Until when none is tried, because one did not do. */
  longTo: number;
};

type Waiting = {
  sent: Sent;
  url: string;
  /** The whole statement that it is for; and whether it has nothing that a short one leaves out. */
  kind: Kind;
  isShort: boolean;
  endsAt: number;
  isAlone: boolean;
  cost: number;
  /** Of two of one name one is in a statement. */
  name: string | undefined;
  settle(verdict: Verdict | undefined | Turnless): void;
  fail(error: unknown): void;
};
type Line = { waiting: Waiting[]; flights: number };
/** Those of one statement, by project. */
type Dealt = { waiting: Map<string, Waiting[]>; kind: Kind; isAlone: boolean };

/**
 * Requests to be stored, of one process. Who comes while nobody is there goes at once; who comes while statements are under way
 * goes with others in the next one, dealt in turns of their projects, and where they come often waits a moment for more. Whose URL has done with a short statement goes by that one, and
 * by the whole one when it does not do any more. What becomes of one is nothing to the others: a statement that
 * fails, because the server says so, is executed again for each alone; whoever may have to wait for a lock goes with those of
 * its own project, and whoever is counted one by one, costs much or has failed goes alone. While runs wait there is one statement at a
 * time, and a rest after it for as long as the door has worked: however much is sent, the work keeps its part of the machine.
 */
export class Company {
  readonly #options: CompanyOptions;
  readonly #total: number;
  readonly #perTenant: number;
  /** In the order of their turns. A project without work has no line. */
  readonly #lines = new Map<string, Line>();
  readonly #known = new LruMap<string, Known>(maxUrls);
  /** Until when URLs go with their own project alone, or quite alone. */
  readonly #minded = new LruMap<string, { company: "own" | "alone"; endsAt: number }>(maxUrls);
  /** Statements under way; and those of them that others gather behind. */
  #flights = 0;
  #young = 0;
  /** Requests in those; and senders who have just been answered and are not back. */
  #flying = 0;
  #away = 0;
  #answeredAt = Number.NEGATIVE_INFINITY;
  readonly #gathering = new Gathering();
  #gathersSince: number | undefined;
  #gatherTimer: NodeJS.Timeout | undefined;
  /** Those that do not take long yet, whether others gather behind them or not. */
  #fresh = 0;
  #restsTo = 0;
  #rest: NodeJS.Timeout | undefined;
  /** What the process had spent when the last statement ended; undefined where no work waited. */
  #spentMs: number | undefined;
  #patience: NodeJS.Timeout | undefined;
  #watchedTo = Number.POSITIVE_INFINITY;

  constructor(options: CompanyOptions) {
    this.#options = options;
    this.#total = Math.max(1, options.connections - 1);
    this.#perTenant = Math.max(1, Math.ceil(this.#total * 0.6));
  }

  /** Stores a request. Resolves to "full" when too many of its project wait, to "late" when its turn does not come in time. */
  store(
    sent: Sent,
    { endsAt, isAlone }: { endsAt: number; isAlone: boolean },
  ): Promise<Verdict | undefined | Turnless> {
    const line = this.#lineOf(this.#options.turns.tenantOf(sent.urlId));
    if (line.waiting.length >= maxWaiting) return Promise.resolve("full");
    const url = sent.customPath === null ? sent.urlId : `${sent.urlId}/${sent.customPath}`;
    return new Promise((settle, fail) => {
      line.waiting.push({
        ...{ sent, url, kind: kindOf(sent), isShort: isShort(sent), endsAt, isAlone, settle, fail },
        cost: costOf(sent, this.#known.get(url)?.runs ?? 0),
        name: sent.delivery ? String(sent.delivery.id) : undefined,
      });
      this.#gathering.came();
      this.#away = Math.max(0, this.#away - 1);
      this.#deal();
      if (line.waiting.length > 0) this.#watch(endsAt);
    });
  }

  #lineOf(tenant: string): Line {
    const line = this.#lines.get(tenant) ?? { waiting: [], flights: 0 };
    this.#lines.set(tenant, line);
    return line;
  }

  /** Begins statements as long as some may. */
  #deal(): void {
    while (this.#flights < this.#total && !this.#rests()) {
      const dealt = this.#gather();
      if (!dealt) return;
      void this.#fly(dealt);
    }
  }

  /** Whether it is the turn of the runs that wait. Then what is there to be stored is dealt when that is over. */
  #rests(): boolean {
    if (!this.#options.work?.isThere) return false;
    if (this.#fresh > 0) return true;
    const ms = this.#restsTo - performance.now();
    if (ms <= 0) return false;
    this.#rest ??= setTimeout(() => {
      this.#rest = undefined;
      this.#deal();
    }, ms);
    return true;
  }

  /** A statement for `requests` has ended. What it waited for locks is no work. */
  #hasWorked(requests: number, ms: number): void {
    const { work, longMs = usualLongMs } = this.#options;
    if (!work) return;
    work.stored(requests);
    const spentMs = work.isThere ? work.spentMs() : undefined;
    const ownMs = spentMs === undefined || this.#spentMs === undefined ? 0 : spentMs - this.#spentMs;
    this.#spentMs = spentMs;
    const worked = Math.min(ms, longMs) + ownMs;
    this.#restsTo = performance.now() + Math.min(longestRestMs, restShare * worked);
  }

  /**
   * Whether those who wait do so for a moment longer: fewer of them are here than are under way or on their way back. So senders
   * that send again when they are answered fill two statements in turns, however few they are.
   */
  #gathers(): boolean {
    const { gatherMs = usualGatherMs } = this.#options;
    const now = performance.now();
    if (now - this.#answeredAt >= gatherMs) this.#away = 0;
    let waiting = 0;
    for (const line of this.#lines.values()) waiting += line.waiting.length;
    const others = Math.min(this.#flying + this.#away, maxRows);
    if (waiting === 0 || !this.#gathering.isWorthIt(waiting, waiting + others)) return false;
    this.#gathersSince ??= now;
    const leftMs = this.#gathersSince + gatherMs - now;
    if (leftMs <= 0) return false;
    this.#gatherTimer ??= setTimeout(() => {
      this.#gatherTimer = undefined;
      this.#deal();
    }, leftMs);
    return true;
  }

  /** Those of the next statement; undefined when there is none to begin. */
  #gather(): Dealt | undefined {
    const isOpen = this.#young < width && !this.#gathers();
    for (const [tenant, line] of this.#lines) {
      const [first] = line.flights < this.#perTenant ? line.waiting : [];
      if (!first) continue;
      const company = this.#companyOf(first);
      if (company !== "alone" && !isOpen) continue;
      this.#take(tenant, line);
      const dealt = {
        waiting: new Map([[tenant, [first]]]),
        kind: this.#kindOf(first),
        isAlone: company === "alone",
      };
      if (company !== "alone") this.#join(dealt, first, company === "own" ? tenant : undefined);
      return dealt;
    }
    return undefined;
  }

  /** Adds to the first of a statement those who may go with it, one a project and turn. `only`: of that project. */
  #join({ waiting, kind }: Dealt, { cost, name }: Waiting, only: string | undefined): void {
    const names = new Set([name]);
    let rows = 1;
    let whole = cost;
    const fits = (next: Waiting, tenant: string): boolean => {
      const company = this.#companyOf(next);
      const isMine = only === undefined ? company === undefined : tenant === only && company !== "alone";
      const isNew = next.name === undefined || !names.has(next.name);
      // The whole statement does what a short one would.
      const isOfKind = next.kind === kind || this.#kindOf(next) === kind;
      return isMine && isNew && isOfKind && whole + next.cost <= maxCost;
    };
    for (let isOn = true; isOn; ) {
      isOn = false;
      for (const [tenant, line] of [...this.#lines]) {
        const [next] = line.flights < this.#perTenant ? line.waiting : [];
        if (rows === maxRows || !next || !fits(next, tenant)) continue;
        this.#take(tenant, line);
        waiting.set(tenant, [...(waiting.get(tenant) ?? []), next]);
        names.add(next.name);
        rows += 1;
        whole += next.cost;
        isOn = true;
      }
    }
  }

  /** Its first leaves the line, which goes behind the others. */
  #take(tenant: string, line: Line): void {
    line.waiting.shift();
    this.#lines.delete(tenant);
    this.#lines.set(tenant, line);
  }

  /** With whom it may go; undefined: everybody. */
  #companyOf({ url, isAlone, cost }: Waiting): "own" | "alone" | undefined {
    if (isAlone || cost > maxCost / 2) return "alone";
    const minded = this.#minded.get(url);
    if (minded && minded.endsAt > performance.now()) return minded.company;
    return this.#known.get(url)?.company ?? undefined;
  }

  /** The statement that is tried for it first. */
  #kindOf({ url, kind, isShort, isAlone }: Waiting): Kind {
    return (isShort && !isAlone && this.#known.get(url)?.short) || kind;
  }

  async #fly({ waiting, kind, isAlone }: Dealt): Promise<void> {
    const all = [...waiting.values()].flat();
    const lines = [...waiting.keys()].map((tenant) => this.#lineOf(tenant));
    for (const line of lines) line.flights += 1;
    this.#flights += 1;
    const beganAt = performance.now();
    this.#fresh += 1;
    const young = isAlone ? 0 : all.length;
    if (!isAlone) this.#young += 1;
    this.#flying += young;
    this.#gathersSince = undefined;
    let isFresh = true;
    const grow = () => {
      if (!isFresh) return;
      isFresh = false;
      this.#fresh -= 1;
      if (!isAlone) this.#young -= 1;
      this.#flying -= young;
    };
    const long = setTimeout(() => {
      grow();
      this.#deal();
    }, this.#options.longMs ?? usualLongMs);
    const alone = all.length === 1 ? all[0] : undefined;
    const leftOf = ({ endsAt }: Waiting) => Math.max(leastMs, endsAt - performance.now());
    const ms = alone ? leftOf(alone) : togetherMs;
    // Who has less time than the statement is told so in time, whatever becomes of it.
    const hurried = all.flatMap((one) => {
      const left = leftOf(one);
      return left < ms ? [setTimeout(() => one.fail(new DeadlineError(left)), left)] : [];
    });
    try {
      const verdicts = await this.#options.execute(
        all.map(({ sent }) => sent),
        ms,
        kind,
      );
      this.#goLong(all.filter((one, place) => !this.#isDone(one, kind, verdicts[place])));
    } catch (error) {
      if (alone) this.#failAlone(alone, error);
      else this.#failTogether(all, error);
    } finally {
      for (const timer of [long, ...hurried]) clearTimeout(timer);
      grow();
      this.#hasWorked(all.length, performance.now() - beganAt);
      this.#flights -= 1;
      this.#away += all.length;
      this.#answeredAt = performance.now();
      for (const line of lines) line.flights -= 1;
      for (const tenant of waiting.keys()) this.#forget(tenant);
      this.#deal();
    }
  }

  /** Hears what became of one. False: the short statement did not do, and has written nothing. */
  #isDone(one: Waiting, kind: Kind, verdict: Verdict | undefined): boolean {
    if (verdict === undefined && kind !== one.kind) return false;
    // What strangers are told says nothing of the URL's messages.
    if (verdict?.verdict === "accepted" || verdict?.verdict === "again") this.#learn(one.url, verdict);
    if (verdict?.verdict === "again") this.#goAlone([one]);
    else one.settle(verdict);
    return true;
  }

  /** The whole statement decides, and for a while it is the only one at their URLs. */
  #goLong(all: Waiting[]): void {
    const longTo = performance.now() + mindMs;
    for (const { url } of all)
      this.#known.set(url, { runs: 0, company: null, ...this.#known.get(url), short: undefined, longTo });
    for (const one of all.reverse()) this.#goFirst(one);
  }

  #learn(url: string, verdict: Verdict): void {
    const longTo = this.#known.get(url)?.longTo ?? 0;
    this.#known.set(url, {
      ...{ runs: verdict.work_orders.length, company: verdict.company, longTo },
      short: longTo > performance.now() ? undefined : shortAfter(verdict),
    });
  }

  #failAlone(one: Waiting, error: unknown): void {
    if (!isOutage(error) && !isConflict(error)) this.#mind(one, "alone");
    one.fail(error);
  }

  /** Nobody knows whose fault it was. */
  #failTogether(all: Waiting[], error: unknown): void {
    if (!isOutage(error)) this.#goAlone(all);
    else
      for (const one of all) {
        this.#mind(one, "own");
        one.fail(error);
      }
  }

  #mind({ url }: Waiting, company: "own" | "alone"): void {
    this.#minded.set(url, { company, endsAt: performance.now() + mindMs });
  }

  /** Nothing was written: each by itself, before those who came later. */
  #goAlone(all: Waiting[]): void {
    for (const one of [...all].reverse()) this.#goFirst({ ...one, isAlone: true });
  }

  /** Before those who came later, unless it has been told by now that it came too late. */
  #goFirst(one: Waiting): void {
    if (one.endsAt <= performance.now()) one.settle("late");
    else {
      this.#lineOf(this.#options.turns.tenantOf(one.sent.urlId)).waiting.unshift(one);
      this.#watch(one.endsAt);
    }
  }

  #forget(tenant: string): void {
    const line = this.#lines.get(tenant);
    if (line?.flights === 0 && line.waiting.length === 0) this.#lines.delete(tenant);
  }

  /** One timer for all who wait: whoever has too little time left is told so. */
  #watch(endsAt: number): void {
    if (endsAt >= this.#watchedTo) return;
    clearTimeout(this.#patience);
    this.#watchedTo = endsAt;
    const ms = Math.max(1, endsAt - leastMs - performance.now());
    this.#patience = setTimeout(() => {
      this.#watchedTo = Number.POSITIVE_INFINITY;
      this.#dropLate();
      for (const { waiting } of this.#lines.values()) for (const one of waiting) this.#watch(one.endsAt);
    }, ms);
  }

  #dropLate(): void {
    const now = performance.now();
    for (const [tenant, line] of this.#lines) {
      const late = line.waiting.filter(({ endsAt }) => endsAt - leastMs <= now);
      line.waiting = line.waiting.filter((one) => !late.includes(one));
      for (const { settle } of late) settle("late");
      this.#forget(tenant);
    }
  }
}

const bytesOfCost = 4_096;

/** What a request costs in a statement, about: one that starts nothing is 1. */
const costOf = ({ body, content, isBody }: Sent, runs: number): number =>
  1 + runs + (body.length + (isBody ? 0 : content.length)) / bytesOfCost;
