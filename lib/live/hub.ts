import { z } from "zod";
import type { Database } from "@/db/client";
import { channels, type LiveHint } from "./topics";

const hintSchema = z.object({
  projectId: z.string(),
  topic: z.enum(["messages", "runs"]),
  ids: z.array(z.string()),
});

type Listener = (hint: LiveHint) => void;

/** One LISTEN connection a process, fanned out to the pages that watch a project. Opened when first asked for. */
export class LiveHub {
  private readonly watchers = new Map<string, Set<Listener>>();
  private listening: Promise<unknown> | undefined;

  constructor(private readonly database: Database) {}

  /** Resolves when the connection listens: whoever watches and reads after that misses nothing. */
  async ready(): Promise<void> {
    const onNotify = (_: string, payload: string) => this.deliver(payload);
    this.listening ??= this.database.listen([channels.live], onNotify, () => this.admitGap());
    await this.listening;
  }

  /** Calls back for every hint of the project until the returned function is called. */
  watch(projectId: string, listener: Listener): () => void {
    const listeners = this.watchers.get(projectId) ?? new Set();
    this.watchers.set(projectId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.watchers.delete(projectId);
    };
  }

  /** The connection was lost for a while, so anything may have changed. */
  private admitGap(): void {
    for (const [projectId, listeners] of this.watchers)
      for (const listener of listeners)
        for (const topic of ["messages", "runs"] as const) listener({ projectId, topic, ids: [] });
  }

  private deliver(payload: string): void {
    const hint = hintSchema.safeParse(parse(payload));
    if (!hint.success) return;
    for (const listener of this.watchers.get(hint.data.projectId) ?? []) listener(hint.data);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
