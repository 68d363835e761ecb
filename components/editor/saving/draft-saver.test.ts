import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApiError } from "@/components/api";
import { EditorStore } from "@/components/editor/editor-store";
import { setJob } from "@/lib/editor/edits";
import { type DraftGraph, toDraft } from "@/lib/editor/graph";
import { triggerEdge, workflow } from "@/lib/workflow/testing";
import { type Around, type Differing, DraftSaver, type Remote } from "./draft-saver";

const first = toDraft(workflow(["a", "b"], [triggerEdge("t", "a")]));
const named = (name: string, graph: DraftGraph = first) => setJob("a", { name })(graph);
const nameOf = ({ jobs }: DraftGraph) => jobs.map(({ name }) => name).join(" ");

/** A server that keeps one draft as ours does, and can be broken. */
class Server {
  draft: Remote["draft"] = null;
  base = { version: 1, graph: first };
  puts = 0;
  failure: ApiError | null = null;
  /** The next draft is kept, and the answer is lost. */
  isAnswerLost = false;

  put = async (sent: Parameters<Around["put"]>[0]) => {
    this.puts += 1;
    await Promise.resolve();
    if (this.failure) throw this.failure;
    if (sent.revision !== (this.draft?.revision ?? null))
      throw new ApiError(409, "conflict", "Saved elsewhere.");
    const { note } = sent;
    this.draft = { revision: (sent.revision ?? 0) + 1, graph: structuredClone(sent.graph), note };
    if (this.isAnswerLost) {
      this.isAnswerLost = false;
      throw new ApiError(0, "unanswered", "No answer came.");
    }
    return { revision: (sent.revision ?? 0) + 1 };
  };
  get = async (): Promise<Remote> => structuredClone({ draft: this.draft, base: this.base });
  promoteElsewhere(graph: DraftGraph) {
    this.draft = null;
    this.base = { version: this.base.version + 1, graph: structuredClone(graph) };
  }
  /** Another window of the same person saves. */
  saveElsewhere(graph: DraftGraph, note: string | null = null) {
    this.draft = { revision: (this.draft?.revision ?? 0) + 1, graph, note };
  }
}

function open({ takesCopies = true, revision = null as number | null } = {}) {
  const server = new Server();
  if (revision !== null) server.draft = { revision, graph: first, note: null };
  const store = new EditorStore({ base: server.base, graph: first, revision });
  const copies: (DraftGraph | null)[] = [];
  const asked: Differing[] = [];
  const saver = new DraftSaver(store, {
    put: server.put,
    get: server.get,
    remove: async () => {
      server.draft = null;
    },
    copy: {
      keep: ({ graph }) => {
        copies.push(graph);
        return takesCopies;
      },
      drop: () => copies.push(null),
    },
    // As a person would who keeps both: theirs with our name of the first job.
    join: async (differing) => {
      asked.push(differing);
      const theirs = differing.there.draft?.graph ?? differing.there.base.graph;
      return setJob("a", { name: differing.here.jobs[0]?.name ?? "" })(theirs);
    },
  });
  const stop = saver.start();
  return { server, store, saver, copies, asked, stop };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a draft", () => {
  test("is saved once, a moment after the last change, and then there is no copy in the browser", async () => {
    const { server, store, copies } = open();
    for (const name of ["R", "Re", "Reg"]) {
      store.edit(setJob("a", { name }));
      await pass(200);
    }
    expect(store.state.saving.state).toBe("waiting");
    expect(copies.at(-1)).not.toBeNull();
    await pass(1_000);
    expect([server.puts, nameOf(server.draft?.graph ?? first)]).toEqual([1, "Reg b"]);
    expect(store.state.saving.state).toBe("saved");
    expect(store.state.onServer.revision).toBe(1);
    expect(copies.at(-1)).toBeNull();
  });

  test("keeps the note that its version will have, from wherever it is written, until it is one", async () => {
    const { server, store, saver } = open();
    store.set({ note: "Clearer names" });
    await pass(1_000);
    expect([server.draft?.note, store.state.saving.state]).toEqual(["Clearer names", "saved"]);
    store.edit(setJob("a", { name: "x" }));
    await pass(1_000);
    expect(server.draft?.note).toBe("Clearer names");
    server.saveElsewhere(store.draft, "Another");
    await saver.lookElsewhere();
    expect(store.state.note).toBe("Another");
    server.saveElsewhere(store.draft, "Their last");
    store.set({ note: "Ours" });
    await pass(1_000);
    expect(server.draft?.note).toBe("Ours");
    store.settle({ version: 2, graph: store.draft }, store.draft, null);
    expect([store.state.note, store.isDirty]).toEqual([null, false]);
  });

  test("of somebody who never rests is saved every five seconds", async () => {
    const { server, store } = open();
    for (let n = 0; n < 60; n++) {
      store.edit(setJob("a", { name: `n${n}` }));
      await pass(200);
    }
    expect(server.puts).toBe(2);
  });

  test("is not made by looking at it, and is made by whoever needs its revision", async () => {
    const { server, store } = open();
    await pass(20_000);
    expect([server.puts, store.state.saving.state]).toEqual([0, "none"]);
    expect(await store.flush()).toBe(1);
    expect(await store.flush()).toBe(1);
    expect(server.puts).toBe(1);
  });

  test("is handed over whole by a flush: with what is still held back, and after a save that is under way", async () => {
    const { server, store } = open();
    store.edit(setJob("a", { name: "one" }));
    await pass(900);
    store.edit(setJob("a", { name: "two" }));
    const stop = store.onTakeIn(() => store.edit(setJob("b", { name: "typed" })));
    const revisions = await Promise.all([store.flush(), store.flush()]);
    stop();
    expect(new Set(revisions)).toEqual(new Set([server.draft?.revision]));
    expect(nameOf(server.draft?.graph ?? first)).toBe("two typed");
  });

  test("stays in the browser while the server cannot be reached, and is saved when it can", async () => {
    const { server, store, saver, copies } = open();
    server.failure = new ApiError(0, "offline", "The server cannot be reached.");
    store.edit(setJob("a", { name: "kept" }));
    await pass(1_000);
    expect(store.state.saving).toMatchObject({ state: "kept", why: "unreachable" });
    expect(copies.at(-1)).toBe(store.draft);
    expect(saver.isInDanger).toBe(false);
    await expect(store.flush()).rejects.toThrow("The server cannot be reached.");
    server.failure = null;
    await pass(11_000);
    expect(store.state.saving.state).toBe("saved");
    expect(copies.at(-1)).toBeNull();
  });

  test("is in danger where the browser keeps nothing, until the server has it", async () => {
    const { store, saver } = open({ takesCopies: false });
    expect(saver.isInDanger).toBe(false);
    store.edit(setJob("a", { name: "x" }));
    await pass(400);
    expect(saver.isInDanger).toBe(true);
    await pass(1_000);
    expect(saver.isInDanger).toBe(false);
  });

  test("of an ended session is kept, and its person is not asked again at every change", async () => {
    const { server, store, saver } = open();
    server.failure = new ApiError(401, "unauthenticated", "Sign in.");
    store.edit(setJob("a", { name: "x" }));
    await pass(1_000);
    expect(store.state.saving).toMatchObject({ state: "kept", why: "signed_out" });
    store.edit(setJob("a", { name: "y" }));
    await pass(60_000);
    expect(server.puts).toBe(1);
    server.failure = null;
    saver.again();
    await pass(0);
    expect(nameOf(server.draft?.graph ?? first)).toBe("y b");
    store.edit(setJob("a", { name: "z" }));
    await pass(1_000);
    expect(nameOf(server.draft?.graph ?? first)).toBe("z b");
  });

  test("that the server does not take says why, is kept, and is tried again when it has changed", async () => {
    const { server, store } = open();
    server.failure = new ApiError(422, "invalid", "Check the fields.", { "graph.jobs": ["Too many jobs."] });
    store.edit(setJob("a", { name: "x" }));
    await pass(60_000);
    expect(store.state.saving).toEqual({ state: "stuck", message: "Check the fields. Too many jobs." });
    expect(server.puts).toBe(1);
    server.failure = null;
    store.edit(setJob("a", { name: "y" }));
    await pass(1_000);
    expect(store.state.saving.state).toBe("saved");
  });

  test("whose answer was lost is recognized: nobody is asked about their own change", async () => {
    const { server, store, asked } = open();
    server.isAnswerLost = true;
    store.edit(setJob("a", { name: "x" }));
    await pass(1_000);
    store.edit(setJob("a", { name: "y" }));
    await pass(1_000);
    expect(asked).toEqual([]);
    expect([nameOf(server.draft?.graph ?? first), store.state.onServer.revision]).toEqual(["y b", 2]);
  });

  test("that another window saved is joined with what is here, and nothing is lost", async () => {
    const { server, store, asked } = open({ revision: 4 });
    server.saveElsewhere(setJob("b", { name: "theirs" })(first));
    store.edit(setJob("a", { name: "ours" }));
    await pass(1_000);
    expect(asked).toHaveLength(1);
    expect(nameOf(asked[0]?.common ?? first)).toBe("a b");
    expect(nameOf(store.draft)).toBe("ours theirs");
    expect(nameOf(server.draft?.graph ?? first)).toBe("ours theirs");
    expect(store.state.onServer.revision).toBe(6);
    store.undo();
    expect(nameOf(store.draft)).toBe("ours b");
  });

  test("that another window promoted goes on from the new version", async () => {
    const { server, store, asked } = open({ revision: 4 });
    server.promoteElsewhere(first);
    store.edit(setJob("a", { name: "ours" }));
    await pass(1_000);
    expect(asked).toEqual([]);
    expect(store.state.base.version).toBe(2);
    expect([nameOf(server.draft?.graph ?? first), store.state.onServer]).toMatchObject([
      "ours b",
      { baseVersion: 2, revision: 1 },
    ]);
  });

  test("is taken over from another window where nothing was changed here", async () => {
    const { server, store, saver, asked } = open({ revision: 4 });
    server.saveElsewhere(named("theirs"));
    await saver.lookElsewhere();
    await pass(20_000);
    expect(asked).toEqual([]);
    expect([nameOf(store.draft), store.state.onServer.revision, server.puts]).toEqual(["theirs b", 5, 0]);
  });

  test("that was promoted, discarded or merged is as the page says", async () => {
    const { server, store } = open({ revision: 4 });
    store.edit(setJob("a", { name: "x" }));
    await pass(1_000);
    server.promoteElsewhere(store.draft);
    store.settle({ version: 2, graph: store.draft }, store.draft, null);
    await pass(20_000);
    expect([store.state.saving.state, server.puts]).toEqual(["none", 1]);
    store.rebase({ version: 3, graph: named("z") }, store.draft);
    await pass(1_000);
    expect(store.state.onServer).toMatchObject({ baseVersion: 3, revision: 1 });
  });

  test("that is discarded shows the present version, and undoing that is another draft", async () => {
    const { server, store } = open();
    store.edit(setJob("a", { name: "x" }));
    await pass(900);
    server.base = { version: 2, graph: named("newer") };
    await store.discard();
    await pass(20_000);
    expect([nameOf(store.draft), store.state.saving.state, server.draft]).toEqual(["newer b", "none", null]);
    store.undo();
    await pass(1_000);
    expect(store.state.onServer).toMatchObject({ baseVersion: 2, revision: 1 });
    expect(nameOf((await server.get()).draft?.graph ?? first)).toBe("x b");
  });

  test("is kept and saved when the page is left", async () => {
    const { server, store, copies, stop } = open();
    store.edit(setJob("a", { name: "x" }));
    stop();
    expect(copies.at(-1)).toBe(store.draft);
    await pass(0);
    expect(nameOf(server.draft?.graph ?? first)).toBe("x b");
  });
});
