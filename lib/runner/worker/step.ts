import { Buffer } from "node:buffer";
import vm from "node:vm";
import { frameType, headed } from "@/lib/runner/protocol/frames";
import type { DescribedError, DoneHeader, RunHeader } from "@/lib/runner/protocol/messages";
import type { LoadedAdaptor } from "./adaptor";
import type { Module } from "./builtin";
import { closeLog, makeConsole, openLog } from "./console";
import { describeError } from "./describe-error";
import { messageFunctions } from "./message";
import { closeAll } from "./network/connections";
import { setRecording, takeRecords } from "./network/record";
import { parserIn } from "./parse";
import { serialiseState } from "./serialise";
import { JobTimers } from "./timers";
import { send } from "./transport";

type State = Record<string, unknown>;
type Operation = (state: unknown) => unknown;
type Execute = (...operations: Operation[]) => Operation;
type Main = (
  thunks: Thunks,
  load: (name: string) => Module,
  loadLater: unknown,
  defer: unknown,
) => Promise<void>;
/** `d` is the job's own `export default`, when it has one. */
type Thunks = (() => unknown)[] & { d?: unknown };

const named = (name: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { name }, more);

/** A context and an adaptor evaluation made while the worker was idle; each serves one step. */
export type Prepared = { adaptor: Module; context: vm.Context; parse(text: string): unknown };

/** Of one step, which may hang anything on it. */
const jobBuffer = () =>
  class JobBuffer extends Buffer {
    constructor() {
      super(0);
      throw new Error("Do not call Buffer() constructor directly. Use Buffer.from() instead.");
    }
  };

export function prepare(adaptor: LoadedAdaptor | null): Prepared {
  const context = vm.createContext(
    { Buffer: jobBuffer() },
    { codeGeneration: { strings: false, wasm: false } },
  );
  const parse = parserIn(context);
  return { adaptor: adaptor?.fresh() ?? {}, context, parse };
}

/** OpenFn's initial state: always `data` and `configuration`, which is the job's credential and nothing that was sent. */
function initialState(prepared: Prepared, text: string, configuration: RunHeader["configuration"]): State {
  const given = prepared.parse(text);
  const state = (
    typeof given === "object" && given !== null && !Array.isArray(given) ? given : prepared.parse("{}")
  ) as State;
  state.configuration = prepared.parse(JSON.stringify(configuration ?? {}));
  if (!state.data) state.data = prepared.parse("{}");
  return state;
}

const reduce: Execute =
  (...operations) =>
  (state) =>
    operations.reduce((sofar, operation) => sofar.then(operation), Promise.resolve(state));

/** `.then` and `.catch` on an operation. */
function defer(
  operation: Operation,
  complete?: (result: unknown) => unknown,
  failed?: (error: unknown, state: unknown) => unknown,
): Operation {
  const onDone = complete ?? ((result: unknown) => result);
  const rescue = (error: unknown, state: unknown): unknown => {
    if (!failed) throw error;
    return failed(error, state);
  };
  return (state) => {
    try {
      return onDone(Promise.resolve(operation(state)).catch((error) => rescue(error, state)));
    } catch (error) {
      return rescue(error, state);
    }
  };
}

/** Runs one step and answers with a DONE frame. Every exception of the job ends in that answer. */
export class StepRun {
  #phase: DescribedError["phase"] = "load";
  #operation = -1;
  #isNothing = false;
  readonly #timers = new JobTimers();
  /** What `_defer` means in compiled code, for this step alone. */
  readonly #defer: typeof defer = (...given) => defer(...given);
  /** Evaluated for this step. */
  readonly #extra = new Map<string, Module>();
  readonly #startedAt = performance.now();

  constructor(
    readonly header: RunHeader,
    readonly adaptorName: string | null,
    readonly prepared: Prepared,
    readonly extras: ReadonlyMap<string, LoadedAdaptor>,
  ) {}

  /** `bytes` are the message's, as the header says. */
  async run(stateText: string, bytes: Buffer): Promise<void> {
    const { token, maxStateBytes } = this.header;
    openLog(token, this.header);
    setRecording(this.header.record);
    let input: State | null = null;
    try {
      input = initialState(this.prepared, stateText, this.header.configuration);
      const result = await this.#execute(input, bytes);
      this.#phase = "result";
      this.#finish(null, serialiseState(this.#isNothing ? {} : result, maxStateBytes));
    } catch (error) {
      const described = describeError(error, this.#phase, this.#operation);
      this.#finish(described, input ? this.#inputText(input) : "");
    }
  }

  /** A failed step hands on its input, with what the job changed in place; empty when even that is impossible. */
  #inputText(input: State): string {
    try {
      return serialiseState(input, this.header.maxStateBytes);
    } catch {
      return "";
    }
  }

  async #execute(state: State, bytes: Buffer): Promise<unknown> {
    const { context, adaptor } = this.prepared;
    Object.assign(context, {
      state,
      console: makeConsole("JOB", this.header.token),
      ...this.#timers.functions(),
      ...messageFunctions(this.header.message, bytes),
    });
    const script = new vm.Script(this.header.code, { filename: "job.js", lineOffset: -1 });
    const main = script.runInContext(context) as Main;
    const thunks: Thunks = [];
    this.#phase = "body";
    const load = (name: string) => this.#load(name);
    await main(thunks, load, async (name: unknown) => load(String(name)), this.#defer);
    const made = thunks.d ?? thunks.map((make) => make());
    const operations = checkedOperations(made, (index) => {
      this.#operation = index;
    });
    this.#operation = -1;
    this.#phase = "operations";
    const execute = (adaptor.execute as Execute | undefined) ?? reduce;
    return execute(...operations.map((operation, index) => this.#wrapped(operation, index)))(state);
  }

  #load(name: string): Module {
    if (name === this.adaptorName) return this.prepared.adaptor;
    if (name === "@openfn/runtime") return { defer: this.#defer };
    const extra = this.#extra.get(name) ?? this.extras.get(name)?.fresh();
    if (extra) {
      this.#extra.set(name, extra);
      return extra;
    }
    throw named("ImportError", `module blacklisted: ${name}`);
  }

  #wrapped(operation: Operation, index: number): Operation {
    return async (state) => {
      this.#operation = index;
      const result = await operation(this.#isNothing ? {} : state);
      this.#isNothing = !result;
      return result || {};
    };
  }

  #finish(error: DescribedError | null, text: string): void {
    this.#timers.clear();
    closeAll();
    closeLog();
    const header: DoneHeader = {
      token: this.header.token,
      ok: error === null,
      durationMs: performance.now() - this.#startedAt,
      error,
      requests: takeRecords(),
    };
    send(frameType.done, ...headed(header, Buffer.from(text)));
  }
}

function checkedOperations(list: unknown, at: (index: number) => void): Operation[] {
  if (!Array.isArray(list)) {
    throw named("ValidationError", "Invalid exports in job expression: exports must be an array", {
      fix: "Export an array of operations, or leave the export out",
    });
  }
  list.forEach((item, index) => {
    at(index);
    if (typeof item === "function") return;
    throw named("ValidationError", `Invalid operation at statement ${index}`, {
      fix: "Ensure all top-level function or method calls are wrapped in an operation, like fn()",
    });
  });
  return list as Operation[];
}
