import { drawing, type Template } from "./template";

const remember = `// Needs a collection called "visits": the owner or an admin makes it in Settings, Collections.
// each() leaves the last item as state.data, so the list is kept beside it.
fn(state => ({ ...state, visits: state.data.visits }));

// Runs the operation once for every item, with that item as state.data.
each(
  $.visits,
  // A key that comes again replaces what was there: sending a list twice does no harm.
  collections.set("visits", visit => \`\${visit.facility}:\${visit.id}\`, $.data),
);
`;

const send = `// One request an item. When one fails the job fails there, and what was sent before stays sent.
each(
  $.visits,
  post("https://registry.example.org/visits", $.data, {
    headers: { "content-type": "application/json" },
  }),
);

fn(state => {
  console.log("Sent", state.visits.length, "visits.");
  return state;
});
`;

export const eachOfAList: Template = {
  key: "each-of-a-list",
  name: "Each of a list",
  does: "Takes a message that holds a list, remembers every item in a collection, and sends each one on.",
  teaches: "each() over a list, and collections, which keep what later runs ask for.",
  sample: {
    kind: "visit-list",
    visits: [
      { id: "V-1", facility: "KE-047", patient: "P-1042" },
      { id: "V-2", facility: "KE-012", patient: "P-1043" },
    ],
  },
  build(kit) {
    const { parts, add } = drawing(kit);
    const filter = add.trigger("message_filter", { inclusion: { kind: "visit-list" } });
    const remembered = add.job("Remember the visits", "common", remember, filter);
    add.job("Send each visit", "http", send, remembered);
    return parts;
  },
};
