import type { Json } from "@/lib/workflow/types";
import { type Cut, valueText } from "./digests";
import { type Mark, saysNothing } from "./marks";

/** An element as it is written. */
type Element = {
  name: string;
  /** Of all of it, and of its tag's attributes. */
  start: number;
  end: number;
  attributes: Span;
  texts: Span[];
  children: Element[];
};
type Span = { start: number; end: number };

/**
 * What is cut out of an XML document, as `readXml` reads it: attributes, an element's text, or an element with its attributes
 * and whatever is in it, comments too. Of elements that come several times each is a value of its own. `value` is what
 * the document means. Undefined when it is not understood.
 */
export function xmlCuts(text: string, value: Json, mark: Mark): Cut[] | undefined {
  const roots = elementsOf(text);
  if (!roots) return undefined;
  const cuts: Cut[] = [];
  cutMembers(text, { texts: [], children: roots }, { value, mark, cuts });
  return cuts.sort((a, b) => a.start - b.start);
}

type At = { value: Json | undefined; mark: Mark; cuts: Cut[] };

function cutMembers(
  text: string,
  element: Pick<Element, "texts" | "children"> & { attributes?: Span },
  { value, mark, cuts }: At,
): void {
  const byName = new Map<string, Element[]>();
  for (const child of element.children) {
    const named = byName.get(child.name);
    if (named) named.push(child);
    else byName.set(child.name, [child]);
  }
  for (const [step, inner] of mark.inner) {
    const member = memberOf(value, step);
    if (typeof step !== "string") continue;
    if (step.startsWith("@"))
      cutAttribute(text, element.attributes, { name: step.slice(1), value: member, cuts });
    else if (step === "#text") cutTexts(element.texts, { value: member, cuts });
    else {
      const named = byName.get(step) ?? [];
      const isList = Array.isArray(member);
      for (const [i, child] of named.entries()) {
        const one = isList ? inner.inner.get(i) : inner;
        const at = inner.isWhole ? inner : one;
        if (at) cutElement(text, child, { value: isList ? member[i] : member, mark: at, cuts });
      }
    }
  }
}

function cutElement(text: string, element: Element, { value, mark, cuts }: At): void {
  const { name, start, end } = element;
  if (!mark.isWhole) cutMembers(text, element, { value, mark, cuts });
  else if (value !== undefined && !saysNothing(value))
    cuts.push({ start, end, value: elementText(value), as: (redacted) => `<${name}>${redacted}</${name}>` });
}

/** An element with nothing but text and attributes is found by its text. */
function elementText(value: Json): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return valueText(value);
  const { "#text": text, ...others } = value;
  const isText = typeof text === "string" && Object.keys(others).every((name) => name.startsWith("@"));
  return valueText(isText ? text : value);
}

/** The first piece of text becomes it all. */
function cutTexts(texts: Span[], { value, cuts }: Omit<At, "mark">): void {
  for (const [i, span] of texts.entries()) cuts.push({ ...span, value: i === 0 ? valueText(value) : null });
}

function cutAttribute(
  text: string,
  attributes: Span | undefined,
  { name, value, cuts }: Omit<At, "mark"> & { name: string },
): void {
  if (!attributes) return;
  const { start, end } = attributes;
  for (const match of text.slice(start, end).matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    if (match[1] !== name) continue;
    const to = start + match.index + match[0].length - 1;
    cuts.push({ start: to - (match[2] ?? match[3] ?? "").length, end: to, value: valueText(value) });
  }
}

function memberOf(value: Json | undefined, step: string | number): Json | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
  return (value as Record<string | number, Json>)[step];
}

/** The roots of a well-formed document, one for all that `readXml` reads; undefined for what is not closed. */
function elementsOf(text: string): Element[] | undefined {
  const top = { texts: [], children: [] } as Pick<Element, "texts" | "children">;
  const open: Element[] = [];
  let at = 0;
  while (at < text.length) {
    const parent = open.at(-1) ?? top;
    if (text[at] !== "<") {
      const end = indexOrEnd(text, "<", at);
      if (text.slice(at, end).trim() !== "") parent.texts.push({ start: at, end });
      at = end;
    } else if (text.startsWith("<!--", at)) at = after(text, "-->", at + 4);
    else if (text.startsWith("<![CDATA[", at)) {
      const end = after(text, "]]>", at + 9);
      parent.texts.push({ start: at, end });
      at = end;
    } else if (text.startsWith("<?", at)) at = after(text, "?>", at + 2);
    else if (text.startsWith("<!", at)) at = doctypeEnd(text, at + 2);
    else if (text[at + 1] === "/") {
      const element = open.pop();
      if (!element) return undefined;
      at = after(text, ">", at);
      element.end = at;
    } else {
      const element = elementAt(text, at);
      if (!element) return undefined;
      parent.children.push(element);
      at = element.end;
      if (text[at - 2] !== "/") open.push(element);
    }
  }
  return open.length === 0 ? top.children : undefined;
}

/** An element whose tag opens here; `end` is the tag's. */
function elementAt(text: string, start: number): Element | undefined {
  const pattern = /[^\s/>]+/y;
  pattern.lastIndex = start + 1;
  const name = pattern.exec(text)?.[0];
  if (name === undefined) return undefined;
  let at = start + 1 + name.length;
  const from = at;
  for (; at < text.length && text[at] !== ">"; at++)
    if (text[at] === '"' || text[at] === "'") at = indexOrEnd(text, text[at] ?? "", at + 1);
  return {
    name,
    start,
    end: at + 1,
    attributes: { start: from, end: at },
    texts: [],
    children: [],
  };
}

/** Of a document type declaration, with its internal subset. */
function doctypeEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === '"' || char === "'") at = indexOrEnd(text, char, at + 1);
    else if (text.startsWith("<!--", at)) at = after(text, "-->", at + 4) - 1;
    else if (text.startsWith("<?", at)) at = after(text, "?>", at + 2) - 1;
    else if (char === "[") depth++;
    else if (char === "]") depth--;
    else if (char === ">" && depth === 0) return at + 1;
  }
  return text.length;
}

const indexOrEnd = (text: string, sign: string, from: number): number => {
  const at = text.indexOf(sign, from);
  return at < 0 ? text.length : at;
};

const after = (text: string, sign: string, from: number): number => {
  const at = text.indexOf(sign, from);
  return at < 0 ? text.length : at + sign.length;
};
