import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test, vi } from "vitest";
import { NotReachableError, NotStartedError, type RunnerHealth, type StepFate } from "@/lib/runner/contract";
import { result, ScriptedRunner } from "@/lib/testing/scripted-runner";
import type { KnownLife, ListedLife, RunnerBook } from "./book";
import { Fleet } from "./fleet";

const step = (more = {}) => ({
  stepId: randomUUID(),
  runId: "run",
  projectId: "project",
  job: { id: "a", name: "a", source: "", adaptor: { name: "a", version: "1" } },
  input: "{}",
  configuration: null,
  credentialId: null,
  conditions: [],
  ...more,
});
const ref = { stepId: "step", epoch: 1, attempt: 0 };

/** A book in memory, whose clock is turned by hand. */
class MemoryBook implements RunnerBook {
  readonly rows = new Map<string, ListedLife>();
  isAway = false;
  /** It takes questions and never answers. */
  isFrozen = false;
  notes = 0;

  async list() {
    await this.#assertThere();
    return [...this.rows.values()];
  }
  async find(life: string) {
    await this.#assertThere();
    return this.rows.get(life) ?? null;
  }
  async note(life: KnownLife) {
    this.notes += 1;
    await this.#assertThere();
    this.rows.set(life.id, { ...this.rows.get(life.id), ...life, silentMs: 0 });
  }
  async forget() {}
  async #assertThere() {
    if (this.isFrozen) await new Promise(() => {});
    if (this.isAway) throw new Error("The database is away.");
  }
}

/** A runner that may be away, that restarts, and that knows what it is asked of other lives. */
class FakeRunner extends ScriptedRunner {
  life = randomUUID();
  running = 0;
  capacity = 8;
  isDraining = false;
  isAway = false;
  asked = 0;
  /** What this machine's journals say of steps of earlier lives. */
  fate: StepFate = { kind: "gone", hosts: null };

  constructor(readonly name: string) {
    super();
  }

  override async health(): Promise<RunnerHealth> {
    this.asked += 1;
    if (this.isAway) throw new Error(`${this.name} is away`);
    const { life, name, capacity, running, isDraining } = this;
    return { ...(await super.health()), life, name, capacity, running, isDraining };
  }

  /** The client that is bound to one life. */
  bound(life: string | null): ScriptedRunner {
    const own = Object.create(this) as FakeRunner;
    own.health = () => this.health();
    const isMine = () => life === null || life === this.life;
    own.runStep = async (request) => {
      if (this.isAway || !isMine() || this.isDraining) throw new NotStartedError("not here");
      return this.runStep(request);
    };
    own.followStep = async (of) => {
      if (this.isAway) throw new NotReachableError();
      return isMine() ? this.followStep(of) : this.fate;
    };
    own.cancelStep = async (stepId) => {
      if (isMine()) await this.cancelStep(stepId);
    };
    return own;
  }
}

const fleets: Fleet[] = [];
afterEach(() => {
  for (const fleet of fleets.splice(0)) fleet.close();
});

type Setting = { book?: MemoryBook; everyMs?: number; allowPlain?: boolean; addresses?: string[] };

function fleetOf(
  here: Record<string, FakeRunner>,
  setting: Setting = {},
): { fleet: Fleet; book: MemoryBook } {
  const {
    book = new MemoryBook(),
    addresses = Object.keys(here),
    everyMs = 10,
    allowPlain = false,
  } = setting;
  const absent = new FakeRunner("nobody");
  absent.isAway = true;
  const fleet = new Fleet({
    addresses,
    book,
    allowPlain,
    everyMs,
    patience: { heardMs: 60_000, pauseMs: 1 },
    connect: ({ address }, life) => (here[address] ?? absent).bound(life),
  });
  fleets.push(fleet);
  return { fleet, book };
}

const two = () => ({ "https://a": new FakeRunner("a"), "https://b": new FakeRunner("b") });
const never = 3_600_000;

describe("a step is given", () => {
  test("to the one runner there is, which is asked for nothing while steps are given", async () => {
    const one = new FakeRunner("one");
    const { fleet, book } = fleetOf({ "unix:/socket": one }, { everyMs: never });
    const picked = await fleet.pick("project");
    expect(picked).toMatchObject({ id: one.life, name: "one" });
    expect(book.rows.get(one.life)).toMatchObject({ name: "one", address: "unix:/socket", capacity: 8 });
    const list = vi.spyOn(book, "list");
    const find = vi.spyOn(book, "find");
    for (let n = 0; n < 20; n += 1) await (await fleet.pick("project")).runner.runStep(step(), () => {});
    expect(one.asked).toBe(1);
    expect(one.started).toHaveLength(20);
    expect(list).not.toHaveBeenCalled();
    expect(find).not.toHaveBeenCalled();
  });

  test("to the same one for a project, and to all for many", async () => {
    const { fleet } = fleetOf(two(), { everyMs: never });
    const names = new Map<string, Set<string>>();
    for (let n = 0; n < 40; n += 1)
      for (let again = 0; again < 3; again += 1) {
        const life = await fleet.pick(`project-${n}`);
        await life.runner.runStep(step(), () => {});
        names.set(`project-${n}`, (names.get(`project-${n}`) ?? new Set()).add(life.name));
      }
    expect([...names.values()].every((of) => of.size === 1)).toBe(true);
    expect(new Set([...names.values()].flatMap((of) => [...of]))).toEqual(new Set(["a", "b"]));
  });

  test("to the less loaded: what others have given it counts, and what was just given", async () => {
    const here = two();
    here["https://a"].running = 6;
    const { fleet } = fleetOf(here, { everyMs: never });
    expect((await fleet.pick("project")).name).toBe("b");
    here["https://b"].script = () => new Promise(() => {});
    const busy = fleetOf(here, { everyMs: never }).fleet;
    const given: string[] = [];
    for (let n = 0; n < 12; n += 1) {
      const life = await busy.pick("project");
      given.push(life.name);
      void life.runner.runStep(step(), () => {}).catch(() => undefined);
    }
    expect(given.slice(0, 6).every((name) => name === "b")).toBe(true);
    expect(given).toContain("a");
  });

  test("to many at once evenly, although none of them has begun", async () => {
    const { fleet } = fleetOf(two(), { everyMs: never });
    const lives = await Promise.all(Array.from({ length: 16 }, () => fleet.pick("project")));
    expect(lives.filter(({ name }) => name === "a").length).toBeGreaterThan(5);
    expect(lives.filter(({ name }) => name === "b").length).toBeGreaterThan(5);
  });

  test("to nobody who is being stopped or away", async () => {
    const here = two();
    here["https://a"].isDraining = true;
    const { fleet } = fleetOf(here);
    for (const project of ["1", "2", "3", "4", "5"]) expect((await fleet.pick(project)).name).toBe("b");
    here["https://b"].isAway = true;
    here["https://a"].isDraining = false;
    await vi.waitFor(async () => expect((await fleet.pick("project")).name).toBe("a"));
  });

  test("to nobody at all when nobody is there, with the reasons, and without waiting for ever", async () => {
    const here = two();
    here["https://a"].isAway = true;
    here["https://b"].isDraining = true;
    const { fleet } = fleetOf(here);
    const refused = await fleet.pick("project").catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(NotStartedError);
    expect(String(refused)).toMatch(/a is away.*b: it is being stopped/);
    here["https://a"].isAway = false;
    expect((await fleet.pick("project")).name).toBe("a");
  });

  test("to somebody else after one has not started it", async () => {
    const here = two();
    const { fleet } = fleetOf(here, { everyMs: never });
    const first = await fleet.pick("project");
    const there = Object.values(here).find(({ name }) => name === first.name);
    if (there) there.script = () => Promise.reject(new NotStartedError("no worker boots"));
    await expect(first.runner.runStep(step(), () => {})).rejects.toThrow(NotStartedError);
    expect((await fleet.pick("project")).name).not.toBe(first.name);
  });

  test("to a runner only once it is noted: whoever takes the step over has to find it", async () => {
    const { fleet, book } = fleetOf({ "https://a": new FakeRunner("a") });
    book.isAway = true;
    await expect(fleet.pick("project")).rejects.toThrow(NotStartedError);
    book.isAway = false;
    await vi.waitFor(async () => expect((await fleet.pick("project")).name).toBe("a"));
    expect(book.rows.size).toBe(1);
  });
});

describe("runners that registered", () => {
  const listedAs = (runner: FakeRunner, address: string): KnownLife => ({
    id: runner.life,
    name: runner.name,
    address,
    fingerprint: null,
    capacity: runner.capacity,
    isDraining: false,
  });

  test("are used without being named, and no more once they are silent", async () => {
    const here = two();
    const { fleet, book } = fleetOf(here, { addresses: [] });
    await expect(fleet.pick("project")).rejects.toThrow("none is known");
    await book.note(listedAs(here["https://b"], "https://b"));
    await vi.waitFor(async () => expect((await fleet.pick("project")).name).toBe("b"));
    here["https://b"].isAway = true;
    await vi.waitFor(() => expect(fleet.pick("project")).rejects.toThrow(NotStartedError));
  });

  test("are called only where nobody listens in, and never at another machine's socket", async () => {
    const here = { "http://10.0.0.5:1": new FakeRunner("plain"), "unix:/other": new FakeRunner("socket") };
    const book = new MemoryBook();
    for (const [address, one] of Object.entries(here)) await book.note(listedAs(one, address));
    const { fleet } = fleetOf(here, { book, addresses: [] });
    await expect(fleet.pick("project")).rejects.toThrow("none is known");
    expect(Object.values(here).map(({ asked }) => asked)).toEqual([0, 0]);
    await expect(fleet.of(here["http://10.0.0.5:1"].life).cancelStep("step")).rejects.toThrow(
      NotReachableError,
    );
    const allowed = fleetOf(here, { book, addresses: [], allowPlain: true }).fleet;
    expect((await allowed.pick("project")).name).toBe("plain");
  });

  test("are one runner when two addresses lead to it", async () => {
    const one = new FakeRunner("one");
    const here = { "https://a": one, "https://alias": one };
    const { fleet, book } = fleetOf(here, { addresses: ["https://a"] });
    await book.note(listedAs(one, "https://alias"));
    await fleet.pick("project");
    await vi.waitFor(() => expect(one.asked).toBeGreaterThan(2));
    expect(await fleet.states()).toHaveLength(1);
  });
});

describe("a step that somebody else was executing", () => {
  test("is followed and cancelled at its own runner", async () => {
    const here = two();
    const { fleet } = fleetOf(here);
    await fleet.pick("project");
    const done = { kind: "result", result: result() } as const;
    here["https://b"].known.set("step", done.result);
    expect(await fleet.of(here["https://b"].life).followStep(ref, () => {})).toEqual(done);
    await fleet.of(here["https://b"].life).cancelStep("step");
    expect(here["https://b"].cancelled).toEqual(["step"]);
    expect(here["https://a"].cancelled).toEqual([]);
  });

  test("is found by a process that has just begun", async () => {
    const here = two();
    const first = fleetOf(here);
    const { id } = await first.fleet.pick("project");
    const next = fleetOf(here, { book: first.book }).fleet;
    await next.of(id).cancelStep("step");
    expect(Object.values(here).map(({ life, cancelled }) => [life === id, cancelled.length])).toEqual(
      expect.arrayContaining([
        [true, 1],
        [false, 0],
      ]),
    );
  });

  test("is answered for by the next life at the address, at once when that one knows", async () => {
    const one = new FakeRunner("one");
    const { fleet } = fleetOf({ "https://a": one });
    const { id } = await fleet.pick("project");
    one.life = randomUUID();
    one.fate = { kind: "gone", hosts: [] };
    expect(await fleet.of(id).followStep(ref, () => {})).toEqual({ kind: "gone", hosts: [] });
  });

  test("is gone when nobody answers there and nobody hears it, or nobody remembers it", async () => {
    const one = new FakeRunner("one");
    const { fleet, book } = fleetOf({ "https://a": one });
    const { id } = await fleet.pick("project");
    one.isAway = true;
    book.rows.set(id, { ...((await book.find(id)) as ListedLife), silentMs: 60_000 });
    expect(await fleet.of(id).followStep(ref, () => {})).toEqual({ kind: "gone", hosts: null });
    expect(await fleet.of(randomUUID()).followStep(ref, () => {})).toEqual({ kind: "gone", hosts: null });
  });

  test.each(["out of reach from here", "answered for by a stranger at the same address"])(
    "is not gone while others hear it: %s",
    async (how) => {
      const one = new FakeRunner("one");
      const { fleet, book } = fleetOf({ "https://a": one });
      const { runner } = await fleet.pick("project");
      const { life } = one;
      if (how.startsWith("out")) one.isAway = true;
      else one.life = randomUUID();
      const find = vi.spyOn(book, "find");
      const fate = runner.followStep(ref, () => {});
      await vi.waitFor(() => expect(find).toHaveBeenCalled());
      one.known.set("step", result());
      one.isAway = false;
      one.life = life;
      expect(await fate).toMatchObject({ kind: "result" });
    },
  );
});

test("a step whose runner was out of reach, but not for others, has the result that it comes to", async () => {
  const one = new FakeRunner("one");
  const { fleet } = fleetOf({ "https://a": one });
  const request = step();
  one.script = () => {
    one.known.set(request.stepId, result({ output: '{"late":true}' }));
    return { reason: "lost", durationMs: null, output: null };
  };
  const { runner } = await fleet.pick("project");
  expect(await runner.runStep(request, () => {})).toMatchObject({ output: '{"late":true}' });
});

describe("what is no step of a run", () => {
  test("is asked of whoever answers", async () => {
    const here = two();
    here["https://a"].isAway = true;
    const { fleet } = fleetOf(here);
    const run = vi.spyOn(here["https://b"], "runStep");
    expect(await fleet.any().runStep(step(), () => {})).toMatchObject({ reason: "success" });
    expect(run).toHaveBeenCalledTimes(1);
    expect(await fleet.any().health()).toMatchObject({ name: "b" });
  });

  test("finds the runner that has built an adaptor", async () => {
    const here = two();
    const { fleet } = fleetOf(here);
    for (const [hash, one] of [
      ["1", here["https://a"]],
      ["2", here["https://b"]],
    ] as const)
      one.artefacts.set(hash, new Uint8Array([Number(hash)]));
    expect(await fleet.any().exportArtefact("1")).toEqual(new Uint8Array([1]));
    expect(await fleet.any().exportArtefact("2")).toEqual(new Uint8Array([2]));
  });

  test("is refused in a sentence when nobody answers", async () => {
    const { fleet } = fleetOf({});
    await expect(fleet.any().listAdaptors()).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("says of every runner how it does", () => {
  const shown = async (fleet: Fleet) =>
    (await fleet.states()).map(({ name, isSilent, health }) => [name, isSilent, health?.isDraining]).sort();

  test("of those that are silent, too, but not of earlier lives, or of who was stopped", async () => {
    const here = two();
    const { fleet, book } = fleetOf(here);
    await fleet.pick("project");
    const first = here["https://a"].life;
    here["https://b"].life = randomUUID();
    await vi.waitFor(() => expect(book.rows.size).toBe(3));
    here["https://a"].isAway = true;
    here["https://b"].isDraining = true;
    await vi.waitFor(async () =>
      expect(await shown(fleet)).toEqual([
        ["a", false, undefined],
        ["b", false, true],
      ]),
    );
    book.rows.set(first, { ...((await book.find(first)) as ListedLife), silentMs: 20_000 });
    expect(await shown(fleet)).toEqual([
      ["a", true, undefined],
      ["b", false, true],
    ]);
    book.rows.set(first, { ...((await book.find(first)) as ListedLife), isDraining: true });
    expect(await shown(fleet)).toEqual([["b", false, true]]);
  });

  test.each(["before anybody was noted", "later"])(
    "also while the database stands still, which is asked once: %s",
    async (when) => {
      const here = two();
      const { fleet, book } = fleetOf(here, { everyMs: 5 });
      if (when === "later") {
        await fleet.pick("project");
        await vi.waitFor(() => expect(book.rows.size).toBe(2));
      }
      book.isFrozen = true;
      const { notes } = book;
      const asked = here["https://a"].asked;
      await vi.waitFor(() => expect(shown(fleet)).resolves.toHaveLength(2), { timeout: 10_000 });
      await vi.waitFor(() => expect(here["https://a"].asked).toBeGreaterThan(asked + 20));
      expect(book.notes - notes).toBeLessThanOrEqual(2);
    },
  );

  test("of one that has just registered", async () => {
    const here = two();
    const { fleet, book } = fleetOf(here, { addresses: ["https://a"], everyMs: never });
    await fleet.pick("project");
    await book.note({
      ...(await here["https://b"].health()),
      id: here["https://b"].life,
      address: "https://b",
      fingerprint: null,
    });
    expect(await shown(fleet)).toEqual([
      ["a", false, false],
      ["b", false, false],
    ]);
  });
});
