import { z } from "zod";
import type { Database } from "@/db/client";
import { channels, type LiveHint } from "./topics";

const hintSchema = z.object({ projectId: z.string(), topic: z.enum(["messages", "runs"]), ids: z.array(z.string()) });

type Listener = (hint: LiveHint) => void;

/** One LISTEN connection a process, fanned out to the pages that watch a project. Opened by the first watcher. */
export class LiveHub {
  private readonly watchers = new Map<string, Set<Listener>>();
  private stop: Promise<() => Promise<void>> | undefined;

  constructor(private readonly database: Database) {}

  /** Calls back for every hint of the project until the returned function is called. */
  watch(projectId: string, listener: Listener): () => void {
    this.stop ??= this.database.listen([channels.live], (_, payload) => this.deliver(payload));
    const listeners = this.watchers.get(projectId) ?? new Set();
    this.watchers.set(projectId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.watchers.delete(projectId);
    };
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
