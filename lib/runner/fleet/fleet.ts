import { inTime, LateError } from "@/lib/in-time";
import { log } from "@/lib/log";
import { LruMap } from "@/lib/lru-map";
import {
  NotReachableError,
  NotStartedError,
  type Runner,
  type RunnerHealth,
  type StepRunner,
} from "@/lib/runner/contract";
import type { Life, Runners } from "@/lib/runner/fleet";
import { isPlainBeyondLoopback } from "@/lib/settings/checks.mjs";
import { anyRunner, type Present } from "./any-runner";
import type { KnownLife, ListedLife, RunnerBook } from "./book";
import { choose } from "./choice";
import { LifeRunner, type Patience } from "./life-runner";
import { type Connect, Place, type Where } from "./place";

export type FleetOptions = {
  /** Addresses of RUNNER_URL: asked whether anybody registered there or not. */
  addresses: readonly string[];
  book: RunnerBook;
  connect: Connect;
  /** Runners that registered may be called in plain text beyond this machine. */
  allowPlain?: boolean;
  everyMs?: number;
  patience?: Patience;
};

/** What one runner is at the moment, for whoever asks how the product does. */
export type RunnerState = {
  name: string;
  /** Nobody has heard it of late, this process or another. */
  isSilent: boolean;
  /** Null when it does not answer this process. */
  health: RunnerHealth | null;
};

const everyMs = 2_000;
/** Who was heard by somebody within this time is there. */
const silentAfterMs = 10_000;
/** A life that was silent for this long is asked no more, unless RUNNER_URL names its address. */
const givenUpAfterMs = 60_000;
const missedForMs = 10 * 60_000;
const noteEveryMs = 4_000;
const forgetEveryMs = 60_000;
/** Who asks how all do waits for a book that is slow, or for one that it has just heard of, but not for long. */
const lookMs = 1_000;
const maxPlaces = 200;
const maxRemembered = 1_000;

/**
 * Knows the runners: asks those of RUNNER_URL and those that registered how they do, every two seconds and apart from
 * any step, and notes who answers for everybody. Begins with the first question and ends with `close`.
 */
export class Fleet implements Runners {
  readonly #options: FleetOptions;
  readonly #places = new Map<string, Place>();
  readonly #noted = new LruMap<string, { at: number; isDraining: boolean }>(maxRemembered);
  readonly #lives = new LruMap<string, LifeRunner>(maxRemembered);
  readonly #clients = new LruMap<string, StepRunner>(maxRemembered);
  readonly #any: Runner;
  #listed: ListedLife[] = [];
  #listing: Promise<Place[]> | null = null;
  #first: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** Whether the last attempt to note somebody went well: a book that is away is said once. */
  #canNote = true;
  #forgottenAt = performance.now();

  constructor(options: FleetOptions) {
    this.#options = options;
    for (const where of this.#own()) this.#place(where);
    this.#any = anyRunner((projectId) => this.#whoever(projectId));
  }

  async pick(projectId: string): Promise<Life> {
    await this.#begin();
    let place = this.#choose(projectId);
    if (!place) {
      await this.#round();
      place = this.#choose(projectId);
    }
    const health = place?.health;
    if (!place || !health) throw new NotStartedError(this.#whyNobody());
    place.promise();
    return { id: health.life, name: health.name, runner: this.of(health.life) };
  }

  only(): string | null {
    const [one, ...others] = this.#answering();
    if (!one || others.length > 0 || one.health.isDraining || one.place.isShunned) return null;
    return one.health.life;
  }

  of(life: string): StepRunner {
    const known = this.#lives.get(life);
    if (known) return known;
    const source = {
      runner: () => this.#client(life),
      isHeard: () => this.#isHeard(life),
      begin: () => this.#at(life)?.begin() ?? (() => undefined),
      shun: () => this.#at(life)?.shun(),
    };
    const made = new LifeRunner(source, this.#options.patience);
    this.#lives.set(life, made);
    return made;
  }

  any(): Runner {
    return this.#any;
  }

  /** Every runner that is known and not given up, those that are silent or out of reach among them. */
  async states(): Promise<RunnerState[]> {
    const looked = this.#begin()
      .then(() => this.#list())
      .then((added) => Promise.all(added.map((place) => this.#ask(place))));
    await inTime(looked, lookMs).catch(unlessLate);
    const answering = [...new Map(this.#present().map(({ health }) => [health.life, health])).values()].map(
      (health) => ({ name: health.name, isSilent: false, health }),
    );
    const names = new Set(answering.map(({ name }) => name));
    const others = this.#listed
      .filter(isMissed)
      .filter(({ name }) => !names.has(name) && names.add(name))
      .map(({ name, silentMs }) => ({ name, isSilent: silentMs >= silentAfterMs, health: null }));
    return [...answering, ...others];
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Resolves when somebody can take a step, or everybody was asked once. */
  #begin(): Promise<void> {
    if (!this.#timer) {
      this.#timer = setInterval(() => void this.#round(), this.#options.everyMs ?? everyMs);
      this.#timer.unref();
      this.#first = this.#round();
    }
    return this.#first ?? Promise.resolve();
  }

  /** Asks everybody. Resolves when somebody can take a step, or nobody has said that he can. Never throws. */
  async #round(): Promise<void> {
    const asked = [...this.#places.values()].map((place) => this.#ask(place));
    const added = this.#list().then((places) => firstTrue(places.map((place) => this.#ask(place))));
    void this.#forget();
    await firstTrue([...asked, added]);
  }

  /** Asks who is at a place and notes it. True when steps can be given to it. Never throws. */
  async #ask(place: Place): Promise<boolean> {
    await place.ask();
    const { known } = place;
    if (!known) return false;
    const noted = this.#noted.get(known.id);
    const isDue =
      !noted || noted.isDraining !== known.isDraining || performance.now() - noted.at > noteEveryMs;
    if (isDue) await this.#note(place, known);
    return this.#noted.get(known.id) !== undefined && !known.isDraining;
  }

  /** Never throws. One at a time for a place: a book that stands still is not asked again and again. */
  #note(place: Place, known: KnownLife): Promise<void> {
    place.noting ??= this.#write(known).finally(() => {
      place.noting = null;
    });
    return place.noting;
  }

  async #write(known: KnownLife): Promise<void> {
    try {
      await this.#options.book.note(known);
      this.#noted.set(known.id, { at: performance.now(), isDraining: known.isDraining });
      this.#canNote = true;
    } catch (error) {
      if (this.#canNote) log.warn("A job runner could not be noted", { runner: known.name, error });
      this.#canNote = false;
    }
  }

  /** Reads who is known to anybody. Answers the places that it had not heard of. Never throws. */
  #list(): Promise<Place[]> {
    this.#listing ??= this.#readBook().finally(() => {
      this.#listing = null;
    });
    return this.#listing;
  }

  async #readBook(): Promise<Place[]> {
    try {
      this.#listed = await this.#options.book.list();
    } catch (error) {
      log.debug("The job runners that registered cannot be listed", { error });
      return [];
    }
    const present = this.#listed.filter((life) => life.silentMs < givenUpAfterMs && this.#isCallable(life));
    const added = present
      .slice(0, maxPlaces)
      .filter((life) => !this.#places.has(keyOf(life)))
      .map(({ address, fingerprint }) => this.#place({ address, fingerprint }));
    const wanted = new Set([...present.map(keyOf), ...this.#own().map(keyOf)]);
    for (const [key, place] of this.#places)
      if (!wanted.has(key) && place.given === 0) this.#places.delete(key);
    return added;
  }

  /** What RUNNER_URL names, known by what the settings say. */
  #own(): Where[] {
    return this.#options.addresses.map((address) => ({ address, fingerprint: null }));
  }

  /** A socket is its own machine's, and plain text may be read on its way: neither is called because somebody says so. */
  #isCallable({ address }: Where): boolean {
    if (this.#options.addresses.includes(address)) return true;
    if (address.startsWith("unix:")) return false;
    return this.#options.allowPlain === true || !isPlainBeyondLoopback(address);
  }

  #place(where: Where): Place {
    const place = new Place(where, this.#options.connect);
    this.#places.set(keyOf(where), place);
    return place;
  }

  /** Places whose runner answers and is noted, one for each life. */
  #answering(): Answering[] {
    const found = new Map<string, Answering>();
    for (const place of this.#places.values()) {
      const { health } = place;
      if (health && this.#noted.get(health.life) && !found.has(health.life))
        found.set(health.life, { place, health });
    }
    return [...found.values()];
  }

  #choose(projectId: string): Place | undefined {
    const candidates = this.#answering()
      .filter(({ health }) => !health.isDraining)
      .map(({ place, health }) => ({
        place,
        address: place.where.address,
        capacity: health.capacity,
        load: place.load,
        isShunned: place.isShunned,
      }));
    return choose(candidates, projectId)?.place;
  }

  /** Whoever answers, with the one first that the project keeps to, and last who is being stopped. */
  async #whoever(projectId: string): Promise<Present[]> {
    await this.#begin();
    if (this.#present().length === 0) await this.#round();
    const first = this.#choose(projectId);
    return this.#present()
      .sort((a, b) => Number(b.place === first) - Number(a.place === first))
      .map(({ place, health }) => ({ here: place.here, life: this.of(health.life) }));
  }

  #present(): Answering[] {
    const places = [...this.#places.values()];
    return places
      .flatMap((place) => (place.health ? [{ place, health: place.health }] : []))
      .sort((a, b) => Number(a.health.isDraining) - Number(b.health.isDraining));
  }

  #whyNobody(): string {
    const reasons = [...this.#places.values()].map(({ where, health, problem }) => {
      const name = health?.name ?? where.address;
      return `${name}: ${health ? (health.isDraining ? "it is being stopped" : "it is not noted yet") : problem}`;
    });
    return reasons.length > 0 ? reasons.join("; ") : "none is known";
  }

  #at(life: string): Place | undefined {
    return [...this.#places.values()].find(({ health }) => health?.life === life);
  }

  async #client(life: string): Promise<StepRunner | null> {
    const where = this.#at(life)?.where ?? (await this.#options.book.find(life));
    if (!where) return null;
    if (!this.#isCallable(where)) throw new NotReachableError();
    return this.#clients.getOrMake(`${life} ${keyOf(where)}`, () => this.#options.connect(where, life));
  }

  async #isHeard(life: string): Promise<boolean> {
    const known = await this.#options.book.find(life);
    return known !== null && known.silentMs < silentAfterMs;
  }

  async #forget(): Promise<void> {
    if (performance.now() - this.#forgottenAt < forgetEveryMs) return;
    this.#forgottenAt = performance.now();
    await this.#options.book
      .forget()
      .catch((error: unknown) => log.debug("Silent job runners could not be forgotten", { error }));
  }
}

/** Whether one would expect it to be there: who was stopped in order has said so before it fell silent. */
const isMissed = ({ silentMs, isDraining }: ListedLife): boolean =>
  silentMs < (isDraining ? silentAfterMs : missedForMs);

function unlessLate(error: unknown): void {
  if (!(error instanceof LateError)) throw error;
}

type Answering = { place: Place; health: RunnerHealth };

const keyOf = ({ address, fingerprint }: Where): string => `${address} ${fingerprint ?? ""}`;

/** Resolves at the first that is true, or when all are settled. They do not reject. */
function firstTrue(asked: Promise<boolean>[]): Promise<boolean> {
  return new Promise((resolve) => {
    for (const one of asked) void one.then((isTrue) => isTrue && resolve(true));
    void Promise.all(asked).then(() => resolve(false));
  });
}
