import { limits } from "@/lib/limits";
import type { ReadingNote } from "@/lib/words";
import type { Json } from "@/lib/workflow/types";

const predefined = new Map(Object.entries({ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }));

/**
 * An XML document as JSON: attributes are `@name`, text beside elements `#text`, repeated elements a list. Character
 * references and XML's own five entities are decoded, once. No other entity is expanded: a document that defines some and
 * uses them is not read (undefined, like one that is not well-formed), a name that nothing defines stays as it is written.
 */
export async function readXml(text: string): Promise<{ value: Json; notes: ReadingNote[] } | undefined> {
  const document = withoutDoctype(text.replace(/^\s+/, ""));
  if (!document || (document.text.match(/</g)?.length ?? 0) > limits.messageElements) return undefined;
  const { XMLParser, XMLValidator } = await import("fast-xml-parser");
  let isKept = false;
  const decode = (value: string): string =>
    value.includes("&")
      ? value.replace(reference, (whole, decimal?: string, hex?: string, name?: string) => {
          const decoded = name === undefined ? character(decimal, hex) : predefined.get(name);
          if (decoded === undefined) isKept = true;
          return decoded ?? whole;
        })
      : value;
  try {
    if (XMLValidator.validate(document.text) !== true) return undefined;
    const parser = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: "@",
      parseTagValue: false,
      ignoreDeclaration: true,
      ignorePiTags: true,
      maxNestedTags: limits.messageLevels - 1,
      // The parser refuses names that JavaScript's objects have a meaning for; with a mark none of them is one.
      transformTagName: (name) => mark + name,
      entityDecoder: {
        decode,
        setExternalEntities() {},
        addInputEntities() {},
        reset() {},
        setXmlVersion() {},
      },
    });
    const value = unmarked(parser.parse(document.text));
    if (!hasOneRoot(value) || (isKept && document.hadDoctype)) return undefined;
    return { value, notes: isKept ? ["entities_kept"] : [] };
  } catch {
    return undefined;
  }
}

/** The validator lets further roots pass when they are empty. */
const hasOneRoot = (value: Json): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.keys(value).length === 1 &&
  !Object.values(value).some(Array.isArray);

/** No name in XML may hold it. The parser puts it twice before an element without content. */
const mark = "\u{f0000}";
const reference = /&(?:#(\d{1,8})|#[xX]([\da-fA-F]{1,6})|([^\s&;#<>]{1,64}));/g;

/** The character of a reference; undefined for what XML allows no document to hold. */
function character(decimal?: string, hex?: string): string | undefined {
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  const isAllowed =
    code === 9 ||
    code === 10 ||
    code === 13 ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff);
  return isAllowed ? String.fromCodePoint(code) : undefined;
}

/** Rebuilds what the parser made with the names that the document has, as own properties whatever they are called. */
function unmarked(value: unknown): Json {
  if (Array.isArray(value)) return value.map(unmarked);
  if (typeof value !== "object" || value === null) return value as Json;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.replaceAll(mark, ""), unmarked(member)]),
  );
}

/** Leaves a document type declaration out, with its internal subset. Undefined when it does not end. */
function withoutDoctype(text: string): { text: string; hadDoctype: boolean } | undefined {
  const start = /^(?:<\?[\s\S]*?\?>|<!--[\s\S]*?-->|\s)*(?=<!DOCTYPE\s)/i.exec(text)?.[0].length;
  if (start === undefined) return { text, hadDoctype: false };
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === '"' || char === "'") at = endOf(text, char, at + 1);
    else if (text.startsWith("<!--", at)) at = endOf(text, "-->", at + 4);
    else if (text.startsWith("<?", at)) at = endOf(text, "?>", at + 2);
    else if (char === "[") depth++;
    else if (char === "]") depth--;
    else if (char === ">" && depth === 0)
      return { text: text.slice(0, start) + text.slice(at + 1), hadDoctype: true };
  }
  return undefined;
}

/** Where the last character of the next `end` stands; past the text when there is none. */
function endOf(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from);
  return at < 0 ? text.length : at + end.length - 1;
}
