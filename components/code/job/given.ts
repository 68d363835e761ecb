import type { Word } from "./word";

const openfn = "OpenFn's collections";
const waybill = "Waybill";

const collection = { name: "name", description: "The collection's name." };
const query = {
  name: "query",
  description:
    "A key, a pattern with * for any text, or { key, createdBefore, createdAfter, limit, pageSize, cursor }.",
};

/** What every job has besides its adaptor: the README says the same. */
export const givenOperations: readonly Word[] = [
  {
    name: "collections.get",
    description:
      "Fetches values of a collection: state.data is the value of one key, else a list of keys and values.",
    params: [collection, query],
    from: openfn,
  },
  {
    name: "collections.set",
    description: "Puts one value or many into a collection. A key that is there already gets the new value.",
    params: [
      collection,
      {
        name: "key",
        description: "A key, or a function that makes one of each value: (value, index) => key.",
      },
      { name: "values", description: "A value, or a list of them." },
    ],
    from: openfn,
  },
  {
    name: "collections.each",
    description: "Calls back with each value of a collection that the query finds, a page at a time.",
    params: [collection, query, { name: "callback", description: "(state, value, key) => what you do." }],
    from: openfn,
  },
  {
    name: "collections.remove",
    description: "Removes what the query finds from a collection.",
    params: [collection, query],
    from: openfn,
  },
  {
    name: "bytesOf",
    description:
      "The bytes of the message's body or of one of its files, as a Buffer, in any job of the run.",
    params: [{ name: "reference", description: "state.request.rawBody, or a file of a form." }],
    from: waybill,
  },
  {
    name: "hmac",
    description: "The keyed digest of bytes, to check what a sender signed.",
    params: [
      { name: "algorithm", description: '"sha256", "sha1" or "sha512".' },
      { name: "secret", description: "The key, such as state.configuration.secret." },
      { name: "bytes", description: "A text or a Buffer, such as bytesOf(state.request.rawBody)." },
      { name: "encoding", description: '"hex", unless "base64" is asked for (optional).' },
    ],
    from: waybill,
  },
  {
    name: "sameBytes",
    description: "Says whether two texts or Buffers are the same, in a time that tells nothing about them.",
    params: [
      { name: "a", description: "What was computed." },
      { name: "b", description: "What was sent." },
    ],
    from: waybill,
  },
];
