import { firstWord } from "./json-senders";
import { encode, type Payload, type Person, people } from "./payload";

type Sender = { name: string; contentType: string; make: (person: Person) => string };

const senders: Sender[] = [
  {
    name: "HL7 v2 ADT",
    contentType: "application/hl7-v2",
    make: ({ name, place }) =>
      `MSH|^~\\&|OPENMRS|CLINIC|LAB|HUB|20261124||ADT^A01|1|P|2.5\rPID|1||42||${name}||||||${place}\r`,
  },
  {
    name: "HL7 v2 over HTTP (HAPI)",
    contentType: "x-application/hl7-v2+er7; charset=UTF-8",
    make: ({ name }) =>
      `MSH|^~\\&|A|B|C|D|20261124||ORU^R01|2|P|2.5||||||UNICODE UTF-8\rOBX|1|ST|^X||${name}\r`,
  },
  {
    name: "CSV export",
    contentType: "text/csv; header=present",
    make: ({ name, place, note }) =>
      `id,name,place,note\r\n1,${name},${place},"${note.replaceAll('"', '""')}"\r\n`,
  },
  {
    name: "lines of JSON",
    contentType: "application/x-ndjson",
    make: ({ name, note }) => `${JSON.stringify({ name })}\n${JSON.stringify({ note })}\n`,
  },
  {
    name: "one line of JSON",
    contentType: "application/jsonl",
    make: ({ name }) => `${JSON.stringify({ name })}\n`,
  },
  { name: "a note", contentType: "text/plain", make: ({ name, note }) => `${name}: ${note}` },
  { name: "YAML", contentType: "application/yaml", make: ({ name }) => `name: ${name}\nlist:\n  - 1\n` },
  {
    name: "HTML",
    contentType: "text/html; charset=utf-8",
    make: ({ name }) => `<!doctype html><p>${name}<br>&eacute;`,
  },
  { name: "broken JSON", contentType: "application/json", make: ({ name }) => `{"name":"${name}",}` },
];

/** Each sender with every person, and once in a charset that their name can be written in. */
export function textPayloads(): Payload[] {
  return senders.flatMap(({ name, contentType, make }) =>
    people.flatMap((person) => {
      const data = make(person);
      const words = [firstWord(person.name)];
      const of = (how: string, type: string, charset: string): Payload => ({
        name: `${name} of ${person.name}, ${how}`,
        contentType: type,
        body: encode(data, charset),
        data,
        words,
      });
      const made = [of("UTF-8", contentType, "utf-8")];
      const [charset] = person.charsets;
      if (charset && !contentType.includes("charset"))
        made.push(of(charset, `${contentType}; charset="${charset}"`, charset));
      return made;
    }),
  );
}
