"use client";
import { ApiError, api, apiPath } from "@/components/api";
import { connection } from "@/components/connection/connection";
import { type LiveTopic, liveTopics } from "@/lib/words";

export type Hint = { topic: LiveTopic; ids: string[] };
export type LiveState = "connecting" | "live" | "polling" | "offline" | "ended";

type Watcher = {
  onHint: (hint: Hint | null) => void;
  onState: (state: LiveState) => void;
  /** The reader lost access, or the project is being deleted: why, in a sentence. */
  onEnd?: (why: string) => void;
};

const reopenMs = 10_000;

const pollIntervalMs = 3_000;
/** Hints may be lost on their way (they are sent after the commit): also a live page asks now and then. */
const checkIntervalMs = 30_000;
/** How long a lost stream may stay lost before we ask by ourselves. */
const patienceMs = 4_000;

/**
 * One event stream a project, shared by everything on the page. Watchers are called with null, "anything may have
 * changed", when the stream begins, because what they show was read before, and every few seconds while it is down.
 */
class LiveSource {
  readonly #projectId: string;
  readonly #watchers = new Set<Watcher>();
  #stream: EventSource | undefined;
  #poll: ReturnType<typeof setInterval> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #reopen: ReturnType<typeof setTimeout> | undefined;
  #isResting = false;
  #unsubscribe: (() => void) | undefined;
  #wasLost = false;
  state: LiveState = "connecting";

  constructor(projectId: string) {
    this.#projectId = projectId;
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    watcher.onState(this.state);
    // What a watcher shows was read before it watched.
    if (this.state === "live") watcher.onHint(null);
    if (!this.#stream && this.state !== "ended") this.#open();
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#close();
    };
  }

  /** Asks for nothing until what it returns is called: whoever shows the page knows that nothing will change. */
  rest(): () => void {
    this.#isResting = true;
    this.#close();
    this.#setState(this.state);
    return () => {
      this.#isResting = false;
      this.#setState("connecting");
      if (this.#watchers.size > 0) this.#open();
    };
  }

  /** A stream from before the connection was lost may never say anything again: a new one does, and asks for all. */
  #follow(): void {
    if (connection.state !== "ok") {
      this.#wasLost = true;
      return;
    }
    if (!this.#wasLost || this.state === "ended") return;
    this.#wasLost = false;
    this.#restart();
  }

  #open(): void {
    this.#unsubscribe ??= connection.subscribe(() => this.#follow());
    this.#stream?.close();
    const stream = new EventSource(apiPath("/api/projects/[project]/events", { project: this.#projectId }));
    this.#stream = stream;
    stream.onopen = () => {
      connection.heard();
      this.#opened();
    };
    stream.addEventListener("beat", () => connection.heard());
    stream.onmessage = (event) => {
      connection.heard();
      this.#deliver(parseHint(event.data));
    };
    stream.onerror = () => {
      void connection.suspect();
      this.#patience ??= setTimeout(() => this.#startPolling(), patienceMs);
      // The server has answered, and no: it may be that there is nothing to watch any more.
      if (stream.readyState === EventSource.CLOSED) void this.#askWhy();
    };
  }

  async #askWhy(): Promise<void> {
    const why = await whyEnded(this.#projectId);
    if (why === null) this.#reopen ??= setTimeout(() => this.#restart(), reopenMs);
    else this.#finish(why);
  }

  /** Nothing more will come: the page says why, and asks no more. */
  #finish(why: string): void {
    const watchers = [...this.#watchers];
    this.#close();
    this.#setState("ended");
    for (const watcher of watchers) watcher.onEnd?.(why);
  }

  #restart(): void {
    clearTimeout(this.#reopen);
    this.#reopen = undefined;
    if (this.#watchers.size > 0) this.#open();
  }

  #opened(): void {
    clearTimeout(this.#patience);
    clearInterval(this.#poll);
    this.#patience = undefined;
    this.#poll = setInterval(() => this.#tell(null), checkIntervalMs);
    this.#setState("live");
    this.#tell(null);
  }

  #startPolling(): void {
    clearInterval(this.#poll);
    this.#setState("polling");
    this.#poll = setInterval(() => this.#tell(null), pollIntervalMs);
  }

  #deliver(hint: Hint | undefined): void {
    if (hint) this.#tell(hint);
  }

  #tell(hint: Hint | null): void {
    for (const watcher of this.#watchers) watcher.onHint(hint);
  }

  #setState(state: LiveState): void {
    this.state = state;
    for (const watcher of this.#watchers) watcher.onState(state);
  }

  #close(): void {
    this.#stream?.close();
    this.#stream = undefined;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#wasLost = false;
    for (const timer of [this.#patience, this.#reopen]) clearTimeout(timer);
    clearInterval(this.#poll);
    this.#patience = this.#reopen = this.#poll = undefined;
    this.state = this.#isResting ? "ended" : "connecting";
  }
}

const sources = new Map<string, LiveSource>();

export function liveSource(projectId: string): Pick<LiveSource, "watch" | "rest"> {
  const source = sources.get(projectId) ?? new LiveSource(projectId);
  sources.set(projectId, source);
  return source;
}

function parseHint(data: unknown): Hint | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const { topic, ids }: { topic?: unknown; ids?: unknown } = JSON.parse(data);
    const known = liveTopics.find((one) => one === topic);
    if (!known || !Array.isArray(ids)) return undefined;
    return { topic: known, ids: ids.filter((id): id is string => typeof id === "string") };
  } catch {
    return undefined;
  }
}

/** Said to who was signed out and did not want to sign in again: the page stays, with all that is typed in it. */
export const signedOut = "You were signed out. Reload the page to sign in again.";

/** Why the server refuses the stream for good; null when it may yet give one. */
async function whyEnded(projectId: string): Promise<string | null> {
  try {
    const { deletesAt } = await api("GET /api/projects/[project]", { params: { project: projectId } });
    return deletesAt ? "This project is being deleted: nothing changes in it any more." : null;
  } catch (error) {
    if (!(error instanceof ApiError)) return null;
    if (error.status === 401) return signedOut;
    return error.status === 404
      ? "You are no longer a collaborator of this project, or it was deleted."
      : null;
  }
}
