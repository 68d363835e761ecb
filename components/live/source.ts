"use client";
import { apiPath } from "@/components/api";

export type Topic = "messages" | "runs";
export type Hint = { topic: Topic; ids: string[] };
export type LiveState = "connecting" | "live" | "polling";

type Watcher = { onHint: (hint: Hint | null) => void; onState: (state: LiveState) => void };

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
  state: LiveState = "connecting";

  constructor(projectId: string) {
    this.#projectId = projectId;
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    watcher.onState(this.state);
    // What a watcher shows was read before it watched.
    if (this.state === "live") watcher.onHint(null);
    if (!this.#stream) this.#open();
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#close();
    };
  }

  #open(): void {
    const stream = new EventSource(apiPath("/api/projects/[project]/events", { project: this.#projectId }));
    this.#stream = stream;
    stream.onopen = () => this.#opened();
    stream.onmessage = (event) => this.#deliver(parseHint(event.data));
    stream.onerror = () => {
      this.#patience ??= setTimeout(() => this.#startPolling(), patienceMs);
      if (stream.readyState === EventSource.CLOSED)
        this.#reopen ??= setTimeout(() => this.#restart(), 10_000);
    };
  }

  #restart(): void {
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
    for (const timer of [this.#patience, this.#reopen]) clearTimeout(timer);
    clearInterval(this.#poll);
    this.#patience = this.#reopen = this.#poll = undefined;
    this.state = "connecting";
  }
}

const sources = new Map<string, LiveSource>();

export function liveSource(projectId: string): Pick<LiveSource, "watch"> {
  const source = sources.get(projectId) ?? new LiveSource(projectId);
  sources.set(projectId, source);
  return source;
}

function parseHint(data: unknown): Hint | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const { topic, ids }: { topic?: unknown; ids?: unknown } = JSON.parse(data);
    if ((topic !== "messages" && topic !== "runs") || !Array.isArray(ids)) return undefined;
    return { topic, ids: ids.filter((id): id is string => typeof id === "string") };
  } catch {
    return undefined;
  }
}
