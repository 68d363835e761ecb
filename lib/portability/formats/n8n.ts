import type { Level } from "@/lib/portability/grammar";
import { isRecord, type MapReader } from "@/lib/portability/reader";
import { type Draft, Keys } from "./draft";
import { baseOf } from "./folder";
import { codeOf, type Written } from "./n8n-code";
import { triggerOf } from "./n8n-triggers";

const node: Level = { thing: "a node of n8n", obeyed: [], unobeyed: {}, refused: {}, meant: {} };

type Node = { reader: MapReader; name: string; type: string; key: string; isTrigger: boolean };

/** A way from one node to another: `output` counts from 0, and `kind` is `main` where data goes on. */
type Way = { source: string; target: string; output: number; kind: string };

/** Writes workflows of n8n as a project: nodes that start are triggers, the others jobs. `files` are their paths. */
export function draftN8n(files: { reader: MapReader; path: string }[], draft: Draft): void {
  const [first] = files;
  if (!first) return;
  const nameOf = ({ reader, path }: { reader: MapReader; path: string }) =>
    reader.text("name")?.trim() || baseOf(path) || "workflow";
  draft.put(["name"], nameOf(first), first.reader, "name");
  const keys = new Keys();
  for (const file of files) {
    const path = ["workflows", keys.of(nameOf(file), "workflow")];
    draft.put(path, new Map(), file.reader);
    draft.put([...path, "name"], nameOf(file), file.reader, "name");
    new Flow(file.reader, path, draft).write();
  }
}

/** One workflow. */
class Flow {
  readonly #nodes = new Map<string, Node>();

  constructor(
    readonly workflow: MapReader,
    readonly path: string[],
    readonly draft: Draft,
  ) {
    const [jobs, triggers] = [new Keys(), new Keys()];
    for (const reader of workflow.items("nodes")) {
      const name = reader.text("name") ?? reader.text("id") ?? reader.key;
      const type = reader.text("type") ?? "";
      if (type.endsWith(".stickyNote")) {
        reader.noteAll(node, "It is a note for people, and was left out.");
        continue;
      }
      const isTrigger = isStart(type);
      const key = (isTrigger ? triggers : jobs).of(name, "node");
      if (this.#nodes.has(name))
        reader.problem(`Two nodes are called "${name}". Rename one of them.`, "name");
      this.#nodes.set(name, { reader, name, type, key, isTrigger });
    }
  }

  write(): void {
    this.#triggers();
    for (const one of this.#nodes.values()) if (!one.isTrigger) this.#job(one);
    this.#edges();
    this.#settings();
  }

  /** Of several only one can be on; none is where the workflow was not active. */
  #triggers(): void {
    const isActive = this.workflow.raw("active") !== false;
    let isFirst = true;
    for (const { reader, type, key, isTrigger } of this.#nodes.values()) {
      if (!isTrigger) continue;
      const { fields, said } = triggerOf(type, reader);
      for (const sentence of said) reader.noteAll(node, sentence);
      if (fields === null) continue;
      const isOn: boolean =
        isActive && isFirst && reader.raw("disabled") !== true && fields.enabled !== false;
      if (!isActive) reader.noteAll(node, "The workflow was not active there: its trigger is switched off.");
      else if (!isFirst)
        reader.noteAll(node, "A workflow has one trigger that is on: this one is switched off.");
      isFirst &&= !isOn;
      this.draft.put(
        [...this.path, "triggers", key],
        new Map(Object.entries({ ...fields, enabled: isOn })),
        reader,
      );
    }
  }

  #job({ reader, type, key, name }: Node): void {
    const at = [...this.path, "jobs", key];
    const { adaptor, body, said }: Written =
      reader.raw("disabled") === true
        ? {
            adaptor: "common",
            body: "fn(state => state);",
            said: ["It was disabled there: its job hands on what it gets."],
          }
        : codeOf(type, name, reader);
    for (const sentence of said) reader.noteAll(node, sentence);
    this.draft.put(
      at,
      new Map(Object.entries({ name, adaptor: `@openfn/language-${adaptor}@latest`, body })),
      reader,
    );
    this.#credential(reader, at);
    for (const [field, sentence] of unobeyed)
      if (isSet(reader.raw(field))) reader.note(node, field, sentence);
  }

  /** By the name that it has there; a job has one. */
  #credential(reader: MapReader, at: string[]): void {
    const all = reader.raw("credentials");
    if (!isRecord(all)) return;
    const names = Object.values(all).flatMap((one) =>
      isRecord(one) && typeof one.name === "string" ? [one.name] : typeof one === "string" ? [one] : [],
    );
    const [name, ...others] = names;
    if (name === undefined) return;
    const said = "A job has one credential: the others were left out.";
    if (others.length > 0) reader.note(node, "credentials", said);
    const key = name.trim().replace(/\s+/g, "-");
    this.draft.put(["credentials", key], new Map(Object.entries({ name, owner: "" })), reader, "credentials");
    this.draft.put([...at, "credential"], key, reader, "credentials");
  }

  #edges(): void {
    const ways = this.#ways();
    const closing = closingWays(ways);
    for (const way of ways) {
      const [source, target] = [this.#nodes.get(way.source), this.#nodes.get(way.target)];
      if (!source || !target) {
        this.workflow.problem(
          `"${way.source}" leads to "${way.target}", and one of them is not there.`,
          "connections",
        );
        continue;
      }
      if (target.isTrigger) continue;
      if (source.isTrigger && !this.draft.has([...this.path, "triggers", source.key])) continue;
      this.#edge(way, source, target, closing.has(way));
    }
  }

  #edge(way: Way, source: Node, target: Node, closes: boolean): void {
    const at = [...this.path, "edges", `${source.key}->${target.key}`];
    const sentence = closes
      ? `The way back to "${target.name}" was left out: workflows have no circles. Go through lists within a job, with each().`
      : way.kind !== "main"
        ? `What "${source.name}" gives "${target.name}" is no data but a part (${way.kind}), and was left out.`
        : this.draft.has(at)
          ? `Several ways lead to "${target.name}": they became one.`
          : null;
    if (sentence !== null) {
      source.reader.noteAll(node, sentence);
      return;
    }
    const isError = source.reader.raw("onError") === "continueErrorOutput" && way.output === 1;
    const chooses = choosing.test(source.type);
    const usual = source.isTrigger ? "always" : isError ? "on_job_failure" : "on_job_success";
    const fields = {
      [source.isTrigger ? "source_trigger" : "source_job"]: source.key,
      target_job: target.key,
      condition_type: usual,
      ...(chooses ? { enabled: false, condition_label: `${source.name}: output ${way.output + 1}` } : {}),
    };
    if (chooses)
      source.reader.noteAll(
        node,
        "Its conditions were not translated: its edges are switched off. Write an expression on each, and switch it on.",
      );
    this.draft.put(at, new Map(Object.entries(fields)), source.reader);
  }

  /** `connections`: by the node's name and the kind of what goes there, a list of outputs, each a list of nodes. */
  #ways(): Way[] {
    const connections = this.workflow.raw("connections");
    if (!isRecord(connections)) return [];
    return Object.entries(connections).flatMap(([source, kinds]) =>
      isRecord(kinds)
        ? Object.entries(kinds).flatMap(([kind, outputs]) =>
            listOf(outputs).flatMap((targets, output) =>
              listOf(targets).flatMap((to): Way[] =>
                isRecord(to) && typeof to.node === "string"
                  ? [{ source, target: to.node, output, kind }]
                  : [],
              ),
            ),
          )
        : [],
    );
  }

  #settings(): void {
    if (isSet(this.workflow.raw("settings")))
      this.workflow.note(
        node,
        "settings",
        "The workflow's settings were not taken over: time zone, error workflow and what is kept are set here.",
      );
    if (isSet(this.workflow.raw("pinData")))
      this.workflow.note(node, "pinData", "Pinned data was left out. Save inputs for the jobs instead.");
  }
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const isSet = (value: unknown): boolean =>
  value !== null &&
  value !== false &&
  value !== "" &&
  !(typeof value === "object" && Object.keys(value).length === 0);

const unobeyed: readonly [string, string][] = [
  ["retryOnFail", "Trying again was not taken over. Give the job a retry policy."],
  ["continueOnFail", "Going on after a failure was not taken over. Draw an edge for failures."],
  ["executeOnce", "The job runs once for each message, with the whole list."],
  ["alwaysOutputData", "The job hands on what its code returns."],
];

/** Nodes that choose where to go on. */
const choosing = /\.(if|switch|filter)$/;

const isStart = (type: string): boolean => /(trigger|\.webhook|\.start|\.cron|\.interval)$/i.test(type);

/** The ways that close a circle, seen from the first node on. */
function closingWays(ways: readonly Way[]): Set<Way> {
  const from = new Map<string, Way[]>();
  for (const way of ways) from.set(way.source, [...(from.get(way.source) ?? []), way]);
  const closing = new Set<Way>();
  const state = new Map<string, "open" | "closed">();
  for (const start of from.keys()) {
    if (state.has(start)) continue;
    const stack: { name: string; rest: Way[] }[] = [{ name: start, rest: [...(from.get(start) ?? [])] }];
    state.set(start, "open");
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const way = top.rest.shift();
      if (!way) {
        state.set(top.name, "closed");
        stack.pop();
      } else if (state.get(way.target) === "open") closing.add(way);
      else if (!state.has(way.target)) {
        state.set(way.target, "open");
        stack.push({ name: way.target, rest: [...(from.get(way.target) ?? [])] });
      }
    }
  }
  return closing;
}
