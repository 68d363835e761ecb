import { Document, parse } from "yaml";
import { grammar } from "@/lib/portability/grammar";
import { credentialName, hyphenated } from "@/lib/portability/keys";
import { MapReader } from "@/lib/portability/reader";
import { triggerTypes } from "@/lib/words";
import { type Draft, type Found, Keys } from "./draft";
import { folderOf, pathFrom } from "./folder";

/**
 * A project.yaml whose indentation was lost, as when it is copied from a page; lines that end in ":" may be lost, too.
 * Every line begins at the margin, and names and adaptors stand there, which no sound project.yaml has.
 */
export function isFlat(text: string): boolean {
  if (/^[\t ]+\S/m.test(text)) return false;
  return count(text, /^name:[\t ]+\S/gm) > 1 && count(text, /^adaptor:[\t ]+\S/gm) > 0;
}

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

type Kind = "project" | "credential" | "workflow" | "job" | "trigger" | "edge";
type Item = {
  kind: Kind;
  /** What the line before it said, where that was not lost. */
  key: string | null;
  line: number;
  fields: Map<string, { value: unknown; line: number }>;
};

const sections = ["credentials", "workflows", "jobs", "triggers", "edges", "collections"];
/** Writes such a text as a document of the v1 grammar, put together by its words. */
export function draftFlat(
  { path, shown, text }: { path: string; shown: string | null; text: string },
  draft: Draft,
  found: Found,
): void {
  const items = new Lines(text, shown, found).items();
  const readers = new Map(items.map((item) => [item, readerOf(item, shown, found)]));
  const put = (at: string[], item: Item, except: readonly string[] = []) => {
    const reader = readers.get(item);
    if (!reader) return;
    draft.put(at, new Map(), reader);
    for (const [field, { value }] of item.fields)
      if (!except.includes(field)) draft.put([...at, field], value, reader, field);
  };
  const [project] = items.filter(({ kind }) => kind === "project");
  if (project) {
    const reader = readers.get(project);
    for (const [field, { value }] of project.fields) if (reader) draft.put([field], value, reader, field);
    reader?.noteAll(
      grammar.project,
      "The text has lost its indentation and was put together again by its words. Compare the workflows with what they were.",
    );
  }
  const keys = { credential: new Keys(), workflow: new Keys() };
  let workflow: { at: string[]; jobs: Keys; triggers: Keys; edges: Keys } | null = null;
  const begin = (key: string) => ({
    at: ["workflows", key],
    jobs: new Keys(),
    triggers: new Keys(),
    edges: new Keys(),
  });
  for (const item of items) {
    const said = (field: string) => String(item.fields.get(field)?.value ?? "");
    if (item.kind === "credential")
      put(
        [
          "credentials",
          item.key ??
            keys.credential.of(credentialName({ owner: said("owner"), name: said("name") }), "credential"),
        ],
        item,
      );
    if (item.kind === "workflow") {
      workflow = begin(item.key ?? keys.workflow.of(said("name"), "workflow"));
      put(workflow.at, item);
    }
    if (item.kind === "project" || item.kind === "credential" || item.kind === "workflow") continue;
    workflow ??= begin(hyphenated(String(project?.fields.get("name")?.value ?? "workflow")));
    if (item.kind === "job") {
      const at = [...workflow.at, "jobs", item.key ?? workflow.jobs.of(said("name"), "job")];
      put(at, item, ["path"]);
      const reader = readers.get(item);
      const code = item.fields.get("path")?.value;
      if (reader && typeof code === "string")
        draft.put(
          [...at, "body"],
          new Map([["path", pathFrom(folderOf(path), code) ?? code]]),
          reader,
          "path",
        );
      const credential = item.fields.get("credential")?.value;
      if (reader && typeof credential === "string" && !draft.has(["credentials", credential]))
        draft.put(
          ["credentials", credential],
          new Map(Object.entries({ name: credential, owner: "" })),
          reader,
          "credential",
        );
    } else if (item.kind === "trigger")
      put([...workflow.at, "triggers", item.key ?? workflow.triggers.of(said("type"), "trigger")], item);
    else {
      const source = said("source_trigger") || said("source_job");
      put(
        [...workflow.at, "edges", item.key ?? workflow.edges.of(`${source}->${said("target_job")}`, "edge")],
        item,
      );
    }
  }
}

function readerOf(item: Item, shown: string | null, found: Found): MapReader {
  const source = {
    document: new Document(),
    lineOf: (path: readonly string[]) => item.fields.get(path.at(-1) ?? "")?.line ?? item.line,
    file: () => shown,
    nodeAt: () => null,
  };
  const data = Object.fromEntries([...item.fields].map(([field, { value }]) => [field, value]));
  return new MapReader(source, found, [item.key ?? String(data.name ?? item.kind)], data);
}

/** `key: value`, or `key:` with nothing behind it. */
const pair = /^("[^"]+"|'[^']+'|[^\s:"'{}[\],][^:]*?)\s*:(?:\s+(.*))?$/;

/** Reads lines one by one, each by its own words and those that follow. */
class Lines {
  readonly #lines: string[];
  readonly #items: Item[] = [];
  /** What a line that ended in ":" has said of the next thing. */
  #key: { key: string; line: number } | null = null;

  constructor(
    text: string,
    readonly shown: string | null,
    readonly found: Found,
  ) {
    this.#lines = text.split(/\r?\n/).map((line) => line.trimEnd());
  }

  items(): Item[] {
    for (let at = 0; at < this.#lines.length; ) at = this.#read(at);
    return this.#items;
  }

  /** Reads what begins at a line, and returns where the next thing does. */
  #read(at: number): number {
    const line = this.#lines[at] ?? "";
    if (line === "" || line.startsWith("#") || line === "---") return at + 1;
    const [, written, value = ""] = pair.exec(line) ?? [];
    if (written === undefined) {
      this.#problem(
        at,
        "This line has no place in a project.yaml whose indentation was lost. Paste the text as it was.",
      );
      return at + 1;
    }
    const key = String(scalar(written));
    if (/^[|>][-+\d]*$/.test(value)) {
      const end = this.#endOfBlock(at + 1);
      const code = this.#lines
        .slice(at + 1, end)
        .join("\n")
        .trimEnd();
      this.#field(key, value.includes("-") ? code : `${code}\n`, at);
      return end;
    }
    if (value !== "") this.#field(key, scalar(value), at);
    else if (sections.includes(key)) this.#key = null;
    else if (key !== "body" && key !== "description") this.#key = { key, line: at };
    return at + 1;
  }

  #field(field: string, value: unknown, at: number): void {
    const kind = this.#begins(field, value, at);
    const current = this.#items.at(-1);
    if (kind === null && current) {
      if (current.fields.has(field))
        this.#problem(at, `"${field}" stands twice in one ${current.kind}: what it belongs to was lost.`);
      current.fields.set(field, { value, line: at + 1 });
      return;
    }
    const item: Item = {
      kind: kind ?? "project",
      key: this.#key?.key ?? null,
      line: at + 1,
      fields: new Map(),
    };
    item.fields.set(field, { value, line: at + 1 });
    this.#items.push(item);
    this.#key = null;
  }

  /** What a field begins, or null where it belongs to what has begun. */
  #begins(field: string, value: unknown, at: number): Kind | null {
    const current = this.#items.at(-1);
    if (field === "source_trigger" || field === "source_job") return "edge";
    if (field === "type" && current?.kind !== "trigger") return "trigger";
    if (field === "type")
      return triggerTypes.some((type) => type === value) && current?.fields.has("type") ? "trigger" : null;
    if (field === "owner")
      return current?.kind === "credential" && !current.fields.has("owner") ? null : "credential";
    if (field !== "name") return null;
    if (current?.kind === "credential" && !current.fields.has("name")) return null;
    const next = this.#next(at + 1);
    if (next.startsWith("adaptor:")) return "job";
    if (next.startsWith("owner:")) return "credential";
    return this.#items.length === 0 ? "project" : "workflow";
  }

  /** The next line that is not empty. */
  #next(at: number): string {
    for (let n = at; n < this.#lines.length; n++) if (this.#lines[n] !== "") return this.#lines[n] ?? "";
    return "";
  }

  /** A block of code goes on until something stands there that begins an item, or another field of the job. */
  #endOfBlock(at: number): number {
    for (let n = at; n < this.#lines.length; n++) if (this.#endsBlock(n)) return n;
    return this.#lines.length;
  }

  #endsBlock(at: number): boolean {
    const line = this.#lines[at] ?? "";
    if (/[,;({]$/.test(line)) return false;
    if (/^(source_trigger|source_job|target_job): \S/.test(line)) return true;
    const next = this.#next(at + 1);
    if (/^name: \S/.test(line)) return /^(adaptor:|owner:|jobs:$|name:|[^\s:]+:$)/.test(next);
    if (/^type: (webhook|cron|kafka|message_filter|flow|catch)$/.test(line)) return true;
    if (/^(adaptor|credential|enabled|keychain_credential|condition_label): /.test(line)) return true;
    if (sections.some((section) => line === `${section}:`)) return true;
    return (
      /^\S[^:]*:$/.test(line) &&
      /^(name|type|source_trigger|source_job): \S/.test(next) &&
      !next.endsWith(",")
    );
  }

  #problem(at: number, message: string): void {
    const named = this.shown === null ? {} : { file: this.shown };
    this.found.problems.push({ path: "project", message, line: at + 1, ...named });
  }
}

/** One value in a line: text but for the words of YAML. */
function scalar(text: string): unknown {
  const value = text.trim();
  if (/^(".*"|'.*')$/.test(value)) {
    try {
      return parse(value);
    } catch {
      return value;
    }
  }
  if (value === "true" || value === "false") return value === "true";
  return value === "null" || value === "~" ? null : value;
}
