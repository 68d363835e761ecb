import { firstWord } from "./json-senders";
import { encode, gzipped, type Payload, type Person, people } from "./payload";

type Part = { name: string; text: string } | { name: string; file: string; type: string; bytes: number[] };
type Sender = { name: string; parts: (person: Person) => Part[]; data: (person: Person) => unknown };

const jpeg = [0xff, 0xd8, 0xff, 0xe0, 0x0d, 0x0a, 0x2d, 0x2d, 0x00, 0xff, 0xd9];
const photo = (number: number, name: string) => ({
  name,
  type: "image/jpeg",
  size: jpeg.length,
  file: number,
});

const senders: Sender[] = [
  {
    name: "ODK Collect with a photo",
    parts: ({ name }) => [
      {
        name: "xml_submission_file",
        file: "submission.xml",
        type: "text/xml",
        bytes: [
          ...encode(
            `<?xml version='1.0' ?><data id="visit"><name>${name}</name><photo>1.jpg</photo></data>`,
            "utf-8",
          ),
        ],
      },
      { name: "1.jpg", file: "1.jpg", type: "image/jpeg", bytes: jpeg },
    ],
    data: ({ name }) => ({
      xml_submission_file: { data: { name, photo: "1.jpg", "@id": "visit" } },
      "1.jpg": photo(0, "1.jpg"),
    }),
  },
  {
    name: "Mailgun inbound with attachments",
    parts: ({ name, note, place }) => [
      { name: "sender", text: "clinic@example.org" },
      { name: "subject", text: name },
      { name: "body-plain", text: note },
      { name: "attachment-1", file: `${place}.jpg`, type: "image/jpeg", bytes: jpeg },
      { name: "empty", text: "" },
    ],
    data: ({ name, note, place }) => ({
      sender: "clinic@example.org",
      subject: name,
      "body-plain": note,
      "attachment-1": photo(0, `${place}.jpg`),
      empty: "",
    }),
  },
  {
    name: "a PHP form with nested fields",
    parts: ({ name }) => [
      { name: "visit[patient][name]", text: name },
      { name: "visit[tags][]", text: "a" },
      { name: "visit[tags][]", text: "b" },
      { name: "visit[photos][]", file: "1.jpg", type: "image/jpeg", bytes: jpeg },
      { name: "visit[photos][]", file: "2.jpg", type: "image/jpeg", bytes: jpeg },
    ],
    data: ({ name }) => ({
      visit: { patient: { name }, tags: ["a", "b"], photos: [photo(0, "1.jpg"), photo(1, "2.jpg")] },
    }),
  },
  {
    name: "SendGrid inbound parse",
    parts: ({ name, note }) => [
      { name: "headers", text: "Received: by mx\nDKIM-Signature: v=1" },
      { name: "from", text: `${name} <a@example.org>` },
      { name: "text", text: note },
      { name: "charsets", text: '{"to":"UTF-8"}' },
      { name: "attachments", text: "0" },
    ],
    data: ({ name, note }) => ({
      headers: "Received: by mx\nDKIM-Signature: v=1",
      from: `${name} <a@example.org>`,
      text: note,
      charsets: '{"to":"UTF-8"}',
      attachments: "0",
    }),
  },
];

const boundaries = ["----WebKitFormBoundary7MA4YWxkTrZu0gW", "b", "=_Part 1:2?", "00000000000000000000"];

function written(parts: Part[], boundary: string): Uint8Array {
  const each = parts.map((part) => {
    const isFile = "file" in part;
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${part.name}"${isFile ? `; filename="${part.file}"\r\nContent-Type: ${part.type}` : ""}\r\n\r\n`;
    return Buffer.concat([
      Buffer.from(head),
      Buffer.from(isFile ? part.bytes : encode(part.text, "utf-8")),
      Buffer.from("\r\n"),
    ]);
  });
  return Uint8Array.from(Buffer.concat([...each, Buffer.from(`--${boundary}--\r\n`)]));
}

/** Each sender with every person, with the boundaries that clients make. */
export function multipartPayloads(): Payload[] {
  return senders.flatMap(({ name, parts, data }, index) =>
    people.flatMap((person, number) => {
      const boundary = boundaries[(index + number) % boundaries.length] ?? "b";
      const payload: Payload = {
        name: `${name} of ${person.name}`,
        contentType: `multipart/form-data; boundary="${boundary}"`,
        body: written(parts(person), boundary),
        data: data(person),
        words: [firstWord(person.name)],
      };
      return number === index ? [payload, gzipped(payload)] : [payload];
    }),
  );
}
