import { firstWord } from "./json-senders";
import { encode, type Payload, type Person, people } from "./payload";

type Value = string | Value[] | { [key: string]: Value };
type Sender = { name: string; make: (person: Person) => Record<string, Value> };

const senders: Sender[] = [
  {
    name: "Twilio SMS",
    make: ({ note }) => ({
      ToCountry: "SN",
      SmsMessageSid: "SM1",
      NumMedia: "0",
      Body: note,
      From: "+221770000000",
    }),
  },
  {
    name: "Africa's Talking SMS",
    make: ({ note, name }) => ({
      linkId: "",
      text: `${name}: ${note}`,
      to: "20880",
      id: "e0ba",
      date: "2026-11-24 10:00:00",
    }),
  },
  {
    name: "Mailchimp subscribe",
    make: ({ name, place }) => ({
      type: "subscribe",
      data: { email: "a@example.org", merges: { FNAME: name, CITY: place, INTERESTS: "A,B" } },
    }),
  },
  {
    name: "RapidPro flow",
    make: ({ name, note }) => ({ flow: "1", contact: { urn: "tel:+221", name }, values: [note, "2"] }),
  },
  {
    name: "Mailgun inbound",
    make: ({ name, note }) => ({
      sender: "c@example.org",
      subject: name,
      "body-plain": note,
      "stripped-text": note,
      "message-headers": '[["X","1"]]',
    }),
  },
  {
    name: "Stripe-style parameters",
    make: ({ name }) => ({
      customer: "cus_1",
      items: [{ price: "price_1" }, { price: "price_2" }],
      metadata: { name },
    }),
  },
  {
    name: "Slack command",
    make: ({ note, name }) => ({
      token: "x",
      team_domain: "clinic",
      user_name: name,
      command: "/visit",
      text: note,
    }),
  },
  {
    name: "Frontline SMS Sync",
    make: ({ note }) => ({ secret: "s", sent_timestamp: "1764000000", message: note, device_id: "" }),
  },
  {
    name: "Typeform-like Rails form",
    make: ({ name, place }) => ({
      utf8: "✓",
      visit: { patient: { name, places: [place, "x"] }, done: "1" },
      commit: "Save",
    }),
  },
  {
    name: "PayPal IPN",
    make: ({ name, place }) => ({
      mc_gross: "19.95",
      address_name: name,
      address_city: place,
      txn_id: "61E6",
      payment_status: "Completed",
    }),
  },
];

/** As PHP's http_build_query and jQuery's param name nested fields. */
function pairs(value: Value, name = ""): [string, string][] {
  if (typeof value === "string") return [[name, value]];
  // A list of maps has one field in each: what belongs together cannot be told otherwise.
  if (Array.isArray(value)) return value.flatMap((item) => pairs(item, `${name}[]`));
  return Object.entries(value).flatMap(([key, item]) => pairs(item, name ? `${name}[${key}]` : key));
}

const percent = (bytes: Uint8Array): string =>
  [...bytes]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      if (char === " ") return "+";
      return /[A-Za-z0-9*._-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");

/** Percent-encoded in a charset. */
const written = (fields: [string, string][], charset: string): string =>
  fields.map(([key, text]) => `${percent(encode(key, charset))}=${percent(encode(text, charset))}`).join("&");

const type = "application/x-www-form-urlencoded";

/** Each sender with several people: in UTF-8, in what their names can be written in, and with brackets as they are. */
export function formPayloads(): Payload[] {
  return senders.flatMap(({ name, make }, index) =>
    people.flatMap((person, number) => {
      const data = make(person);
      const fields = pairs(data);
      const words = [
        firstWord(Object.values(data).find((one) => typeof one === "string" && one !== "") as string),
      ];
      const of = (how: string, contentType: string, body: string): Payload => ({
        name: `${name}, ${how}`,
        contentType,
        body: encode(body, "utf-8"),
        data,
        words,
      });
      const made = [
        of(`UTF-8 (${number})`, number % 2 ? type : `${type}; charset=UTF-8`, written(fields, "utf-8")),
      ];
      if (number === index % people.length)
        made.push(
          of(
            "brackets as they are",
            type,
            written(fields, "utf-8").replaceAll("%5B", "[").replaceAll("%5D", "]"),
          ),
        );
      for (const charset of person.charsets.slice(0, 1))
        if (!fields.some(([, text]) => text.includes("✓")))
          made.push(of(`${charset} (${number})`, `${type}; charset=${charset}`, written(fields, charset)));
      return made;
    }),
  );
}
