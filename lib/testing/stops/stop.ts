import type { ExecutionHost } from "@/lib/execution/host";
import type { StepRunner } from "@/lib/runner/contract";

/** What becomes of the call at which the world stops, for the executor that made it. */
export const stops = [
  "never happens",
  "happens, and its answer never comes",
  "happens, and its answer comes once a successor has the run",
  "happens, and its answer comes when the successor is done",
  "happens only once a successor has the run",
  "happens only when the successor is done",
  "fails",
  "happens, and fails",
] as const;
export type Stop = (typeof stops)[number];

const gate = () => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
};

/** The world of one executor, which stops at the `place`-th call that it makes of any port. */
export class StoppingWorld {
  /** The calls so far, in order: `port.verb`. */
  readonly calls: string[] = [];
  readonly #stopped = gate();
  readonly #successor = gate();
  readonly #end = gate();
  /** What the call at which it stopped does, whoever hears of it. */
  acting: Promise<unknown> = Promise.resolve();

  constructor(
    readonly place: number,
    readonly stop: Stop,
  ) {}

  /** Resolves when the place was reached. */
  get stopped(): Promise<void> {
    return this.#stopped.opened;
  }

  /** The verb at which it stopped; undefined while it did not. */
  get stoppedAt(): string | undefined {
    return this.calls[this.place];
  }

  /** Somebody else has the run. */
  takeOver(): void {
    this.#successor.open();
  }

  /** The successor is done. */
  finish(): void {
    this.#successor.open();
    this.#end.open();
  }

  /** The same port, every call of which is counted. */
  port<T extends object>(name: string, port: T): T {
    return new Proxy(port, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== "function" || typeof key !== "string") return value;
        return (...args: unknown[]) => this.#call(`${name}.${key}`, () => Reflect.apply(value, target, args));
      },
    });
  }

  async #call(name: string, act: () => unknown): Promise<unknown> {
    const isHere = this.calls.length === this.place;
    this.calls.push(name);
    if (!isHere) return act();
    this.#stopped.open();
    const done = () => {
      const answer = Promise.resolve().then(act);
      this.acting = answer.catch(() => {});
      return answer;
    };
    switch (this.stop) {
      case "never happens":
        return forever();
      case "happens, and its answer never comes":
        await done();
        return forever();
      case "happens, and its answer comes once a successor has the run":
        return this.#after(this.#successor.opened, done());
      case "happens, and its answer comes when the successor is done":
        return this.#after(this.#end.opened, done());
      case "happens only once a successor has the run":
        await this.#successor.opened;
        return done();
      case "happens only when the successor is done":
        await this.#end.opened;
        return done();
      case "fails":
        throw new Error("The call failed.");
      case "happens, and fails":
        await done();
        throw new Error("The call failed.");
    }
  }

  async #after(opened: Promise<void>, answer: Promise<unknown>): Promise<unknown> {
    const settled = await Promise.allSettled([answer]);
    await opened;
    const [one] = settled;
    if (one?.status === "rejected") throw one.reason;
    return one?.value;
  }
}

const forever = () => new Promise<never>(() => {});

/** The host with every port of it in this world; `of` and `any` are no calls, what they return is a port. */
export function inWorld(world: StoppingWorld, host: ExecutionHost): ExecutionHost {
  const asPort = <R extends StepRunner>(runner: R): R => world.port("runner", runner);
  const picks = world.port("runners", { pick: host.runners.pick });
  return {
    ...host,
    storage: world.port("storage", host.storage),
    credentials: world.port("credentials", host.credentials),
    runners: {
      async pick(projectId) {
        const life = await picks.pick(projectId);
        return { ...life, runner: asPort(life.runner) };
      },
      of: (life) => asPort(host.runners.of(life)),
      any: () => asPort(host.runners.any()),
      only: () => host.runners.only(),
    },
  };
}
