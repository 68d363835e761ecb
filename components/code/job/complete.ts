import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  type CompletionSource,
  snippetCompletion,
} from "@codemirror/autocomplete";
import { type MemberPath, memberPathBefore } from "./member-path";
import { membersOf, valueAt } from "./sample";
import { snippetOf } from "./snippet";
import { rootValue } from "./state-scope";
import { nodeAt } from "./tree";
import type { Vocabulary } from "./vocabulary";
import { signatureOf, type Word } from "./word";

export type Knowledge = {
  vocabulary: Vocabulary;
  /** The state that the job would get; undefined while none is chosen. */
  sample: unknown;
};

/** Draws what is known of a word, beside the list and on hover. */
export type Draw = (word: Word) => Node;

const quiet = new Set([
  "String",
  "TemplateString",
  "LineComment",
  "BlockComment",
  "RegExp",
  "PropertyDefinition",
]);

/** Whether words of the language mean anything here: not in a text or a comment. */
const isCode = (context: CompletionContext): boolean =>
  !quiet.has(nodeAt(context.state, context.pos, -1).name);

/** Whether a text is a key in brackets. */
const isKey = (context: CompletionContext): boolean => {
  const node = nodeAt(context.state, context.pos, -1);
  return node.name === "String" && node.parent?.name === "MemberExpression";
};

/** Completes operations, with snippets of their parameters. `know` is asked at each completion. */
export const operationSource =
  (know: () => Knowledge, draw: Draw): CompletionSource =>
  (context) => {
    if (!isCode(context)) return null;
    const word = context.matchBefore(/[\w$]+(?:\.[\w$]*)?/);
    if (!word && !context.explicit) return null;
    const before = word?.text ?? "";
    const from = word?.from ?? context.pos;
    const previous = context.state.sliceDoc(Math.max(0, from - 1), from);
    if (previous === "." || /^\d/.test(before)) return null;
    const isCall = context.state.sliceDoc(context.pos, context.pos + 1) === "(";
    const options = operationOptions(know().vocabulary, before, isCall, draw);
    return options.length === 0 ? null : { from, options, validFor: /^[\w$]*(?:\.[\w$]*)?$/ };
  };

/** The operations as completions. `isCalled`: its arguments are there already, so only the name is put in. */
export function operationOptions(
  { words }: Vocabulary,
  before: string,
  isCalled: boolean,
  draw: Draw,
): Completion[] {
  const owner = before.includes(".") ? before.slice(0, before.indexOf(".") + 1) : null;
  const found: Completion[] = [];
  for (const word of words.values()) {
    if (owner !== null && !word.name.startsWith(owner)) continue;
    const option: Completion = {
      label: word.name,
      detail: signatureOf(word).slice(word.name.length),
      type: "function",
      boost: 2,
      info: () => draw(word),
    };
    found.push(isCalled ? option : snippetCompletion(snippetOf(word), option));
  }
  return found;
}

/** Completes what the sample holds after `state.`, `$.` and the state's other names. */
export const stateSource =
  (know: () => Knowledge): CompletionSource =>
  (context) => {
    const { doc } = context.state;
    const start = Math.max(0, context.pos - 2_000);
    const found = memberPathBefore(doc.sliceString(start, context.pos));
    if (!found || !(found.form === "quoted" ? isKey(context) : isCode(context))) return null;
    const at = { ...found, from: found.from + start, mark: found.mark + start, start: found.start + start };
    const sample = know().sample;
    if (sample === undefined) return null;
    const value = valueAt(rootValue(context.state, at, sample), at.path);
    return stateOptions(value, at, doc.sliceString(context.pos, context.pos + 2));
  };

const methods: Completion[] = [
  ["length", "how many there are"],
  ["map", "(item => …)"],
  ["filter", "(item => …)"],
  ["find", "(item => …)"],
  ["forEach", "(item => …)"],
  ["some", "(item => …)"],
].map(([label = "", detail = ""]) => ({
  label,
  detail,
  type: label === "length" ? "property" : "method",
  boost: -1,
}));

/** The members of a value of the sample as completions of a path that is being written. `after`: what follows the cursor. */
export function stateOptions(
  value: unknown,
  path: Pick<MemberPath, "from" | "mark" | "form" | "quote">,
  after: string,
): CompletionResult | null {
  const members = membersOf(value);
  const { form, from, mark, quote } = path;
  if (form !== "dot") {
    const close = form === "quoted" ? `${quote ?? ""}]` : "]";
    const rest = after.startsWith(close) ? close.length : after.startsWith(close.charAt(0)) ? 1 : 0;
    const options = members.flatMap(({ key, detail }): Completion[] => {
      if (form === "quoted" && typeof key === "number") return [];
      const label = form === "quoted" ? String(key) : JSON.stringify(key);
      const text =
        form === "quoted"
          ? JSON.stringify(key)
              .slice(1, -1)
              .replaceAll("'", quote === "'" ? "\\'" : "'")
          : label;
      return [{ label, detail, type: "property", boost: 3, apply: put(text + close, from, rest) }];
    });
    return options.length === 0
      ? null
      : { from, options, validFor: form === "quoted" ? /^[^"'\n\\]*$/ : /^[\w"]*$/ };
  }
  const options = members.map(({ key, written, detail }): Completion => {
    const option: Completion = { label: String(key), detail, type: "property", boost: 3 };
    if (written.startsWith(".")) return option;
    return { ...option, label: written, displayLabel: written, apply: put(written, mark, 0) };
  });
  const all = Array.isArray(value) ? [...options, ...methods] : options;
  return all.length === 0 ? null : { from, options: all, filter: true, validFor: /^[\w$]*$/ };
}

/** Puts a text in from a place on, over the cursor and `rest` characters after it. */
const put =
  (text: string, from: number, rest: number): NonNullable<Completion["apply"]> =>
  (view, _completion, _from, to) => {
    view.dispatch({
      changes: { from, to: to + rest, insert: text },
      selection: { anchor: from + text.length },
      userEvent: "input.complete",
    });
  };
