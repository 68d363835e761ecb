import { z } from "zod";
import type { Database } from "@/db/client";
import { log } from "@/lib/log";
import { channels, type LiveHint } from "./topics";

const hintSchema = z.object({
  projectId: z.string(),
  topic: z.enum(["messages", "runs"]),
  ids: z.array(z.string()),
});

type Listener = (hint: LiveHint) => void;
type Watcher = { listener: Listener };

/** One LISTEN connection a process, fanned out to the pages that watch a project. Opened when first asked for. */
export class LiveHub {
  readonly #watchers = new Map<string, Set<Watcher>>();
  #listening: Promise<unknown> | undefined;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Resolves when the connection listens: whoever watches and reads after that misses nothing. */
  async ready(): Promise<void> {
    const onNotify = (_: string, payload: string) => this.#deliver(payload);
    this.#listening ??= this.#database.listen([channels.live], onNotify, () => this.#admitGap());
    await this.#listening;
  }

  /** Calls back for every hint of the project until the returned function is called. A callback that throws is over. */
  watch(projectId: string, listener: Listener): () => void {
    const watcher = { listener };
    const watchers = this.#watchers.get(projectId) ?? new Set();
    this.#watchers.set(projectId, watchers.add(watcher));
    return () => this.#forget(projectId, watcher);
  }

  #forget(projectId: string, watcher: Watcher): void {
    const watchers = this.#watchers.get(projectId);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#watchers.delete(projectId);
  }

  /** The connection was lost for a while, so anything may have changed. */
  #admitGap(): void {
    for (const projectId of [...this.#watchers.keys()])
      for (const topic of ["messages", "runs"] as const) this.#tell({ projectId, topic, ids: [] });
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
