import { firstWord } from "./json-senders";
import { encode, gzipped, type Payload, type Person, people } from "./payload";

type Node = { name: string; attributes: Record<string, string>; children: (Node | string)[] };
type Sender = { name: string; contentType: string; make: (person: Person) => Node };
type Json = string | Json[] | { [key: string]: Json };

const el = (name: string, attributes: Record<string, string> = {}, ...children: (Node | string)[]): Node => ({
  name,
  attributes,
  children,
});
const field = (name: string, text: string): Node => el(name, {}, text);

const senders: Sender[] = [
  {
    name: "ODK submission",
    contentType: "text/xml",
    make: ({ name, place }) =>
      el(
        "data",
        { id: "household", version: "3", "xmlns:h": "http://www.w3.org/1999/xhtml" },
        el("meta", {}, field("instanceID", "uuid:1")),
        field("name", name),
        field("village", place),
        el("photo"),
      ),
  },
  {
    name: "Salesforce outbound message",
    contentType: "text/xml; charset=utf-8",
    make: ({ name }) =>
      el(
        "soapenv:Envelope",
        { "xmlns:soapenv": "http://schemas.xmlsoap.org/soap/envelope/" },
        el(
          "soapenv:Body",
          {},
          el(
            "notifications",
            { xmlns: "http://soap.sforce.com/2005/09/outbound" },
            field("OrganizationId", "00D"),
            el(
              "Notification",
              {},
              field("Id", "04l"),
              el("sObject", { "xsi:type": "sf:Contact" }, field("sf:Name", name)),
            ),
          ),
        ),
      ),
  },
  {
    name: "CommCare case block",
    contentType: "application/xml",
    make: ({ name, note }) =>
      el(
        "case",
        { case_id: "1", user_id: "", xmlns: "http://commcarehq.org/case/transaction/v2" },
        el("update", {}, field("name", name), field("note", note)),
      ),
  },
  {
    name: "FHIR Observation",
    contentType: "application/fhir+xml",
    make: ({ name, note }) =>
      el(
        "Observation",
        { xmlns: "http://hl7.org/fhir" },
        el("id", { value: "o1" }),
        el("performer", {}, el("display", { value: name })),
        el("note", {}, el("text", { value: note.replace(/\s/g, " ") })),
      ),
  },
  {
    name: "DHIS2 dataValueSet",
    contentType: "application/xml; charset=UTF-8",
    make: ({ name }) =>
      el(
        "dataValueSet",
        { xmlns: "http://dhis2.org/schema/dxf/2.0", period: "202611" },
        el("dataValue", { dataElement: "f7n", value: "12" }),
        el("dataValue", { dataElement: "Ix2", value: "14", comment: name }),
      ),
  },
  {
    name: "Atom feed entry",
    contentType: "application/atom+xml",
    make: ({ name, note }) =>
      el(
        "entry",
        { xmlns: "http://www.w3.org/2005/Atom" },
        el("title", { type: "text" }, note.trim()),
        el("author", {}, field("name", name)),
        el("link", { href: "http://example.org/?a=1&b=2" }),
      ),
  },
  {
    name: "Moodle-like mixed content",
    contentType: "application/xml",
    make: ({ name, place }) =>
      el("p", {}, "Dear", field("b", name), "of", field("i", place), field("i", "x")),
  },
];

/** The convention: attributes are `@name`, text beside elements `#text`, repeated elements a list. */
function view({ attributes, children }: Node): Json {
  const object: { [key: string]: Json } = {};
  let text = "";
  for (const child of children) {
    if (typeof child === "string") text += child.trim();
    else {
      const before = object[child.name];
      const one = view(child);
      object[child.name] = before === undefined ? one : [...(Array.isArray(before) ? before : [before]), one];
    }
  }
  for (const [name, value] of Object.entries(attributes)) object[`@${name}`] = value.trim();
  if (Object.keys(object).length === 0) return text;
  return text === "" ? object : { ...object, "#text": text };
}

type Escape = (text: string) => string;
const marks: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};
const named: Escape = (text) => text.replace(/[&<>"']/g, (char) => marks[char] ?? char);
/** As Python's lxml writes ASCII. */
const decimal: Escape = (text) => named(text).replace(/[^\0-\x7f]/gu, (char) => `&#${char.codePointAt(0)};`);
const hexadecimal: Escape = (text) =>
  text.replace(/[^\0-\x7f]|[&<>"']/gu, (char) => `&#x${char.codePointAt(0)?.toString(16).toUpperCase()};`);
const cdata: Escape = (text) => `<![CDATA[${text}]]>`;

function text(node: Node, ofText: Escape, ofAttributes: Escape = ofText): string {
  const attributes = Object.entries(node.attributes).map(
    ([name, value]) => ` ${name}="${ofAttributes(value)}"`,
  );
  const children = node.children.map((child) =>
    typeof child === "string" ? ofText(child.trim()) : text(child, ofText, ofAttributes),
  );
  const start = `<${node.name}${attributes.join("")}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join("")}</${node.name}>`;
}

/** Each sender with every person, written in turn as the writers of XML write it. */
export function xmlPayloads(): Payload[] {
  return senders.flatMap(({ name, contentType, make }) =>
    people.flatMap((person) => {
      const root = make(person);
      const base = { contentType, data: { [root.name]: view(root) }, words: [firstWord(person.name)] };
      const of = (how: string, body: Uint8Array, type = contentType): Payload => ({
        ...base,
        name: `${name} of ${person.name}, ${how}`,
        contentType: type,
        body,
      });
      const declared = (charset: string) => `<?xml version="1.0" encoding="${charset}"?>\n`;
      const made = [
        of("decimal references", encode(declared("ASCII") + text(root, decimal), "utf-8")),
        of("hexadecimal references", encode(text(root, hexadecimal), "utf-8")),
        gzipped(of("UTF-8", encode(declared("UTF-8") + text(root, named), "utf-8"))),
        of("CDATA", encode(text(root, cdata, named), "utf-8")),
      ];
      const plain = contentType.split(";")[0] ?? "";
      for (const charset of person.charsets) {
        made.push(
          of(`${charset} by its declaration`, encode(declared(charset) + text(root, named), charset), plain),
        );
        made.push(
          of(`${charset} by its type`, encode(text(root, named), charset), `${plain}; charset=${charset}`),
        );
      }
      if (person.charsets.length === 0)
        made.push(of("UTF-16", encode(`\ufeff${declared("UTF-16")}${text(root, named)}`, "utf-16be"), plain));
      return made;
    }),
  );
}
