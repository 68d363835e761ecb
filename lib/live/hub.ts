import { z } from "zod";
import type { Database } from "@/db/client";
import { log } from "@/lib/log";
import { liveTopics } from "@/lib/words";
import { type AccessNotice, concernsHolder, type Holder, readNotice } from "./access";
import { channels, type LiveHint } from "./topics";

const hintSchema = z.object({
  projectId: z.string(),
  topic: z.enum(liveTopics),
  ids: z.array(z.string()),
  userId: z.string().optional(),
});

type Listener = (hint: LiveHint) => void;
type Watcher = { listener: Listener };
type Held = { holder: Holder; end: () => void };

/** One LISTEN connection a process, fanned out to the pages that watch a project. Opened when first asked for. */
export class LiveHub {
  readonly #watchers = new Map<string, Set<Watcher>>();
  readonly #held = new Set<Held>();
  #listening: Promise<unknown> | undefined;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Resolves when the connection listens: whoever watches and reads after that misses nothing. */
  async ready(): Promise<void> {
    const onNotify = (channel: string, payload: string) =>
      channel === channels.access ? this.#endFor(readNotice(payload)) : this.#deliver(payload);
    this.#listening ??= this.#database.listen([channels.live, channels.access], onNotify, () =>
      this.#admitGap(),
    );
    await this.#listening;
  }

  /** Calls back for every hint of the project until the returned function is called. A callback that throws is over. */
  watch(projectId: string, listener: Listener): () => void {
    const watcher = { listener };
    const watchers = this.#watchers.get(projectId) ?? new Set();
    this.#watchers.set(projectId, watchers.add(watcher));
    return () => this.#forget(projectId, watcher);
  }

  /**
   * Calls `end` once when what the stream rides on was taken away or may have been, until the returned function is called.
   * Whoever holds checks access once more afterwards: what was taken before is not told of.
   */
  hold(holder: Holder, end: () => void): () => void {
    const held = { holder, end };
    this.#held.add(held);
    return () => void this.#held.delete(held);
  }

  /** Ends every stream that is held, as this process is being stopped: who may still watch connects again, elsewhere. */
  endAll(): void {
    this.#endFor(undefined);
  }

  /** Without a notice: for everybody. Who may still watch connects again. */
  #endFor(notice: AccessNotice | undefined): void {
    for (const held of [...this.#held]) {
      if (notice && !concernsHolder(notice, held.holder)) continue;
      this.#held.delete(held);
      try {
        held.end();
      } catch (error) {
        log.debug("a stream that was to end is gone", { error });
      }
    }
  }

  #forget(projectId: string, watcher: Watcher): void {
    const watchers = this.#watchers.get(projectId);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#watchers.delete(projectId);
  }

  /** The connection was lost for a while, so anything may have changed. */
  #admitGap(): void {
    this.#endFor(undefined);
    for (const projectId of [...this.#watchers.keys()])
      for (const topic of liveTopics) this.#tell({ projectId, topic, ids: [] });
  }

  #deliver(payload: string): void {
    const hint = hintSchema.safeParse(parse(payload));
    if (hint.success) this.#tell(hint.data);
  }

  /** One page whose connection is gone must not keep it from the others, nor end the process. */
  #tell(hint: LiveHint): void {
    for (const watcher of this.#watchers.get(hint.projectId) ?? []) {
      try {
        watcher.listener(hint);
      } catch (error) {
        this.#forget(hint.projectId, watcher);
        log.debug("a page that watched is gone", { error });
      }
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
