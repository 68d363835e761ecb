import { ApiError } from "@/components/api";
import type { Base, EditorStore, Saving } from "@/components/editor/editor-store";
import type { DraftGraph } from "@/lib/editor/graph";
import { sameDraft } from "@/lib/editor/same-draft";
import type { BrowserCopy } from "./browser-copy";

/** After the last change, and after the first that is not saved. */
const restMs = 900;
const longestMs = 5_000;
/** The copy in the browser is made sooner: it costs no request. */
const copyMs = 300;
/** Between attempts while the server cannot be reached; the connection's return makes one at once. */
const againMs = 10_000;
const mostSent = 5;
/** To save over what another window saved between. */
const mostAttempts = 5;

export type Remote = {
  draft: { revision: number; graph: DraftGraph; note: string | null } | null;
  /** The version that the draft there changes; of no draft, the workflow's own. */
  base: Base;
};

export type Around = {
  /** Throws ApiError. */
  put: (draft: {
    revision: number | null;
    baseVersion: number;
    graph: DraftGraph;
    note: string | null;
  }) => Promise<{ revision: number }>;
  /** What the server has now. Throws ApiError. */
  get: () => Promise<Remote>;
  /** Discards what the server has; nothing is fine. Throws ApiError. */
  remove: () => Promise<void>;
  copy: {
    /** False: this browser takes none. */
    keep: (copy: Omit<BrowserCopy, "keptAt">) => boolean;
    drop: () => void;
  };
  /** The draft was saved, promoted or discarded elsewhere, and something was changed here: joined, or somebody chooses. */
  join: (differing: Differing) => Promise<DraftGraph>;
};

/** What the server had when this page saved last, what is here, and what is there now. */
export type Differing = { common: DraftGraph; here: DraftGraph; there: Remote };

/** Keeps the server's draft as the page's is: soon after each change, one request at a time, and nothing is lost on the way. */
export class DraftSaver {
  readonly #store: EditorStore;
  readonly #around: Around;
  #seen: unknown[] = [];
  /** What was sent and may have arrived, since no answer came. */
  #sent: DraftGraph[] = [];
  #running: Promise<number | null> | null = null;
  #firstChangeAt: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #copyTimer: ReturnType<typeof setTimeout> | undefined;
  #takesCopies = true;
  #isSignedOut = false;

  constructor(store: EditorStore, around: Around) {
    this.#store = store;
    this.#around = around;
  }

  /** Begins to save; returns what ends it, which saves what is left. */
  start(): () => void {
    const ends = [this.#store.subscribe(() => this.#look()), this.#store.setSaver(this)];
    this.#look();
    return () => {
      this.#store.takeIn();
      for (const end of ends) end();
      clearTimeout(this.#timer);
      this.keepCopy();
      if (this.#store.isDirty && !this.#isSignedOut) void this.save().catch(() => undefined);
    };
  }

  /** Whether what the server lacks would be lost with this page: its browser takes no copy. */
  get isInDanger(): boolean {
    return this.#store.isDirty && !this.#takesCopies;
  }

  /** Saves now, also where nothing was changed yet, and returns the draft's revision. Throws ApiError. */
  async save(): Promise<number> {
    while (this.#running) await this.#running.catch(() => undefined);
    return (await this.#begin(true)) ?? Promise.reject(unsettled());
  }

  /** Discards the server's draft: what is here is the workflow's present version then. Throws ApiError. */
  async discard(): Promise<void> {
    while (this.#running) await this.#running.catch(() => undefined);
    await this.#hold(async () => {
      clearTimeout(this.#timer);
      await this.#around.remove();
      const { base } = await this.#around.get();
      this.#store.settle(base, base.graph, null);
      return null;
    });
  }

  /** The server can be reached again, or somebody asks for another attempt. */
  again(): void {
    if (this.#store.isDirty && !this.#running) void this.#begin(false).catch(() => undefined);
  }

  /** Keeps what the server lacks in this browser, at once. */
  keepCopy(): void {
    clearTimeout(this.#copyTimer);
    this.#copyTimer = undefined;
    if (!this.#store.isDirty) return;
    this.#takesCopies = this.#around.copy.keep({
      graph: this.#store.draft,
      note: this.#store.state.note,
      revision: this.#store.state.onServer.revision,
      baseVersion: this.#store.state.base.version,
    });
  }

  /** Another window may have saved, promoted or discarded the draft. What is changed here finds out when it is saved. */
  async lookElsewhere(): Promise<void> {
    if (this.#running || this.#store.isDirty) return;
    const before = this.#store.state.onServer;
    const there = await this.#around.get().catch(() => null);
    if (!there || this.#store.state.onServer !== before || this.#store.isDirty) return;
    if ((there.draft?.revision ?? null) === before.revision && there.base.version === before.baseVersion)
      return;
    const graph = there.draft?.graph ?? there.base.graph;
    this.#store.settle(there.base, sameDraft(graph, before.graph) ? before.graph : graph, there.draft);
  }

  #look(): void {
    const { history, note, base, onServer } = this.#store.state;
    const seen = [history.now, note, base.version, onServer];
    if (seen.every((one, index) => one === this.#seen[index])) return;
    this.#seen = seen;
    if (this.#store.isDirty) this.#planSave();
    else this.#becomeClean();
  }

  #planSave(): void {
    this.#copyTimer ??= setTimeout(() => this.keepCopy(), copyMs);
    if (this.#isSignedOut) return;
    const now = Date.now();
    this.#firstChangeAt ??= now;
    clearTimeout(this.#timer);
    const rest = Math.min(restMs, Math.max(0, this.#firstChangeAt + longestMs - now));
    this.#timer = setTimeout(() => this.again(), rest);
    if (this.#store.state.saving.state !== "saving") this.#say({ state: "waiting" });
  }

  /** Nothing is left to be saved, by whatever way. */
  #becomeClean(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#copyTimer);
    this.#copyTimer = undefined;
    this.#firstChangeAt = null;
    this.#around.copy.drop();
    this.#say({ state: this.#store.state.onServer.revision === null ? "none" : "saved" });
  }

  #begin(makes: boolean): Promise<number | null> {
    return this.#hold(() => this.#saveOnce(makes));
  }

  /** One at a time. */
  #hold(act: () => Promise<number | null>): Promise<number | null> {
    const run = act().finally(() => {
      this.#running = null;
    });
    this.#running = run;
    return run;
  }

  /** `makes`: there is a draft afterwards, whether something was changed or not. Null: there is none. */
  async #saveOnce(makes: boolean): Promise<number | null> {
    clearTimeout(this.#timer);
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const { base, note, onServer } = this.#store.state;
      if (!this.#store.isDirty && (onServer.revision !== null || !makes)) return onServer.revision;
      const graph = this.#store.draft;
      this.#firstChangeAt = null;
      this.#say({ state: "saving" });
      try {
        this.#sent = [...this.#sent, graph].slice(-mostSent);
        const sent = { revision: onServer.revision, baseVersion: base.version, graph, note };
        const { revision } = await this.#around.put(sent);
        this.#isSignedOut = false;
        this.#sent = [];
        this.#store.set({ onServer: { graph, baseVersion: base.version, revision, note } });
        return revision;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.code !== "conflict") throw this.#failed(error);
        await this.#reconcile();
      }
    }
    throw this.#failed(unsettled());
  }

  /** The draft was saved elsewhere: by its person, in another window, or here, and our answer was lost. */
  async #reconcile(): Promise<void> {
    const there = await this.#around.get().catch((error: unknown) => {
      throw error instanceof ApiError ? this.#failed(error) : error;
    });
    const { graph: common } = this.#store.state.onServer;
    const theirs = there.draft?.graph ?? there.base.graph;
    const known = [common, ...this.#sent].find((one) => sameDraft(theirs, one));
    const onServer = {
      graph: known ?? theirs,
      baseVersion: there.base.version,
      revision: there.draft?.revision ?? null,
      note: there.draft?.note ?? null,
    };
    if (!known) await this.#join(common, there, theirs);
    this.#store.set({ base: there.base, onServer });
  }

  async #join(common: DraftGraph, there: Remote, theirs: DraftGraph): Promise<void> {
    let here: DraftGraph;
    let joined: DraftGraph;
    do {
      here = this.#store.draft;
      joined = sameDraft(here, common) ? theirs : await this.#around.join({ common, here, there });
      // What was typed meanwhile is joined, too.
    } while (this.#store.draft !== here);
    this.#store.replace(sameDraft(joined, theirs) ? theirs : joined);
  }

  #failed(error: ApiError): ApiError {
    this.keepCopy();
    const { status, code, message, details } = error;
    this.#isSignedOut = status === 401;
    const isPassing = status === 0 || status === 429 || status >= 500;
    if (isPassing) this.#timer = setTimeout(() => this.again(), againMs);
    if (this.#isSignedOut) this.#say({ state: "kept", why: "signed_out", message });
    else if (isPassing) this.#say({ state: "kept", why: "unreachable", message });
    else
      this.#say({ state: "stuck", message: sentenceOf(message, code === "invalid" ? details : undefined) });
    return error;
  }

  #say(saving: Saving): void {
    const before = this.#store.state.saving;
    if (before.state === saving.state && before.message === saving.message) return;
    this.#store.set({ saving });
  }
}

const unsettled = () =>
  new ApiError(409, "conflict", "Another window saves this draft all the time. Close it, then try again.");

const sentenceOf = (message: string, details: Record<string, string[]> | undefined): string => {
  const first = Object.values(details ?? {}).flat()[0];
  return first && !message.includes(first) ? `${message} ${first}` : message;
};
