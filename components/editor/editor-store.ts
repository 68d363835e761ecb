import type { Edit } from "@/lib/editor/edits";
import { type DraftGraph, type Item, itemOf, type Source } from "@/lib/editor/graph";
import { apply, begin, type History, redo, undo } from "@/lib/editor/history";
import type { CompileProblem } from "@/lib/editor/problems";
import { type EditorProblem, type Refused, refusedOf } from "@/lib/editor/refused";
import type { ExactJson } from "@/lib/exact-json";

/** The version of the workflow that the draft was made from. */
export type Base = { version: number; graph: DraftGraph };

/** What the server had when this page heard of it last; without a revision there is no draft, and it is the saved version. */
export type OnServer = {
  graph: DraftGraph;
  baseVersion: number;
  revision: number | null;
  note: string | null;
};

/**
 * What became of the last change. `none`: there is no draft, the saved version is shown. `kept`: the server cannot be
 * reached, or the session has ended, and this browser has it. `stuck`: the server does not take it, for the reason in
 * `message`.
 */
export type Saving =
  | { state: "none" | "waiting" | "saving" | "saved"; message?: undefined }
  | { state: "kept"; why: "unreachable" | "signed_out"; message: string }
  | { state: "stuck"; message: string };

/** A field to be shown and focused; `line`: of code, 1-based. */
export type Target = { itemId: string | null; field: string; line: number | null };

/** What fills a phone's one column. */
export type Pane = "outline" | "details" | "try";

/** A way to try the draft. */
export type TryPart = "try" | "tests" | "url" | "replay";

/** What the editor's parts share. They read it with `useEditor`, and change it by edits alone. */
export type EditorState = {
  history: History;
  /** What is new in the draft, in its person's words; becomes its version's. */
  note: string | null;
  /** What the panel shows. */
  selected: Item;
  pane: Pane;
  tryPart: TryPart;
  /** A dialog about the draft that is open, or is to be opened. */
  asks: { kind: "connect"; from: Source } | { kind: "keys" } | { kind: "promote" } | null;
  /** Where the focus goes as soon as it is on the page. */
  target: Target | null;
  base: Base;
  onServer: OnServer;
  saving: Saving;
  problems: readonly EditorProblem[];
  /** By job: why its code does not compile, as far as it has been opened. */
  compile: ReadonlyMap<string, CompileProblem>;
  /** What the server refused last. */
  refused: readonly Refused[];
  /** The version that was just made of the draft here, and what should be known of it. */
  promoted: { version: number; notes: string[] } | null;
  /** The state that the draft is tried on, `{data, request}` of a message; null where none is chosen, or too large. */
  sample: ExactJson | null;
  /** The message that the sample is of; null where it is of none. */
  sampleMessageId: string | null;
};

type Start = {
  base: Base;
  graph: DraftGraph;
  revision: number | null;
  note?: string | null;
  selected?: Item;
};

export type Saver = { save(): Promise<number>; discard(): Promise<void>; again(): void };

/** The editor's model: the draft with its past, what is selected, and what the page knows of both. */
export class EditorStore {
  #state: EditorState;
  readonly #listeners = new Set<() => void>();
  readonly #typing = new Set<() => void>();
  #saver: Saver | undefined;

  constructor({ graph, base, revision, note = null, selected = { kind: "workflow" } }: Start) {
    this.#state = {
      history: begin(graph),
      note,
      selected,
      pane: selected.kind === "workflow" ? "outline" : "details",
      tryPart: "try",
      asks: null,
      target: null,
      base,
      onServer: { graph, baseVersion: base.version, revision, note },
      saving: { state: revision === null ? "none" : "saved" },
      problems: [],
      compile: new Map(),
      refused: [],
      promoted: null,
      sample: null,
      sampleMessageId: null,
    };
  }

  get state(): EditorState {
    return this.#state;
  }

  get draft(): DraftGraph {
    return this.#state.history.now;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Changes the draft. `key`: edits with the same one, one after another, are undone together. */
  edit(edit: Edit, key?: string): void {
    this.#become(apply(this.#state.history, edit, key ?? null));
  }

  undo(): void {
    this.takeIn();
    this.#step(undo(this.#state.history));
  }

  redo(): void {
    this.takeIn();
    this.#step(redo(this.#state.history));
  }

  /** Another draft altogether: merged with what others saved, or taken up from elsewhere. Can be undone. */
  replace(graph: DraftGraph): void {
    this.edit(() => graph);
  }

  /** The draft changes a later version of the workflow from now on, with which it was merged. It is saved next. */
  rebase(base: Base, graph: DraftGraph): void {
    this.set({ base });
    this.replace(graph);
  }

  /** What is here is what the server has: promoted or discarded, without a draft, or as another window saved it. */
  settle(base: Base, graph: DraftGraph, draft: { revision: number; note: string | null } | null): void {
    this.replace(graph);
    const { revision, note } = draft ?? { revision: null, note: null };
    this.set({
      base,
      note,
      onServer: { graph, baseVersion: base.version, revision, note },
      saving: { state: revision === null ? "none" : "saved" },
      refused: [],
    });
  }

  /** Whether the server lacks something of what is here. */
  get isDirty(): boolean {
    const { base, note, onServer } = this.#state;
    return this.draft !== onServer.graph || base.version !== onServer.baseVersion || note !== onServer.note;
  }

  /** Shows an item; on a phone, too. */
  select(selected: Item): void {
    this.takeIn();
    const isPhoneMoved = this.#state.pane === "outline";
    this.set({ selected, ...(isPhoneMoved ? { pane: "details" } : {}) });
  }

  /** Leads to a field: selects its item and focuses it, as soon as it is on the page. */
  goTo({
    itemId,
    field,
    line = null,
  }: {
    itemId: string | null;
    field: string;
    line?: number | null | undefined;
  }): void {
    this.takeIn();
    const selected = itemOf(this.draft, itemId);
    this.set({ selected, pane: "details", target: { itemId, field, line } });
  }

  /** Shows a way to try the draft, and leads to a field of it. */
  goToTry(tryPart: TryPart, field: string): void {
    this.takeIn();
    this.set({ pane: "try", tryPart, target: { itemId: null, field, line: null } });
  }

  /** What the compiler says of a job's code; null: it compiles. */
  setCompile(jobId: string, problem: CompileProblem | null): void {
    const before = this.#state.compile.get(jobId) ?? null;
    if (before === problem || isSameProblem(before, problem)) return;
    const compile = new Map(this.#state.compile);
    if (problem) compile.set(jobId, problem);
    else compile.delete(jobId);
    this.set({ compile });
  }

  /** Shows what the server did not take, by its answer's `details`, and leads to the first of it. False: it names no field. */
  refuse(details: Record<string, string[]> | undefined): boolean {
    const refused = refusedOf(this.draft, details ?? {});
    this.set({ refused });
    const [first] = refused;
    if (first) this.goTo(first.problem);
    return first !== undefined;
  }

  /** What completions and filters go by; whoever hands it over keeps it within `maxSampleChars` (store). */
  setSample(sample: ExactJson | null, sampleMessageId: string | null): void {
    if (sample !== this.#state.sample) this.set({ sample, sampleMessageId });
  }

  /** Calls `take` before the draft is saved, run or left: whoever holds back what is being typed hands it over then. */
  onTakeIn(take: () => void): () => void {
    this.#typing.add(take);
    return () => void this.#typing.delete(take);
  }

  /** Hands the draft everything that is typed. */
  takeIn(): void {
    for (const take of [...this.#typing]) take();
  }

  /** What keeps the server's draft as this one is, until the returned function is called. */
  setSaver(saver: Saver): () => void {
    this.#saver = saver;
    return () => {
      if (this.#saver === saver) this.#saver = undefined;
    };
  }

  /** Saves the draft now, and makes one where there is none. Returns its revision; throws ApiError when that cannot be. */
  async flush(): Promise<number> {
    this.takeIn();
    return this.#saving.save();
  }

  /** Throws the draft away: the workflow's present version is shown. Can be undone, as another draft. Throws ApiError. */
  async discard(): Promise<void> {
    this.takeIn();
    await this.#saving.discard();
  }

  /** Tries to save what could not be saved. */
  again(): void {
    this.#saver?.again();
  }

  get #saving(): Saver {
    if (!this.#saver) throw new Error("Nothing saves this draft.");
    return this.#saver;
  }

  set(change: Partial<EditorState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  #become(history: History): void {
    if (history === this.#state.history) return;
    const { selected } = this.#state;
    const isThere = selected.kind === "workflow" || itemOf(history.now, selected.id).kind !== "workflow";
    this.set({ history, ...(isThere ? {} : { selected: { kind: "workflow" } }) });
  }

  /** A step back or forth shows what it changes. */
  #step(history: History | null): void {
    if (!history) return;
    const changed = firstChange(this.draft, history.now);
    this.#become(history);
    if (changed) this.set({ selected: changed });
  }
}

const isSameProblem = (one: CompileProblem | null, other: CompileProblem | null): boolean =>
  one?.message === other?.message && one?.line === other?.line && one?.column === other?.column;

/** The first item of `after` that is not as it was. */
function firstChange(before: DraftGraph, after: DraftGraph): Item | null {
  const known = new Set<unknown>([...before.triggers, ...before.jobs, ...before.edges]);
  const item = [...after.triggers, ...after.jobs, ...after.edges].find((one) => !known.has(one));
  return item ? itemOf(after, item.id) : null;
}
