import { encode, gzipped, type Payload, type Person, people } from "./payload";

type Sender = { name: string; contentType: string; make: (person: Person) => unknown };

const id = "5f8d04b3-9a1e-4c2b-8d77-0a1b2c3d4e5f";

const senders: Sender[] = [
  {
    name: "GitHub issues opened",
    contentType: "application/json",
    make: ({ name, note, place }) => ({
      action: "opened",
      issue: {
        number: 17,
        title: note,
        user: { login: "octo", name },
        labels: [{ name: place, color: "ededed" }],
        pull_request: null,
      },
      repository: { id: 1296269, full_name: "clinic/records", private: false },
    }),
  },
  {
    name: "Stripe charge.succeeded",
    contentType: "application/json; charset=utf-8",
    make: ({ name, note }) => ({
      id: "evt_1",
      object: "event",
      livemode: false,
      data: {
        object: {
          id: "ch_1",
          amount: 2500,
          billing_details: { name, address: { line2: null } },
          metadata: { note },
        },
      },
      type: "charge.succeeded",
    }),
  },
  {
    name: "WhatsApp Cloud API message",
    contentType: "application/json",
    make: ({ name, note }) => ({
      object: "whatsapp_business_account",
      entry: [
        {
          id: "0",
          changes: [
            {
              field: "messages",
              value: {
                contacts: [{ profile: { name }, wa_id: "2217" }],
                messages: [{ from: "2217", type: "text", text: { body: note } }],
              },
            },
          ],
        },
      ],
    }),
  },
  {
    name: "KoboToolbox REST service submission",
    contentType: "application/json",
    make: ({ name, place, note }) => ({
      _id: 4711,
      "meta/instanceID": `uuid:${id}`,
      "household/head": name,
      "household/village": place,
      "household/members": [{ "household/members/age": "34" }],
      _attachments: [],
      _geolocation: [null, null],
      note,
    }),
  },
  {
    name: "ODK Central entity webhook",
    contentType: "application/json",
    make: ({ name, note }) => ({
      type: "entity.update.version",
      event: `2026-11-24T10:00:00.000Z`,
      id,
      data: { dataset: "people", label: name, data: { note } },
    }),
  },
  {
    name: "CommCare form forwarding",
    contentType: "application/json; charset=utf-8",
    make: ({ name, place }) => ({
      domain: "clinic",
      form: {
        "@xmlns": "http://openrosa.org/formdesigner/A",
        "@name": "Visit",
        "#type": "data",
        case: { "@case_id": id, update: { name, place } },
      },
      received_on: "2026-11-24T10:00:00.000000Z",
    }),
  },
  {
    name: "DHIS2 tracker event",
    contentType: "application/json",
    make: ({ name, place }) => ({
      events: [
        {
          program: "eBAyeGv0exc",
          orgUnit: "DiszpKrYNg8",
          status: "COMPLETED",
          dataValues: [
            { dataElement: "qrur9Dvnyt5", value: name },
            { dataElement: "oZg33kd9taw", value: place },
          ],
        },
      ],
    }),
  },
  {
    name: "FHIR Patient",
    contentType: "application/fhir+json; fhirVersion=4.0",
    make: ({ name, place, note }) => ({
      resourceType: "Patient",
      id: "p1",
      active: true,
      name: [{ text: name }],
      address: [{ city: place, text: note }],
    }),
  },
  {
    name: "FHIR Bundle by its old type",
    contentType: "application/json+fhir",
    make: ({ name }) => ({
      resourceType: "Bundle",
      type: "transaction",
      entry: [
        { fullUrl: `urn:uuid:${id}`, resource: { resourceType: "Practitioner", name: [{ text: name }] } },
      ],
    }),
  },
  {
    name: "M-Pesa STK callback",
    contentType: "application/json",
    make: ({ name }) => ({
      Body: {
        stkCallback: {
          ResultCode: 0,
          ResultDesc: `Received for ${name}`,
          CallbackMetadata: { Item: [{ Name: "Amount", Value: 1.0 }, { Name: "Balance" }] },
        },
      },
    }),
  },
  {
    name: "SurveyCTO webhook",
    contentType: "application/json",
    make: ({ name, place }) => ({
      KEY: `uuid:${id}`,
      formdef_version: "2611240900",
      enum_name: name,
      district: place,
      consent: "1",
    }),
  },
  {
    name: "Salesforce platform event",
    contentType: "application/json;charset=UTF-8",
    make: ({ name, note }) => ({
      schema: "IeRuaY6cbI_HsV8Rv1Mc5g",
      payload: { Full_Name__c: name, Note__c: note, CreatedById: "005" },
      event: { replayId: 9007199254740991 },
    }),
  },
  {
    name: "CloudEvents",
    contentType: "application/cloudevents+json",
    make: ({ name, note }) => ({
      specversion: "1.0",
      type: "org.example.visit",
      source: "/clinic",
      id,
      data: { name, note },
    }),
  },
  {
    name: "JSON:API resource",
    contentType: "application/vnd.api+json",
    make: ({ name, place }) => ({
      data: {
        type: "people",
        id: "9",
        attributes: { name, place },
        relationships: { clinic: { data: null } },
      },
    }),
  },
  {
    name: "Amazon SNS notification",
    contentType: "text/plain; charset=UTF-8",
    make: ({ note, name }) => ({
      Type: "Notification",
      TopicArn: "arn:aws:sns:eu-west-1:0:visits",
      Subject: name,
      Message: JSON.stringify({ note }),
    }),
  },
  {
    name: "curl -d without a type",
    contentType: "application/x-www-form-urlencoded",
    make: ({ name, note }) => ({ name, note }),
  },
  {
    name: "a list of rows",
    contentType: "text/json",
    make: ({ name, place }) => [{ name, place }, [], {}, null, true, -0.5, 1e21],
  },
  {
    name: "OpenMRS concept by bytes alone",
    contentType: "application/octet-stream",
    make: ({ name, note }) => ({
      uuid: id,
      display: name,
      descriptions: [{ description: note }],
      datatype: { display: "N/A" },
    }),
  },
  {
    name: "an HTTP client that accepts anything",
    contentType: "*/*",
    make: ({ name }) => ({ name, constructor: "x", toString: 1, "": "empty key" }),
  },
];

/** Every character that is not ASCII as an escape, as Python's json.dumps writes it. */
const escaped = (json: string): string =>
  json.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Each sender with several people, written in turn as the writers of JSON write it. */
export function jsonPayloads(): Payload[] {
  return senders.flatMap(({ name, contentType, make }, index) =>
    [0, 1, 2, 3].flatMap((offset) => {
      const person = people[(index + offset) % people.length] ?? people[0];
      if (!person) return [];
      const data = make(person);
      const text = JSON.stringify(data, null, offset === 1 ? 2 : undefined);
      const base = { contentType, data: JSON.parse(text) as unknown, words: [firstWord(person.name)] };
      const of = (how: string, body: Uint8Array): Payload => ({ ...base, name: `${name}, ${how}`, body });
      if (offset === 0) return [of("compact", encode(text, "utf-8"))];
      if (offset === 1)
        return [of("indented", encode(text, "utf-8")), gzipped(of("indented", encode(text, "utf-8")))];
      if (offset === 2) return [of("escaped", encode(escaped(text), "utf-8"))];
      return contentType === "application/json"
        ? [of("UTF-16 with a mark", encode(`\ufeff${text}`, "utf-16le"))]
        : [of("after a mark", encode(`\ufeff${text}`, "utf-8"))];
    }),
  );
}

/** A word that is in every field the name went into. */
export const firstWord = (name: string): string => name.split(" ")[0] ?? name;
